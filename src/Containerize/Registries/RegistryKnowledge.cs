using System.Collections.Concurrent;
using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Registries;

/// <summary>
/// What a build learns of one registry while it talks to it, and shares among all that talk to it: which repositories hold which
/// blobs, whether mounting works there, who is sending what. Safe for use by many at once.
/// </summary>
/// <param name="registry">Its authority.</param>
/// <param name="notes">What others have learned.</param>
internal sealed class RegistryKnowledge(string registry, RegistryHints notes)
{
    // Registries drop connections of clients that send more at once (Amazon ECR among them).
    private const int ParallelUploads = 4;

    private readonly ConcurrentDictionary<(string Repository, Digest Digest), byte> _held = new();
    private readonly ConcurrentDictionary<Digest, string> _holders = new();
    private readonly ConcurrentDictionary<(string Repository, Digest Digest), Task> _arriving = new();

    /// <summary>Lets as many uploads through at once as a registry bears. Never disposed: its wait handle is not used.</summary>
    public SemaphoreSlim Uploads { get; } = new(ParallelUploads, ParallelUploads);

    /// <summary>Whether the registry has mounted a blob at least once, so that its refusals mean that there is no such blob.</summary>
    public bool Mounts { get; set; }

    /// <summary>Whether the registry takes several tags with one manifest; null where that is not known yet.</summary>
    public bool? TakesTagsTogether { get; set; } = notes.TakesOneTag(registry) ? false : null;

    /// <summary>Notes that it does not, for later builds as well.</summary>
    public Task TakesOneTagAsync(CancellationToken cancellationToken)
    {
        TakesTagsTogether = false;
        return notes.AddTakesOneTagAsync(registry, cancellationToken);
    }

    /// <summary>Whether a repository is known to hold a blob.</summary>
    public bool IsHeld(string repository, Digest digest) => _held.ContainsKey((repository, digest));

    /// <summary>A repository that is known to hold a blob; null where none is.</summary>
    public string? HolderOf(Digest digest) => _holders.GetValueOrDefault(digest);

    /// <summary>A repository that has taken a blob in another process or an earlier build; null where none is known.</summary>
    public string? EarlierHolderOf(Digest digest) => notes.HolderOf(registry, digest);

    /// <summary>Tells other processes and later builds that a repository has taken a blob.</summary>
    public Task TellAsync(string repository, Digest digest, CancellationToken cancellationToken) =>
        notes.AddHolderAsync(registry, repository, digest, cancellationToken);

    /// <summary>Waits until no other process of this machine is bringing the blob.</summary>
    public Task<FileLock> EnterAsync(Digest digest, CancellationToken cancellationToken) =>
        notes.EnterAsync(registry, digest, cancellationToken);

    /// <summary>Notes that a repository holds a blob.</summary>
    public void Hold(string repository, Digest digest)
    {
        _held[(repository, digest)] = 0;
        _holders.TryAdd(digest, repository);
    }

    /// <summary>Forgets what a repository holds, since it does not.</summary>
    public void Forget(string repository)
    {
        foreach (var held in _held.Keys.Where(held => held.Repository == repository))
            _held.TryRemove(held, out _);
        foreach (var holder in _holders.Where(holder => holder.Value == repository))
            _holders.TryRemove(holder);
    }

    /// <summary>The same for those who come later: that it has taken these blobs.</summary>
    public void ForgetHolder(string repository, IEnumerable<Digest> digests) => notes.RemoveHolder(registry, repository, digests);

    /// <summary>Whether the repository is known to have lost what it still lists.</summary>
    public bool HasLosses(string repository) => notes.HasLosses(registry, repository);

    /// <summary>Tells whether it has, for later builds.</summary>
    public Task SetLossesAsync(string repository, bool hasLosses, CancellationToken cancellationToken) =>
        notes.SetLossesAsync(registry, repository, hasLosses, cancellationToken);

    /// <summary>
    /// Brings a blob to a repository, unless another upload is doing that or has done it: then its outcome is awaited. Where it fails, this
    /// one is tried.
    /// </summary>
    public async Task EnsureBlobAsync(string repository, Digest digest, Func<Task> bring, CancellationToken cancellationToken)
    {
        while (!IsHeld(repository, digest))
        {
            var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var arriving = _arriving.GetOrAdd((repository, digest), own.Task);
            if (arriving != own.Task)
            {
                await arriving.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                await bring().ConfigureAwait(false);
                Hold(repository, digest);
            }
            finally
            {
                // Those who wait look again: at what is held now, or for their own attempt.
                _arriving.TryRemove((repository, digest), out _);
                own.SetResult();
            }
        }
    }
}
