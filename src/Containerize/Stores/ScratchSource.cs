using Containerize.Images;

namespace Containerize.Stores;

/// <summary>The base that holds nothing.</summary>
internal sealed class ScratchSource : IImageSource
{
    /// <summary>An image without layers.</summary>
    public static Image ImageFor(Platform platform)
    {
        var config = ImageConfig.Empty(platform);
        return new Image(ImageManifest.Create(ImageFormat.Oci, config.Document.Descriptor, []), config, []);
    }

    /// <inheritdoc/>
    public Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken) => Task.FromResult(ImageFor(platform));

    /// <inheritdoc/>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) => throw new IOException($"An empty base has no layer {descriptor.Digest}");
}
