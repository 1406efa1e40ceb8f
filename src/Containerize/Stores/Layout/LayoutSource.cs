using Containerize.Images;

namespace Containerize.Stores.Layout;

/// <summary>A base image in a folder in the OCI image layout. Its layers are read where they lie.</summary>
/// <param name="location">The base image as the plan names it, for errors.</param>
/// <param name="folder">The folder.</param>
/// <param name="name">The image's name there; null for the only one that there is.</param>
internal sealed class LayoutSource(string location, string folder, string? name) : IImageSource
{
    private readonly OciLayout _layout = new(folder);

    /// <inheritdoc/>
    public Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken) =>
        _layout.ReadAsync(location, name, platform, cancellationToken);

    /// <inheritdoc/>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) => _layout.LayerOf(descriptor, diffId);
}
