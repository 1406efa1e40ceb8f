using Containerize.Images;
using Containerize.Layers;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>
/// The image that a tag names before it is pushed anew. A layer whose tar is the same is reused as it was compressed then:
/// so the digest stays, and there is nothing to compress, to ask for or to send, on a machine that has never built the image, too.
/// </summary>
/// <remarks>
/// That the bytes are what the diffID says is the previous image's word: engines check it when they unpack. Who can put a wrong image
/// there could have put anything.
/// </remarks>
internal sealed class PreviousImage : IKnownLayers
{
    private readonly RegistryClient _client;
    private readonly ImageReference _name;
    private readonly ImageManifest _manifest;
    private readonly Lock _lock = new();
    private Task<ImageConfig?>? _config;

    private PreviousImage(RegistryClient client, ImageReference name, ImageManifest manifest)
    {
        _client = client;
        _name = name;
        _manifest = manifest;
    }

    /// <summary>The digest of its manifest.</summary>
    public Digest Digest => _manifest.Document.Descriptor.Digest;

    /// <summary>The image for a platform that a tag names; null where there is none.</summary>
    /// <exception cref="RegistryException">The registry does not answer.</exception>
    public static async Task<PreviousImage?> FindAsync(
        RegistryClient client, TagLookups tagged, ImageReference name, Platform platform, CancellationToken cancellationToken)
    {
        // What its manifests list is not there: everything is built here, and sent.
        if (RepositoryOf(client, name).HasLosses)
            return null;
        try
        {
            var document = await tagged.GetAsync(name.Registry, name.Repository, name.TagOrDigest, cancellationToken).ConfigureAwait(false);
            if (document is not null && MediaTypes.IsIndex(document.MediaType))
            {
                document = ImageIndex.Read(document).Find(platform) is { } entry
                    ? await RepositoryOf(client, name).GetManifestAsync(entry.Digest.ToString(), cancellationToken).ConfigureAwait(false)
                    : null;
            }

            return document is not null && MediaTypes.IsManifest(document.MediaType)
                ? new PreviousImage(client, name, ImageManifest.Read(document))
                : null;
        }
        catch (FormatException)
        {
            return null; // Another program has damaged it; this push replaces it.
        }
        catch (RegistryException e) when (TagLookups.IsUnreadable(e) || e.Failure == RegistryFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>A layer of an image that was built from it, of which no more is known any more than its descriptor.</summary>
    public static ILayer LayerOf(RegistryClient client, ImageReference name, Descriptor descriptor, Digest diffId) =>
        RegistryPull.LayerOf(client, name, RegistryAccess.Push, descriptor, diffId);

    /// <inheritdoc/>
    public bool Holds(Digest blob) => _manifest.Layers.Any(layer => layer.Digest == blob);

    /// <inheritdoc/>
    public async Task<ILayer?> FindAsync(Digest diffId, CancellationToken cancellationToken)
    {
        if (await ConfigAsync(cancellationToken).ConfigureAwait(false) is not { } config || config.DiffIds.Count != _manifest.Layers.Count)
            return null;
        // Of several that are the same, the last one.
        return _manifest.Layers.Zip(config.DiffIds)
            .LastOrDefault(layer => layer.Second == diffId && !layer.First.IsForeign && layer.First.Size > 0).First is { } found
            ? LayerOf(_client, _name, new Descriptor(found.MediaType, found.Digest, found.Size), diffId)
            : null;
    }

    /// <summary>The value of a label; null where it has none, or its config cannot be read.</summary>
    /// <exception cref="RegistryException">The registry does not answer.</exception>
    public async Task<string?> FindLabelAsync(string name, CancellationToken cancellationToken) =>
        (await ConfigAsync(cancellationToken).ConfigureAwait(false))?.Labels.GetValueOrDefault(name);

    private Task<ImageConfig?> ConfigAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _config ??= ReadConfigAsync(cancellationToken);
    }

    private async Task<ImageConfig?> ReadConfigAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _manifest.Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig
                ? ImageConfig.Read(
                    await RepositoryOf(_client, _name).GetDocumentAsync(_manifest.Config, cancellationToken).ConfigureAwait(false))
                : null;
        }
        catch (FormatException)
        {
            return null; // Another program's damage, which is about to be replaced.
        }
        catch (RegistryException e) when (TagLookups.IsUnreadable(e) || e.Failure == RegistryFailure.NotFound)
        {
            return null; // Then nothing is taken over.
        }
    }

    private static RegistryRepository RepositoryOf(RegistryClient client, ImageReference name) =>
        client.Repository(name.Registry, name.Repository, RegistryAccess.Push);
}
