using System.Text;
using Containerize.Images;
using Containerize.Testing.Registries.Content;

namespace Containerize.Tests.Support;

/// <summary>A layer that lies in memory, and remembers how often it was opened.</summary>
internal sealed class MemoryLayer : ILayer
{
    private readonly Func<Stream> _open;
    private int _opened;

    public MemoryLayer(TestLayer layer, string mediaType = MediaTypes.OciLayerGzip, BlobSource? source = null)
        : this(
            new Descriptor(mediaType, Digest.Parse(layer.Digest), layer.Gzip.Length),
            Digest.Parse(layer.DiffId),
            () => new MemoryStream(layer.Gzip),
            source)
    {
    }

    public MemoryLayer(Descriptor descriptor, Digest diffId, Func<Stream> open, BlobSource? source = null)
    {
        Descriptor = descriptor;
        DiffId = diffId;
        Source = source;
        _open = open;
    }

    public Descriptor Descriptor { get; }

    public Digest DiffId { get; }

    public BlobSource? Source { get; }

    public int Opened => _opened;

    public Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _opened);
        return Task.FromResult(_open());
    }
}

/// <summary>Small valid images in memory.</summary>
internal static class MemoryImages
{
    public static TestLayer Layer(string content) => TestLayer.Of(TarItem.Directory("app"), TarItem.File("app/content", content));

    /// <summary>An image whose layers have these contents.</summary>
    public static Image Of(params string[] contents) => Of([.. contents.Select(content => new MemoryLayer(Layer(content)))]);

    public static Image Of(params ILayer[] layers)
    {
        var diffIds = string.Join(',', layers.Select(layer => $"\"{layer.DiffId}\""));
        return WithConfig($$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""", ImageFormat.Oci, layers);
    }

    public static Image WithConfig(string json, ImageFormat format, params ILayer[] layers)
    {
        var config = ImageConfig.Read(
            new ImageDocument(format == ImageFormat.Docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, Encoding.UTF8.GetBytes(json)));
        return new Image(
            ImageManifest.Create(format, config.Document.Descriptor, [.. layers.Select(layer => layer.Descriptor)]), config, layers);
    }
}
