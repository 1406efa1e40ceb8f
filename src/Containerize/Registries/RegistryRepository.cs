using Containerize.Caches;
using Containerize.Images;
using Containerize.Registries.Endpoints;
using Containerize.Registries.Transport;

namespace Containerize.Registries;

/// <summary>
/// One repository of a registry. All methods throw <see cref="RegistryException"/> where the registry does not do what it
/// is asked for, and <see cref="OperationCanceledException"/> only where the caller's token was cancelled.
/// </summary>
internal sealed class RegistryRepository
{
    private readonly ManifestEndpoint _manifests;
    private readonly BlobEndpoint _blobs;
    private readonly UploadEndpoint _uploads;
    private readonly TagsEndpoint _tags;
    private readonly RegistryKnowledge _state;
    private readonly string _authority;
    private readonly RegistryDocuments _documents;

    internal RegistryRepository(RepositoryContext context, InsecureHosts insecure, TimeProvider clock)
    {
        Registry = context.Host.Name;
        _authority = context.Host.Authority;
        Name = context.Name;
        _state = context.State;
        _documents = context.Documents;
        _manifests = new ManifestEndpoint(context);
        _blobs = new BlobEndpoint(context);
        _uploads = new UploadEndpoint(context, insecure, clock);
        _tags = new TagsEndpoint(context);
    }

    /// <summary>The registry, as it is named in references.</summary>
    public string Registry { get; }

    /// <summary>The repository's path.</summary>
    public string Name { get; }

    /// <summary>
    /// A manifest or index as it was pushed; null where there is none. At most 8 MiB; checked against the digest that was
    /// asked for, or the one that the registry claims.
    /// </summary>
    public Task<ImageDocument?> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken) =>
        _manifests.GetAsync(tagOrDigest, cancellationToken);

    /// <summary>
    /// Type, digest and size of a manifest or index; null where there is none. Docker Hub counts this as no pull. Where a
    /// registry does not tell them with HEAD, the document is fetched.
    /// </summary>
    public Task<Descriptor?> HeadManifestAsync(string tagOrDigest, CancellationToken cancellationToken) =>
        _manifests.HeadAsync(tagOrDigest, cancellationToken);

    /// <summary>Keeps a document that was put here, for builds that ask for it by its digest.</summary>
    internal Task KeepAsync(ImageDocument document, CancellationToken cancellationToken) =>
        _documents.AddAsync(document.Descriptor.Digest, document.Content, cancellationToken);

    /// <summary>Stores a manifest or index under a tag or its digest. What it points to must be there already.</summary>
    public Task PutManifestAsync(string tagOrDigest, ImageDocument document, CancellationToken cancellationToken) =>
        _manifests.PutAsync(tagOrDigest, document, cancellationToken);

    /// <summary>Whether several tags can be put at once; null where that is not known.</summary>
    internal bool? TakesTagsTogether => _state.TakesTagsTogether;

    /// <summary>
    /// Stores a manifest or index by its digest and under several tags, in one request; returns those that it stands under now. Where the
    /// registry does not know this or refuses, there are none.
    /// </summary>
    internal async Task<IReadOnlyList<string>> TryPutManifestAsync(
        IReadOnlyList<string> tags, ImageDocument document, CancellationToken cancellationToken)
    {
        try
        {
            var put = await _manifests.PutAsync(tags, document, cancellationToken).ConfigureAwait(false);
            if (put.Count > 0)
                _state.TakesTagsTogether = true;
            else
                await _state.TakesOneTagAsync(cancellationToken).ConfigureAwait(false);
            return put;
        }
        catch (RegistryException e) when (e.Failure is RegistryFailure.Rejected or RegistryFailure.Denied or RegistryFailure.NotFound)
        {
            // Perhaps because of one of the tags. Put alone, it is told which.
            return [];
        }
    }

    /// <summary>
    /// All tags, each once, in the registry's order; null where there is no such repository. Entries that are no tags are left
    /// out. A list that goes on at another host, in a circle or without an end is a failure, never a shorter list.
    /// </summary>
    public Task<IReadOnlyList<string>?> ListTagsAsync(CancellationToken cancellationToken) => _tags.ListAsync(cancellationToken);

    /// <summary>A small blob such as a config, whole and verified. At most 8 MiB.</summary>
    public Task<ImageDocument> GetDocumentAsync(Descriptor blob, CancellationToken cancellationToken) =>
        _blobs.GetDocumentAsync(blob, cancellationToken);

    /// <summary>
    /// Whether the repository certainly holds a blob. Where the registry does not say (403, 405), the answer is false.
    /// </summary>
    public Task<bool> BlobExistsAsync(Digest digest, CancellationToken cancellationToken) => _blobs.ExistsAsync(digest, cancellationToken);

    /// <summary>
    /// A blob's bytes, verified while they are read: reading throws <see cref="InvalidDataException"/> where they are not what
    /// the descriptor says, and <see cref="RegistryException"/> where the connection breaks.
    /// </summary>
    public Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken) => _blobs.OpenAsync(blob, cancellationToken);

    /// <summary>
    /// Makes a blob of another repository of the same registry part of this one. False where the registry would not; an
    /// upload session that it opened instead is used by the next <see cref="UploadAsync"/> of that blob.
    /// </summary>
    public Task<bool> TryMountAsync(Digest digest, string fromRepository, CancellationToken cancellationToken) =>
        _uploads.TryMountAsync(digest, fromRepository, cancellationToken);

    /// <summary>Whether the registry has mounted a blob in this build: then one that it does not mount is not there.</summary>
    internal bool Mounts => _state.Mounts;

    /// <summary>Notes blobs that the repository holds.</summary>
    internal void Learn(IEnumerable<Digest> digests)
    {
        foreach (var digest in digests)
            _state.Hold(Name, digest);
    }

    /// <summary>Another repository of the registry that is known to hold a blob; null where none is.</summary>
    internal string? OtherHolderOf(Digest digest) => _state.HolderOf(digest) is { } holder && holder != Name ? holder : null;

    /// <summary>
    /// Lets one process of this machine after the other bring a blob that many want to bring. <paramref name="bring"/> gets a repository
    /// that is said to hold it, where there is one, and says whether the registry had to be sent the bytes.
    /// </summary>
    internal async Task EnsureBlobInTurnAsync(Digest digest, Func<string?, Task<bool>> bring, CancellationToken cancellationToken)
    {
        using var turn = await _state.EnterAsync(digest, cancellationToken).ConfigureAwait(false);
        var holder = _state.EarlierHolderOf(digest);
        // Where the registry had it already, no progress was reported yet.
        if (await bring(holder).ConfigureAwait(false) || holder is null)
            await _state.TellAsync(Name, digest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a blob here unless it is known to be, or is on its way already; then its arrival is waited for.</summary>
    internal Task EnsureBlobAsync(Digest digest, Func<Task> bring, CancellationToken cancellationToken) =>
        _state.EnsureBlobAsync(Name, digest, bring, cancellationToken);

    /// <summary>Whether an earlier build has found that the repository lacks blobs which it lists.</summary>
    internal bool HasLosses => _state.HasLosses(Name);

    /// <summary>Tells later builds whether it lacks some.</summary>
    internal Task SetLossesAsync(bool hasLosses, CancellationToken cancellationToken) =>
        _state.SetLossesAsync(Name, hasLosses, cancellationToken);

    /// <summary>Forgets all that was learned of the repository, and what was told to others of these blobs.</summary>
    internal void Forget(IEnumerable<Digest> digests)
    {
        _state.Forget(Name);
        _state.ForgetHolder(Name, digests);
    }

    /// <summary>Whether this is the registry that a name means, in whichever way it is written.</summary>
    internal bool IsAt(string registry) => registry == Registry || (new RegistryHost(registry) is var host && host.Authority == _authority);

    /// <summary>Gives up the upload session that a refused mount has left, if there is one.</summary>
    internal Task DiscardUploadAsync(Digest digest) => _uploads.DiscardAsync(digest);

    /// <summary>Uploads a blob, whether or not it is there already.</summary>
    /// <param name="blob">Its digest and size.</param>
    /// <param name="open">
    /// Opens its bytes; called again for every time they are sent. What it throws, or its stream, is thrown to the caller.
    /// </param>
    /// <param name="cancellationToken">Ends the upload; the registry is told.</param>
    public Task UploadAsync(Descriptor blob, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken) =>
        _uploads.UploadAsync(blob, open, isDoubted: false, cancellationToken);

    /// <summary>The same where the registry says that it has what it has not: it is not asked.</summary>
    internal async Task UploadAnewAsync(Descriptor blob, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        await _uploads.UploadAsync(blob, open, isDoubted: true, cancellationToken).ConfigureAwait(false);
        _state.Hold(Name, blob.Digest);
    }
}
