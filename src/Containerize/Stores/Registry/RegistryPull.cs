using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>Reads images from a registry and its mirrors.</summary>
internal static class RegistryPull
{
    /// <summary>
    /// Reads manifest and config of the image for a platform; layers stay where they are until they are opened. Mirrors are asked before
    /// the registry itself, and passed over where they fail.
    /// </summary>
    /// <param name="client">The connection.</param>
    /// <param name="reference">The image's name.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="access">Which credentials are meant: those for pulling, or those of a registry that is pushed to as well.</param>
    /// <param name="notice">Is told of mirrors that failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">There is no such image, or none for the platform (CTZ2001, CTZ2002, CTZ2005).</exception>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public static async Task<Image> PullAsync(
        RegistryClient client,
        ImageReference reference,
        Platform platform,
        RegistryAccess access,
        Action<string>? notice,
        CancellationToken cancellationToken)
    {
        foreach (var source in client.SourcesOf(reference))
        {
            try
            {
                return await PullAsync(client, reference, source, platform, access, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (source.IsMirror && (e is RegistryException or ContainerizeException))
            {
                notice?.Invoke($"The mirror did not serve '{reference}' as '{source.Reference}': {e.Message}");
            }
        }

        throw NotFound(reference);
    }

    private static async Task<Image> PullAsync(
        RegistryClient client,
        ImageReference asked,
        PullSource source,
        Platform platform,
        RegistryAccess access,
        CancellationToken cancellationToken)
    {
        var reference = source.Reference;
        var repository = RepositoryOf(client, source, access);
        var document = await repository.GetManifestAsync(reference.TagOrDigest, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound(reference);
        try
        {
            if (MediaTypes.IsIndex(document.MediaType))
                document = await GetFromIndexAsync(
                    repository, ImageIndex.Read(document), reference, platform, cancellationToken).ConfigureAwait(false);
            if (!MediaTypes.IsManifest(document.MediaType))
                throw Invalid(
                    reference,
                    $"its manifest has the media type '{document.MediaType}', which is neither an OCI nor a Docker schema 2 image");

            var manifest = ImageManifest.Read(document);
            if (manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
                throw Invalid(
                    reference,
                    $"its config has the media type '{manifest.Config.MediaType}': it is an artifact, not an image that can be run");
            var config = ImageConfig.Read(await repository.GetDocumentAsync(manifest.Config, cancellationToken).ConfigureAwait(false));
            return FromParts(client, asked, platform, access, manifest, config);
        }
        catch (FormatException e)
        {
            throw Invalid(reference, e.Message.TrimEnd('.'), e);
        }
    }

    private static Image FromParts(
        RegistryClient client,
        ImageReference reference,
        Platform platform,
        RegistryAccess access,
        ImageManifest manifest,
        ImageConfig config)
    {
        var diffIds = config.DiffIds;
        if (diffIds.Count != manifest.Layers.Count)
            throw Invalid(reference, $"its manifest lists {manifest.Layers.Count} layers, its config {diffIds.Count}");
        if (!platform.Accepts(config.Platform))
            throw PlatformMissing(reference, platform, [config.Platform.ToString()]);
        return new Image(
            manifest, config, [.. manifest.Layers.Select((layer, i) => LayerOf(client, reference, access, layer, diffIds[i]))]);
    }

    /// <summary>A layer that lies in the registry.</summary>
    public static ILayer LayerOf(
        RegistryClient client, ImageReference reference, RegistryAccess access, Descriptor descriptor, Digest diffId) =>
        new RegistryLayer(client, access, descriptor, diffId, reference);

    private static RegistryRepository RepositoryOf(RegistryClient client, PullSource source, RegistryAccess access) =>
        client.Repository(source.Reference.Registry, source.Reference.Repository, source.IsMirror ? RegistryAccess.Mirror : access);

    private static async Task<ImageDocument> GetFromIndexAsync(
        RegistryRepository repository,
        ImageIndex index,
        ImageReference reference,
        Platform platform,
        CancellationToken cancellationToken)
    {
        var entry = index.Find(platform)
            ?? throw PlatformMissing(reference, platform, PlatformsOf(index));
        return await repository.GetManifestAsync(entry.Digest.ToString(), cancellationToken).ConfigureAwait(false)
            ?? throw Invalid(reference, $"its index lists the manifest {entry.Digest}, which the registry does not have");
    }

    // Attestations are for the platform unknown/unknown.
    private static IReadOnlyList<string> PlatformsOf(ImageIndex index) =>
        [.. index.Manifests.Select(entry => entry.Platform).Where(p => p is { Os: not "unknown" }).Select(p => p!.ToString()).Distinct()];

    private static ContainerizeException NotFound(ImageReference reference) => new(
        ErrorCodes.BaseNotFound,
        $"The base image '{reference}' was not found in the registry {reference.Registry}. Check ContainerBaseImage; "
            + "a private image is also 'not found' for who is not logged in.");

    private static ContainerizeException PlatformMissing(ImageReference reference, Platform platform, IReadOnlyList<string> offered) =>
        BaseImageErrors.PlatformMissing(reference.ToString(), platform, offered);

    private static ContainerizeException Invalid(ImageReference reference, string why, Exception? cause = null) =>
        BaseImageErrors.Invalid(reference.ToString(), why, cause);

    private sealed class RegistryLayer(
        RegistryClient client, RegistryAccess access, Descriptor descriptor, Digest diffId, ImageReference reference) : ILayer
    {
        public Descriptor Descriptor => descriptor;

        public Digest DiffId => diffId;

        public BlobSource Source { get; } = new(reference.Registry, reference.Repository);

        // From wherever it can be had: a mirror may have lost what it served a moment ago.
        public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            var sources = client.SourcesOf(reference);
            foreach (var source in sources.SkipLast(1))
            {
                try
                {
                    return await RepositoryOf(client, source, access).OpenBlobAsync(descriptor, cancellationToken).ConfigureAwait(false);
                }
                catch (RegistryException)
                {
                    // The next one is asked, and the registry itself at last.
                }
            }

            return await RepositoryOf(client, sources[^1], access).OpenBlobAsync(descriptor, cancellationToken).ConfigureAwait(false);
        }
    }
}
