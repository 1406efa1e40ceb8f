using System.IO.Compression;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;
using Containerize.Tests.Layers.Compression;
using Containerize.Tests.Support;
using ZstdSharp;

namespace Containerize.Tests.Layers;

public sealed class LayerBuilderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LayerCache _cache;
    private readonly IReadOnlyList<LayerEntry> _entries;

    public LayerBuilderTests()
    {
        _cache = new LayerCache(_folder["cache"]);
        _entries =
        [
            LayerEntry.Directory("app"),
            new LayerEntry(
                "app/a", LayerEntryKind.File, _folder.Write("a", ParallelBlockStreamTests.Content(2_500_000)), LayerEntry.FileMode),
        ];
    }

    private string Blobs => Path.Combine(_folder.Path, "cache", "sha256");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ImageFormat.Oci, MediaTypes.OciLayerGzip)]
    [InlineData(ImageFormat.Docker, MediaTypes.DockerLayerGzip)]
    public async Task A_layer_says_what_its_bytes_are(ImageFormat format, string mediaType)
    {
        var layer = await BuildAsync(format);
        var blob = await ReadAsync(layer);
        var tar = Inflate(blob);
        Assert.Equal(Descriptor.Of(mediaType, blob), layer.Descriptor);
        Assert.Equal(Digest.Of(tar), layer.DiffId);
        Assert.Equal(await Tars.WriteAsync(_entries), tar);
        Assert.Null(layer.Source);
        Assert.Equal(["app/", "app/a"], Tars.Read(tar).Select(entry => entry.Name));
    }

    [Theory]
    [InlineData(CompressionMethod.Zstd, ImageFormat.Oci, MediaTypes.OciLayerZstd)]
    [InlineData(CompressionMethod.None, ImageFormat.Oci, MediaTypes.OciLayer)]
    [InlineData(CompressionMethod.None, ImageFormat.Docker, MediaTypes.DockerLayer)]
    public async Task A_layer_says_how_it_is_compressed(CompressionMethod method, ImageFormat format, string mediaType)
    {
        var layer = await BuildAsync(format, LayerCompression.Of(method));
        var blob = await ReadAsync(layer);
        var tar = method == CompressionMethod.Zstd ? Unpack(new DecompressionStream(new MemoryStream(blob))) : blob;
        Assert.Equal(Descriptor.Of(mediaType, blob), layer.Descriptor);
        Assert.Equal(Digest.Of(tar), layer.DiffId);
        Assert.Equal(await Tars.WriteAsync(_entries), tar);
    }

    [Fact]
    public async Task Layers_that_are_compressed_in_different_ways_are_told_apart()
    {
        LayerCompression[] ways =
        [
            LayerCompression.Default, LayerCompression.Of(CompressionMethod.Zstd), LayerCompression.Of(CompressionMethod.None),
            new(CompressionMethod.Gzip, 1), new(CompressionMethod.Zstd, 19),
        ];
        var first = new List<Digest>();
        foreach (var way in ways)
            first.Add((await BuildAsync(ImageFormat.Oci, way)).Descriptor.Digest);
        Assert.Equal(ways.Length, first.Distinct().Count());

        // Now from the cache.
        foreach (var (way, digest) in ways.Zip(first))
            Assert.Equal(digest, (await BuildAsync(ImageFormat.Oci, way)).Descriptor.Digest);
        Assert.Equal(ways.Length, Directory.GetFiles(Blobs).Length);
    }

    [Fact]
    public async Task Docker_s_format_has_no_zstd() => await Assert.ThrowsAsync<NotSupportedException>(
        () => BuildAsync(ImageFormat.Docker, LayerCompression.Of(CompressionMethod.Zstd)));

    [Fact]
    public async Task A_layer_can_be_read_many_times()
    {
        var layer = await BuildAsync();
        Assert.Equal(await ReadAsync(layer), await ReadAsync(layer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task The_number_of_threads_does_not_matter(int threads)
    {
        var expected = await BuildAsync();
        var other = await new LayerBuilder(new LayerCache(_folder["other"]), threads).BuildAsync(_entries, ImageFormat.Oci, default);
        Assert.Equal((expected.Descriptor, expected.DiffId), (other.Descriptor, other.DiffId));
    }

    [Fact]
    public async Task A_known_layer_is_not_compressed_again()
    {
        var first = await BuildAsync();
        var marked = Age(first);
        var second = await BuildAsync();
        Assert.Equal((first.Descriptor, first.DiffId), (second.Descriptor, second.DiffId));
        Assert.Equal(marked, File.GetLastWriteTimeUtc(Blob(first)));
        Assert.Equal([first.Descriptor.Digest.Hex], Directory.GetFiles(Blobs).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_layer_that_the_destination_has_lost_is_made_again_where_the_same_bytes_come_out(bool isSame)
    {
        var own = await BuildAsync();
        var there = isSame ? own.Descriptor : new Descriptor(own.Descriptor.MediaType, Digest.Of("by another zlib"u8), 15);
        var known = new Lost(
            new MemoryLayer(
                there, own.DiffId, () => throw new InvalidOperationException("It is lost."), new BlobSource("r.example", "app")));

        var layer = await new LayerBuilder(new LayerCache(_folder["another"]), 2, known).BuildAsync(_entries, ImageFormat.Oci, default);

        Assert.Equal((there, own.DiffId, known.Layer.Source), (layer.Descriptor, layer.DiffId, layer.Source));
        Assert.False(Directory.Exists(_folder["another/sha256"]) && Directory.EnumerateFiles(_folder["another/sha256"]).Any());
        if (isSame)
            Assert.Equal(await ReadAsync(own), await ReadAsync(layer));
        else
            Assert.Equal("It is lost.", (await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(layer))).Message);
    }

    private sealed record Lost(ILayer Layer) : IKnownLayers
    {
        public bool Holds(Digest blob) => blob == Layer.Descriptor.Digest;

        public Task<ILayer?> FindAsync(Digest diffId, CancellationToken cancellationToken) =>
            Task.FromResult(diffId == Layer.DiffId ? Layer : null);
    }

    [Fact]
    public async Task Both_formats_share_their_bytes()
    {
        var first = await BuildAsync();
        var marked = Age(first);
        var second = await BuildAsync(ImageFormat.Docker);
        Assert.Equal(first.Descriptor.Digest, second.Descriptor.Digest);
        Assert.Equal(MediaTypes.DockerLayerGzip, second.Descriptor.MediaType);
        Assert.Equal(marked, File.GetLastWriteTimeUtc(Blob(first)));
    }

    [Fact]
    public async Task Another_content_is_another_layer()
    {
        var first = await BuildAsync();
        _folder.Write("a", "other");
        var second = await BuildAsync();
        Assert.NotEqual(first.DiffId, second.DiffId);
        Assert.NotEqual(first.Descriptor.Digest, second.Descriptor.Digest);
        Assert.Equal(2, Directory.GetFiles(Blobs).Length);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("short")]
    [InlineData("long")]
    [InlineData("damaged")]
    [InlineData("note damaged")]
    [InlineData("note empty")]
    [InlineData("note of another")]
    public async Task What_is_damaged_is_built_again(string damage)
    {
        var first = await BuildAsync();
        var expected = await ReadAsync(first);
        var note = Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "cache", "diffids"), "*", SearchOption.AllDirectories));
        switch (damage)
        {
            case "missing": File.Delete(Blob(first)); break;
            case "short": File.WriteAllBytes(Blob(first), expected[..^1]); break;
            case "long": File.WriteAllBytes(Blob(first), [.. expected, 0]); break;
            case "damaged": File.WriteAllBytes(Blob(first), new byte[expected.Length]); break; // What a power cut leaves.
            case "note damaged": File.WriteAllText(note, "sha256:../../x 12"); break;
            case "note empty": File.WriteAllText(note, ""); break;
            default: File.WriteAllText(note, $"{Digest.Of([])} 0"); break;
        }

        var second = await BuildAsync();
        Assert.Equal(first.Descriptor, second.Descriptor);
        Assert.Equal(expected, await ReadAsync(second));
    }

    [Fact]
    public async Task A_failure_leaves_nothing_in_the_cache()
    {
        await Failing.WithAsync(
            ErrorCodes.FileUnreadable,
            () => new LayerBuilder(_cache, 2).BuildAsync(
                [.. _entries, new LayerEntry("app/z", LayerEntryKind.File, _folder["missing"], LayerEntry.FileMode)],
                ImageFormat.Oci,
                default));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "cache"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing_in_the_cache()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new LayerBuilder(_cache, 2).BuildAsync(_entries, ImageFormat.Oci, cancelled.Token));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "cache"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Bytes_that_change_behind_its_back_are_not_served()
    {
        var layer = await BuildAsync();
        File.WriteAllBytes(Blob(layer), new byte[layer.Descriptor.Size]);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(layer));
        Assert.Contains(layer.Descriptor.Digest.ToString(), e.Message, StringComparison.Ordinal);
    }

    internal static async Task<byte[]> ReadAsync(ILayer layer)
    {
        await using var stream = await layer.OpenAsync(default);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private static byte[] Inflate(byte[] blob) => Unpack(new GZipStream(new MemoryStream(blob), CompressionMode.Decompress));

    private static byte[] Unpack(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    private Task<ILayer> BuildAsync(ImageFormat format = ImageFormat.Oci, LayerCompression? compression = null) =>
        new LayerBuilder(_cache, 2, compression: compression).BuildAsync(_entries, format, default);

    private string Blob(ILayer layer) => Path.Combine(Blobs, layer.Descriptor.Digest.Hex);

    // A file that is written anew would lose this.
    private DateTime Age(ILayer layer)
    {
        File.SetLastWriteTimeUtc(Blob(layer), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        return File.GetLastWriteTimeUtc(Blob(layer));
    }
}
