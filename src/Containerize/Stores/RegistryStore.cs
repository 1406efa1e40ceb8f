using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores;

/// <summary>Images in a registry.</summary>
public static class RegistryStore
{
    // Registries drop connections of clients that send more at once (ECR among them).
    private const int ParallelUploads = 4;

    /// <summary>Reads manifest and config of the image for a platform; layers stay where they are until they are opened.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="reference">The image's name.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="access">Which credentials are meant: those for pulling, or those of a registry that is pushed to as well.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">There is no such image, or none for the platform (CTZ2001, CTZ2002, CTZ2005).</exception>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public static async Task<IImage> PullAsync(RegistryClient client, ImageReference reference, Platform platform, RegistryAccess access, CancellationToken cancellationToken)
    {
        var repository = client.Repository(reference.Registry, reference.Repository, access);
        var document = await repository.GetManifestAsync(reference.TagOrDigest, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound(reference);
        try
        {
            if (MediaTypes.IsIndex(document.MediaType))
                document = await GetFromIndexAsync(repository, ImageIndex.Read(document), reference, platform, cancellationToken).ConfigureAwait(false);
            if (!MediaTypes.IsManifest(document.MediaType))
                throw Invalid(reference, $"its manifest has the media type '{document.MediaType}', which is neither an OCI nor a Docker schema 2 image");

            var manifest = ImageManifest.Read(document);
            if (manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
                throw Invalid(reference, $"its config has the media type '{manifest.Config.MediaType}': it is an artifact, not an image that can be run");
            var config = ImageConfig.Read(await repository.GetDocumentAsync(manifest.Config, cancellationToken).ConfigureAwait(false));
            return FromParts(client, reference, platform, access, manifest, config);
        }
        catch (FormatException e)
        {
            throw Invalid(reference, e.Message.TrimEnd('.'), e);
        }
    }

    private static Image FromParts(RegistryClient client, ImageReference reference, Platform platform, RegistryAccess access, ImageManifest manifest, ImageConfig config)
    {
        var diffIds = config.DiffIds;
        if (diffIds.Count != manifest.Layers.Count)
            throw Invalid(reference, $"its manifest lists {manifest.Layers.Count} layers, its config {diffIds.Count}");
        if (!platform.Accepts(config.Platform))
            throw PlatformMissing(reference, platform, [config.Platform.ToString()]);
        return new Image(manifest, config, [.. manifest.Layers.Select((layer, i) => LayerOf(client, reference, access, layer, diffIds[i]))]);
    }

    /// <summary>A layer that lies in the registry.</summary>
    public static ILayer LayerOf(RegistryClient client, ImageReference reference, RegistryAccess access, Descriptor descriptor, Digest diffId) =>
        new RegistryLayer(client, access, descriptor, diffId, new BlobSource(reference.Registry, reference.Repository));

    /// <summary>
    /// Pushes what stands under some tags: layers and configs first, then the manifests of an index by their digests, untagged, then
    /// the root, a tag at a time. So a tag never names a manifest whose blobs are missing (distribution-spec, "Pushing manifests").
    /// </summary>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public static async Task PushAsync(RegistryClient client, ImageSet images, string registry, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        await UploadAsync(client, images, registry, repository, cancellationToken).ConfigureAwait(false);
        await TagAsync(client, images, registry, repository, tags, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first half of a push: layers, configs, and the manifests of an index, which no tag names yet.</summary>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public static async Task UploadAsync(RegistryClient client, ImageSet images, string registry, string repository, CancellationToken cancellationToken)
    {
        var destination = client.Repository(registry, repository, RegistryAccess.Push);
        if (await IsThereAsync(destination, images.Root, cancellationToken).ConfigureAwait(false))
            return;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            images.Layers,
            options,
            async (layer, token) => await PushLayerAsync(destination, layer, token).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var config in images.Configs)
        {
            if (!await destination.BlobExistsAsync(config.Descriptor.Digest, cancellationToken).ConfigureAwait(false))
                await destination.UploadAsync(config.Descriptor, config.OpenAsync, cancellationToken).ConfigureAwait(false);
        }

        foreach (var manifest in images.Manifests)
            await destination.PutManifestAsync(manifest.Descriptor.Digest.ToString(), manifest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The second half: what the tags name, a tag at a time. What that points to must be there already.</summary>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public static async Task TagAsync(RegistryClient client, ImageSet images, string registry, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var destination = client.Repository(registry, repository, RegistryAccess.Push);
        foreach (var tag in tags)
            await destination.PutManifestAsync(tag, images.Root, cancellationToken).ConfigureAwait(false);
    }

    // A repository that serves a manifest has its blobs: where nothing has changed, one question takes the place of one for each.
    private static async Task<bool> IsThereAsync(RegistryRepository destination, ImageDocument root, CancellationToken cancellationToken)
    {
        try
        {
            return await destination.HeadManifestAsync(root.Descriptor.Digest.ToString(), cancellationToken).ConfigureAwait(false) is not null;
        }
        catch (RegistryException e) when (e.Failure is RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.Rejected)
        {
            // Who may push need not be allowed to read; the uploads tell what is really wrong.
            return false;
        }
    }

    private static async Task PushLayerAsync(RegistryRepository destination, ILayer layer, CancellationToken cancellationToken)
    {
        if (layer.Source is { } source && source.Registry == destination.Registry)
        {
            // A repository that serves a manifest has its blobs.
            if (source.Repository == destination.Name)
                return;
            if (await destination.TryMountAsync(layer.Descriptor.Digest, source.Repository, cancellationToken).ConfigureAwait(false))
                return;
        }

        if (!await destination.BlobExistsAsync(layer.Descriptor.Digest, cancellationToken).ConfigureAwait(false))
            await destination.UploadAsync(layer.Descriptor, layer.OpenAsync, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ImageDocument> GetFromIndexAsync(
        RegistryRepository repository,
        ImageIndex index,
        ImageReference reference,
        Platform platform,
        CancellationToken cancellationToken)
    {
        var entry = index.Find(platform)
            ?? throw PlatformMissing(reference, platform, [.. index.Manifests.Select(m => m.Platform).Where(p => p is { Os: not "unknown" }).Select(p => p!.ToString()).Distinct()]);
        return await repository.GetManifestAsync(entry.Digest.ToString(), cancellationToken).ConfigureAwait(false)
            ?? throw Invalid(reference, $"its index lists the manifest {entry.Digest}, which the registry does not have");
    }

    private static ContainerizeException NotFound(ImageReference reference) => new(
        ErrorCodes.BaseNotFound,
        $"The base image '{reference}' was not found in the registry {reference.Registry}. Check ContainerBaseImage; a private image is also 'not found' for who is not logged in.");

    private static ContainerizeException PlatformMissing(ImageReference reference, Platform platform, IReadOnlyList<string> offered) =>
        BaseImageErrors.PlatformMissing(reference.ToString(), platform, offered);

    private static ContainerizeException Invalid(ImageReference reference, string why, Exception? cause = null) =>
        BaseImageErrors.Invalid(reference.ToString(), why, cause);

    private sealed class RegistryLayer(RegistryClient client, RegistryAccess access, Descriptor descriptor, Digest diffId, BlobSource source) : ILayer
    {
        public Descriptor Descriptor => descriptor;

        public Digest DiffId => diffId;

        public BlobSource Source => source;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
            client.Repository(source.Registry, source.Repository, access).OpenBlobAsync(descriptor, cancellationToken);
    }
}
