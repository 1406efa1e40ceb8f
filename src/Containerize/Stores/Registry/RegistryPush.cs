using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>
/// Brings what stands under a name to a repository: layers and configs first, then the manifests of an index by their digests, untagged,
/// then the root, a tag at a time. So a tag never names a manifest whose blobs are missing (distribution-spec, "Pushing manifests").
/// </summary>
/// <remarks>
/// A blob costs no request where the repository is known to hold it (because it serves a manifest that lists it, or took it earlier in
/// this build), one where the registry mounts it, and two where it is new: POST and PUT. Mounting from the repository itself is how a
/// registry is asked whether it has a blob: where it has not, the answer is an upload session, which is needed then anyway.
/// <para>
/// A registry that serves a manifest may have lost one of its blobs. It refuses the next manifest that lists it then
/// (MANIFEST_BLOB_UNKNOWN). Once in a push, all that was learned of the repository is forgotten, every blob is sent whatever the registry
/// says of it, and what was refused is put again. Where the bytes are not to be had any more, later builds are told: they build everything,
/// and send it at once.
/// </para>
/// </remarks>
internal sealed class RegistryPush
{
    // Questions and mounts at once; of the uploads among them, the client lets fewer through.
    private const int Parallelism = 8;

    // Bytes. Smaller ones are sent sooner than asked for.
    private const long HeadThreshold = 1024 * 1024;

    // As many as a registry that takes several must take (distribution-spec after 1.1).
    private const int TagsTogether = 10;

    private readonly RegistryRepository _destination;
    private readonly ImageSet _images;
    private readonly TagLookups _tagged;
    private readonly Action<string>? _notice;
    private bool _savedRequest;
    private string? _namesIt;
    private bool _hasSentAll;
    private bool _hadLosses;

    /// <summary>Prepares a push; nothing is sent yet.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="tagged">What tags name now, as far as this build has asked already.</param>
    /// <param name="images">What is pushed.</param>
    /// <param name="registry">Where to.</param>
    /// <param name="repository">The path there.</param>
    /// <param name="notice">Is told that everything is sent once more, and why.</param>
    public RegistryPush(
        RegistryClient client, TagLookups tagged, ImageSet images, string registry, string repository, Action<string>? notice = null)
    {
        _notice = notice;
        _destination = client.Repository(registry, repository, RegistryAccess.Push);
        _tagged = tagged;
        _images = images;
    }

    /// <summary>The first half: layers, configs, and the manifests of an index, which no tag names yet.</summary>
    /// <param name="tag">A tag that the image will have: what it names now tells which blobs are there. Null asks for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public async Task UploadAsync(string? tag, CancellationToken cancellationToken)
    {
        if (_destination.HasLosses)
        {
            _hadLosses = true;
            await SendAllAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (await IsThereAsync(tag, cancellationToken).ConfigureAwait(false))
            return;
        await MendingAsync(EnsureAllAsync, cancellationToken).ConfigureAwait(false);
        foreach (var manifest in _images.Manifests)
            await PutAsync(manifest.Descriptor.Digest.ToString(), manifest, cancellationToken).ConfigureAwait(false);
    }

    private Task EnsureAllAsync(CancellationToken cancellationToken)
    {
        // Configs last: they are small, and the largest layers are to be on their way first.
        List<Func<CancellationToken, Task>> blobs =
        [
            .. _images.Layers.Select<ILayer, Func<CancellationToken, Task>>(
                layer => token => EnsureBlobAsync(layer.Descriptor, layer.OpenAsync, layer.Source, token)),
            .. _images.Configs.Select<ImageDocument, Func<CancellationToken, Task>>(config => token => EnsureBlobAsync(config, token)),
        ];
        return SideBySideAsync(blobs, cancellationToken);
    }

    private static Task SideBySideAsync(IEnumerable<Func<CancellationToken, Task>> blobs, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
        blobs,
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        static async (bring, token) => await bring(token).ConfigureAwait(false));

    /// <summary>The second half: what tags name. What that points to must be there already.</summary>
    /// <param name="tags">The tags, in the order in which they are put.</param>
    /// <param name="tagged">Is told of each that is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">The registry does not answer as it should.</exception>
    public async Task TagAsync(IReadOnlyList<string> tags, Action<string> tagged, CancellationToken cancellationToken)
    {
        // The tag that was asked for may name the image already.
        foreach (var tag in tags.Where(tag => tag == _namesIt))
            tagged(tag);
        foreach (var some in tags.Where(tag => tag != _namesIt).Chunk(TagsTogether))
        {
            // Only a request tells whether a registry takes several. Where it does not, it has cost one.
            IReadOnlyList<string> put = some.Length > 1 && (_destination.TakesTagsTogether ?? _savedRequest)
                ? await _destination.TryPutManifestAsync(some, _images.Root, cancellationToken).ConfigureAwait(false) : [];
            foreach (var tag in some)
            {
                if (!put.Contains(tag))
                    await PutAsync(tag, _images.Root, cancellationToken).ConfigureAwait(false);
                _tagged.Set(_destination.Registry, _destination.Name, tag, _images.Root);
                tagged(tag);
            }
        }

        // By now the registry has looked at all that the manifest lists.
        if (_hadLosses)
            await _destination.SetLossesAsync(false, cancellationToken).ConfigureAwait(false);
    }

    private Task PutAsync(string tagOrDigest, ImageDocument document, CancellationToken cancellationToken) =>
        MendingAsync(token => _destination.PutManifestAsync(tagOrDigest, document, token), cancellationToken);

    // Whether it is a single layer or all: what the registry says it has cannot be relied on. Once, since a second time would end the same.
    private async Task MendingAsync(Func<CancellationToken, Task> bring, CancellationToken cancellationToken)
    {
        try
        {
            await bring(cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (!_hasSentAll && IsLoss(e))
        {
            _notice?.Invoke(
                $"The registry {_destination.Registry} lacks a part of what it lists in '{_destination.Name}'; "
                    + "all of the image is sent once more");
            await MendAsync(e, cancellationToken).ConfigureAwait(false);
            await bring(cancellationToken).ConfigureAwait(false);
        }
    }

    // registry 2.8 has said DIGEST_INVALID of a blob whose bytes came from several clients at once.
    private bool IsLoss(RegistryException e) => e.Registry == _destination.Registry && e.Repository == _destination.Name
        && (e.Reason == RefusalReason.PartMissing || e.Codes.Contains("DIGEST_INVALID"));

    private async Task MendAsync(RegistryException loss, CancellationToken cancellationToken)
    {
        try
        {
            await SendAllAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (
            e.Failure == RegistryFailure.NotFound && !IsLoss(e) && _destination.IsAt(e.Registry) && e.Repository == _destination.Name)
        {
            // A layer that was to be taken over from there is what it has lost. The next build makes it itself.
            await _destination.SetLossesAsync(true, cancellationToken).ConfigureAwait(false);
            throw loss;
        }
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        _hasSentAll = true;
        List<(Descriptor Blob, Func<CancellationToken, Task<Stream>> Open)> blobs =
            [.. _images.Layers.Select(
                layer =>
                    (layer.Descriptor, (Func<CancellationToken, Task<Stream>>)layer.OpenAsync)), .. _images.Configs.Select(config =>
                        (config.Descriptor, (Func<CancellationToken, Task<Stream>>)config.OpenAsync))];
        _destination.Forget(blobs.Select(blob => blob.Blob.Digest));
        await SideBySideAsync(
            blobs.Select<(
                Descriptor Blob,
                Func<CancellationToken, Task<Stream>> Open), Func<CancellationToken, Task>>(blob =>
                    token => _destination.UploadAnewAsync(blob.Blob, blob.Open, token)),
            cancellationToken).ConfigureAwait(false);
        foreach (var manifest in _images.Manifests)
            await _destination.PutManifestAsync(manifest.Descriptor.Digest.ToString(), manifest, cancellationToken).ConfigureAwait(false);
    }

    // A repository that serves a manifest has its blobs: where nothing has changed, one question takes the place of one for each; where
    // something has, the image that is there tells of most.
    private async Task<bool> IsThereAsync(string? tag, CancellationToken cancellationToken)
    {
        var root = _images.Root.Descriptor.Digest;
        var answer = tag is null
            ? null
            : await _tagged.AnswerAsync(_destination.Registry, _destination.Name, tag, cancellationToken).ConfigureAwait(false);
        if (answer is { MayBeRead: false })
            return false;
        var current = answer?.Document;
        _savedRequest = current is not null;
        if (current is not null && current.Descriptor.Digest == root)
        {
            _namesIt = tag;
            return true;
        }

        try
        {
            if (current is null)
                return await _destination.HeadManifestAsync(root.ToString(), cancellationToken).ConfigureAwait(false) is not null;
            await LearnAsync(current, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (TagLookups.IsUnreadable(e))
        {
            // The uploads tell what is really wrong.
        }

        return false;
    }

    // Of an index, the images of the platforms that are pushed now: each costs a request, and saves one for each of its layers.
    private async Task LearnAsync(ImageDocument document, CancellationToken cancellationToken)
    {
        try
        {
            if (!MediaTypes.IsIndex(document.MediaType))
            {
                if (MediaTypes.IsManifest(document.MediaType))
                    Learn(ImageManifest.Read(document));
                return;
            }

            var index = ImageIndex.Read(document);
            var entries = _images.Images.Select(image => index.Find(image.Config.Platform)).OfType<Descriptor>();
            foreach (var entry in entries.DistinctBy(entry => entry.Digest))
            {
                var manifest = await _destination.GetManifestAsync(entry.Digest.ToString(), cancellationToken).ConfigureAwait(false);
                if (manifest is not null && MediaTypes.IsManifest(manifest.MediaType))
                    Learn(ImageManifest.Read(manifest));
            }
        }
        catch (FormatException)
        {
            // Another program has damaged it; this push replaces it.
        }
    }

    private void Learn(ImageManifest manifest) =>
        _destination.Learn([manifest.Config.Digest, .. manifest.Layers.Where(layer => !layer.IsForeign).Select(layer => layer.Digest)]);

    private async Task EnsureBlobAsync(ImageDocument config, CancellationToken cancellationToken)
    {
        await EnsureBlobAsync(config.Descriptor, config.OpenAsync, null, cancellationToken).ConfigureAwait(false);
        // The next build wants to know what is in this image, to reuse its layers.
        await _destination.KeepAsync(config, cancellationToken).ConfigureAwait(false);
    }

    private Task EnsureBlobAsync(
        Descriptor blob, Func<CancellationToken, Task<Stream>> open, BlobSource? source, CancellationToken cancellationToken)
    {
        if (source is not null && _destination.IsAt(source.Registry) && source.Repository == _destination.Name)
            return Task.CompletedTask; // It served the manifest that lists the blob.
        return _destination.EnsureBlobAsync(
            blob.Digest, () => UploadOrMountAsync(blob, open, source, cancellationToken), cancellationToken);
    }

    // The base's layers from another registry are what projects have in common: one of them brings the bytes.
    private Task UploadOrMountAsync(
        Descriptor blob, Func<CancellationToken, Task<Stream>> open, BlobSource? source, CancellationToken cancellationToken) =>
        source is null || _destination.IsAt(source.Registry)
            ? MountOrUploadAsync(source?.Repository ?? _destination.OtherHolderOf(blob.Digest), blob, open, cancellationToken)
            : _destination.EnsureBlobInTurnAsync(
                blob.Digest, earlier =>
                    MountOrUploadAsync(
                        _destination.OtherHolderOf(blob.Digest) ?? earlier, blob, open, cancellationToken), cancellationToken);

    // Whether the bytes had to be sent.
    private async Task<bool> MountOrUploadAsync(
        string? holder, Descriptor blob, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var from = holder ?? _destination.Name;
        if (await _destination.TryMountAsync(blob.Digest, from, cancellationToken).ConfigureAwait(false))
            return false;
        try
        {
            // Not every registry mounts (Artifactory does not, Amazon's must be told to), and then its answer says nothing.
            var isCertain = _destination.Mounts && from == _destination.Name;
            if (!isCertain && blob.Size >= HeadThreshold
                && await _destination.BlobExistsAsync(blob.Digest, cancellationToken).ConfigureAwait(false))
                return false;
            await _destination.UploadAsync(blob, open, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            // Where the upload has not taken it: the blob is there, or another one's failure has ended this one.
            await _destination.DiscardUploadAsync(blob.Digest).ConfigureAwait(false);
        }
    }
}
