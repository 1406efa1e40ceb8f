using Containerize.Images;
using Containerize.Layers;
using Containerize.Registries;

namespace Containerize.Stores;

/// <summary>
/// The image that a tag names before it is pushed anew. A layer whose tar is the same is taken over as it was compressed then, by whomever:
/// so the digest stays, and there is nothing to compress, to ask for or to send, on a machine that has never built the image, too.
/// </summary>
/// <remarks>
/// That the bytes are what the diffID says is the previous image's word: engines check it when they unpack. Who can put a wrong image
/// there could have put anything.
/// </remarks>
public sealed class PreviousImage : IKnownLayers
{
    private readonly RegistryClient _client;
    private readonly ImageReference _name;
    private readonly ImageManifest _manifest;
    private readonly Lock _lock = new();
    private Task<Dictionary<Digest, Descriptor>>? _layers;

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
    public static async Task<PreviousImage?> FindAsync(RegistryClient client, TaggedManifests tagged, ImageReference name, Platform platform, CancellationToken cancellationToken)
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

            return document is not null && MediaTypes.IsManifest(document.MediaType) ? new PreviousImage(client, name, ImageManifest.Read(document)) : null;
        }
        catch (FormatException)
        {
            return null; // Somebody else's damage, which is about to be replaced.
        }
        catch (RegistryException e) when (TaggedManifests.IsUnreadable(e) || e.Failure == RegistryFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>A layer of an image that was built from it, of which no more is known any more than its descriptor.</summary>
    public static ILayer LayerOf(RegistryClient client, ImageReference name, Descriptor descriptor, Digest diffId) =>
        RegistryStore.LayerOf(client, name, RegistryAccess.Push, descriptor, diffId);

    /// <inheritdoc/>
    public bool Holds(Digest blob) => _manifest.Layers.Any(layer => layer.Digest == blob);

    /// <inheritdoc/>
    public async Task<ILayer?> FindAsync(Digest diffId, CancellationToken cancellationToken)
    {
        Task<Dictionary<Digest, Descriptor>> reading;
        lock (_lock)
            reading = _layers ??= ReadLayersAsync(cancellationToken);
        var layers = await reading.ConfigureAwait(false);
        return layers.TryGetValue(diffId, out var layer) ? LayerOf(_client, _name, layer, diffId) : null;
    }

    private async Task<Dictionary<Digest, Descriptor>> ReadLayersAsync(CancellationToken cancellationToken)
    {
        var layers = new Dictionary<Digest, Descriptor>();
        try
        {
            if (_manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig))
                return layers;
            var config = ImageConfig.Read(await RepositoryOf(_client, _name).GetDocumentAsync(_manifest.Config, cancellationToken).ConfigureAwait(false));
            if (config.DiffIds.Count != _manifest.Layers.Count)
                return layers;
            foreach (var (diffId, layer) in config.DiffIds.Zip(_manifest.Layers))
            {
                if (!layer.IsForeign && layer.Size > 0)
                    layers[diffId] = new Descriptor(layer.MediaType, layer.Digest, layer.Size);
            }
        }
        catch (FormatException)
        {
            // Somebody else's damage, which is about to be replaced.
        }
        catch (RegistryException e) when (TaggedManifests.IsUnreadable(e) || e.Failure == RegistryFailure.NotFound)
        {
            // Then nothing is taken over.
        }

        return layers;
    }

    private static RegistryRepository RepositoryOf(RegistryClient client, ImageReference name) => client.Repository(name.Registry, name.Repository, RegistryAccess.Push);
}
