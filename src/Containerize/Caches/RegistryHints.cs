using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>
/// What builds have learned of registries, told to other processes and to later builds by small files in a folder of the user's. Hints, and
/// never needed for being right.
/// </summary>
/// <remarks>
/// <c>REGISTRY/HEX</c>, the first part hashed, holds the name of a repository that has taken the blob: a base that one project has brought
/// to a registry is mounted there for all others, and where that fails, the registry opens an upload session in its place.
/// <c>REGISTRY/one-tag-a-request</c> is there where the registry does not take several. <c>REGISTRY/lost-HEX</c>, the repository hashed, is
/// there where a repository has lost blobs that it still lists, and not yet got them again.
/// </remarks>
internal sealed class RegistryHints
{
    private const string OneTag = "one-tag-a-request";

    // Bytes.
    private const int LongestName = 1024;

    // Registries clean up, too.
    private static readonly TimeSpan MaxUnusedAge = TimeSpan.FromDays(90);

    // They are also replaced by newer versions of themselves.
    private static readonly TimeSpan HintLifetime = TimeSpan.FromDays(30);

    private readonly string? _folder;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;
    private readonly WaitingBudget _patience;

    /// <summary>Uses a folder, which need not exist.</summary>
    /// <param name="folder">The folder; null for none.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="notice">Is told what is waited for.</param>
    /// <param name="patience">How long a build waits for others; null for one that does nothing else.</param>
    public RegistryHints(string? folder, TimeProvider clock, Action<string>? notice = null, WaitingBudget? patience = null)
    {
        _patience = patience ?? new WaitingBudget(clock);
        _notice = notice;
        _folder = folder;
        _clock = clock;
    }

    /// <summary>A repository that took the blob; null where none is known.</summary>
    internal string? HolderOf(string registry, Digest digest)
    {
        try
        {
            return PathOf(registry, digest.Hex) is { } path && File.Exists(path) && ForeignFile.Read(path, LongestName) is { } bytes
                && Encoding.UTF8.GetString(bytes) is var name && ImageReference.IsValidRepository(name) ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Tells that a repository has taken a blob.</summary>
    internal Task AddHolderAsync(string registry, string repository, Digest digest, CancellationToken cancellationToken) =>
        WriteAsync(PathOf(registry, digest.Hex), repository, cancellationToken);

    /// <summary>Takes back that a repository has taken blobs.</summary>
    internal void RemoveHolder(string registry, string repository, IEnumerable<Digest> digests)
    {
        foreach (var digest in digests.Where(digest => HolderOf(registry, digest) == repository))
            Delete(PathOf(registry, digest.Hex));
    }

    /// <summary>Whether a repository was found to have lost blobs that it lists.</summary>
    internal bool HasLosses(string registry, string repository) =>
        PathOf(registry, LossesOf(repository)) is { } path && File.Exists(path)
            && File.GetLastWriteTimeUtc(path) > (_clock.GetUtcNow() - HintLifetime).UtcDateTime;

    /// <summary>Tells whether it has.</summary>
    internal Task SetLossesAsync(string registry, string repository, bool hasLosses, CancellationToken cancellationToken)
    {
        var path = PathOf(registry, LossesOf(repository));
        if (hasLosses)
            return WriteAsync(path, repository, cancellationToken);
        Delete(path);
        return Task.CompletedTask;
    }

    /// <summary>Whether the registry was found to take one tag with a manifest, and not several.</summary>
    internal bool TakesOneTag(string registry) =>
        PathOf(registry, OneTag) is { } path && File.Exists(path)
            && File.GetLastWriteTimeUtc(path) > (_clock.GetUtcNow() - HintLifetime).UtcDateTime;

    /// <summary>Tells that it was.</summary>
    internal Task AddTakesOneTagAsync(string registry, CancellationToken cancellationToken) =>
        WriteAsync(PathOf(registry, OneTag), "", cancellationToken);

    /// <summary>Waits until no other build on this machine uploads the blob.</summary>
    internal Task<FileLock> EnterAsync(string registry, Digest digest, CancellationToken cancellationToken) => FileLock.EnterAsync(
        FolderOf(registry),
        digest.Hex,
        _patience,
        () => _notice?.Invoke($"Another build on this machine is bringing the layer {digest} to {registry}; waiting for it."),
        cancellationToken);

    private async Task WriteAsync(string? path, string content, CancellationToken cancellationToken)
    {
        if (path is null)
            return;
        try
        {
            await AtomicFile.WriteAsync(path, Encoding.UTF8.GetBytes(content), cancellationToken).ConfigureAwait(false);
            var folder = Path.GetDirectoryName(path)!;
            var now = _clock.GetUtcNow();
            AtomicFile.RemoveAbandoned(folder, now);
            var files = new DirectoryInfo(folder).EnumerateFiles();
            foreach (var old in files.Where(file => file.LastWriteTimeUtc < (now - MaxUnusedAge).UtcDateTime))
                old.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that is full, or not ours: the next one sends the blob again.
        }
    }

    private static void Delete(string? path)
    {
        try
        {
            if (path is not null && File.Exists(path))
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It costs a request that need not be.
        }
    }

    private static string LossesOf(string repository) => "lost-" + Digest.Of(Encoding.UTF8.GetBytes(repository)).Hex[..16];

    private string? FolderOf(string registry) =>
        _folder is null ? null : Path.Combine(_folder, Digest.Of(Encoding.UTF8.GetBytes(registry)).Hex[..16]);

    private string? PathOf(string registry, string name) => FolderOf(registry) is { } folder ? Path.Combine(folder, name) : null;
}
