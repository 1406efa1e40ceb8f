using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>A base image in a registry.</summary>
/// <param name="client">The connections.</param>
/// <param name="pulled">What the build has pulled already.</param>
/// <param name="reference">The image's name.</param>
/// <param name="access">Which credentials are meant.</param>
/// <param name="share">The same layer, from the machine's cache where it is there.</param>
/// <param name="notice">Is told of mirrors that failed.</param>
internal sealed class RegistrySource(
    RegistryClient client,
    PulledImages pulled,
    ImageReference reference,
    RegistryAccess access,
    Func<ILayer, ILayer> share,
    Action<string>? notice)
    : IImageSource
{
    /// <inheritdoc/>
    public async Task<Image> ResolveAsync(Platform platform, CancellationToken cancellationToken)
    {
        try
        {
            var image = await pulled.GetAsync(
                reference, platform, access, token => PullAsync(platform, token), cancellationToken).ConfigureAwait(false);
            return new Image(image.Manifest, image.Config, [.. image.Layers.Select(share)]);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPull(e, reference);
        }
    }

    /// <inheritdoc/>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) =>
        share(RegistryPull.LayerOf(client, reference, access, descriptor, diffId));

    /// <inheritdoc/>
    public Task PrefetchAsync(Platform platform, CancellationToken cancellationToken) =>
        pulled.PrefetchAsync(reference, platform, access, token => PullAsync(platform, token), cancellationToken);

    private Task<Image> PullAsync(Platform platform, CancellationToken cancellationToken) =>
        RegistryPull.PullAsync(client, reference, platform, access, notice, cancellationToken);
}
