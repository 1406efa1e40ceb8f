using Containerize.Images;

namespace Containerize.Stores;

/// <summary>A place that a base image comes from.</summary>
internal interface IImageSource
{
    /// <summary>Reads manifest and config of the image for a platform. Its layers stay where they are until they are opened.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken);

    /// <summary>A layer of an image that an earlier step has resolved, and of which only the descriptor is still known.</summary>
    /// <exception cref="IOException">Its bytes can no longer be had from here.</exception>
    ILayer LayerOf(Descriptor descriptor, Digest diffId);

    /// <summary>Asks for what <see cref="ResolveAsync"/> needs, while something else is done.</summary>
    Task PrefetchAsync(Platform platform, CancellationToken cancellationToken) => Task.CompletedTask;
}
