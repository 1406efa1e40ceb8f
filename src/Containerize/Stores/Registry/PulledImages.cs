using Containerize.Hosting;
using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>
/// The bases that a build has pulled. A tag is asked for once: so projects that name the same base have the same, even if the tag moves
/// meanwhile. Safe for use by many at once.
/// </summary>
internal sealed class PulledImages
{
    // A base may be made by the very build that needs it, after it was asked for.
    private readonly OncePerBuild<Key, Image> _bases = new(
        failure => failure is not RegistryException { Failure: RegistryFailure.NotFound });

    internal Task<Image> GetAsync(
        ImageReference reference,
        Platform platform,
        RegistryAccess access,
        Func<CancellationToken, Task<Image>> pull,
        CancellationToken cancellationToken) =>
        _bases.GetAsync(KeyOf(reference, platform, access), pull, cancellationToken);

    internal Task PrefetchAsync(
        ImageReference reference,
        Platform platform,
        RegistryAccess access,
        Func<CancellationToken, Task<Image>> pull,
        CancellationToken cancellationToken) =>
        _bases.PrefetchAsync(KeyOf(reference, platform, access), pull, cancellationToken);

    private static Key KeyOf(ImageReference reference, Platform platform, RegistryAccess access) =>
        new(reference.ToString(), platform.ToString(), access);

    private sealed record Key(string Reference, string Platform, RegistryAccess Access);
}
