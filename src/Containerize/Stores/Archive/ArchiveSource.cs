using Containerize.Images;

namespace Containerize.Stores.Archive;

/// <summary>
/// A base image in an archive, which is unpacked before it is read if it is compressed as a whole. Layers of an OCI archive are read where
/// they lie; those of Docker's and of compressed archives are imported.
/// </summary>
/// <param name="location">The base image as the plan names it, for errors.</param>
/// <param name="path">The archive.</param>
/// <param name="kind">How it lists its images.</param>
/// <param name="name">The image's name there; null for the only one that there is.</param>
/// <param name="imported">Where imported layers lie.</param>
internal sealed class ArchiveSource(string location, string path, ArchiveKind kind, string? name, ImportedImages imported) : IImageSource
{
    private readonly Lazy<Func<Descriptor, Digest, ILayer>> _layers = new(() => ImageArchive.LayersOf(path));

    /// <inheritdoc/>
    public async Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken)
    {
        if (!ImageArchive.IsGzip(location, path))
            return await ReadAsync(path).ConfigureAwait(false);
        return await imported.GetAsync(
            $"{kind}\n{Digest.OfFile(path)}\n{name}\n{platform}",
            async folder =>
            {
                var tar = Path.Combine(folder, "image.tar");
                await ImageArchive.UnpackAsync(location, path, tar, cancellationToken).ConfigureAwait(false);
                var image = await ReadAsync(tar).ConfigureAwait(false);
                var layers = new List<ILayer>();
                foreach (var layer in image.Layers)
                    layers.Add(await imported.Layers.ImportAsync(layer, cancellationToken).ConfigureAwait(false));
                return new Image(image.Manifest, image.Config, layers);
            },
            cancellationToken).ConfigureAwait(false);

        Task<Image> ReadAsync(string tar) =>
            ImageArchive.ReadAsync(tar, kind, location, name, platform, imported.Layers, cancellationToken);
    }

    /// <inheritdoc/>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) => kind == ArchiveKind.Oci && !ImageArchive.IsGzip(location, path)
        ? _layers.Value(descriptor, diffId)
        : throw new IOException($"The layer {descriptor.Digest} of the base image is not in the cache any more");
}
