using Containerize.Hosting;
using Containerize.Images;
using Containerize.Stores.Archive;

namespace Containerize.Stores.Engine;

/// <summary>
/// A base image that a container engine of this machine holds. Its layers are imported; its id tells whether that was done before.
/// </summary>
/// <param name="processes">Runs the engine's program.</param>
/// <param name="location">The base image as the plan names it, for errors.</param>
/// <param name="engine">A name from <see cref="ContainerEngine.Names"/>.</param>
/// <param name="name">The image's name there, or its id.</param>
/// <param name="imported">Where imported layers lie.</param>
internal sealed class EngineSource(
    IProcessRunner processes, string location, string engine, string name, ImportedImages imported) : IImageSource
{
    /// <inheritdoc/>
    public async Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken)
    {
        var program = ContainerEngine.Named(processes, engine);
        var image = await program.InspectAsync(location, name, cancellationToken).ConfigureAwait(false);
        if (!platform.Accepts(image.Platform))
            throw BaseImageErrors.PlatformMissing(location, platform, [image.Platform.ToString()]);
        return await imported.GetAsync(
            $"{program.Name}\n{image.Id}\n{platform}",
            async folder =>
            {
                var archive = Path.Combine(folder, "image.tar");
                await program.SaveAsync(location, image, archive, cancellationToken).ConfigureAwait(false);
                return await ImageArchive.ReadAsync(
                    archive, ArchiveKind.Docker, location, null, platform, imported.Layers, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) =>
        throw new IOException($"The layer {descriptor.Digest} of the base image is not in the cache any more");
}
