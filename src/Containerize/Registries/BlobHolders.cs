using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Registries;

/// <summary>
/// Which repository of a registry has taken a blob: told to other processes and to later builds by small files in a folder of the user's, so
/// that a base which one project has brought to a registry is mounted there for all others. A hint and never needed for being right: a
/// registry that does not mount opens an upload session in its place.
/// </summary>
/// <remarks><c>REGISTRY/HEX</c>, the first part hashed, holds the repository's name.</remarks>
public sealed class BlobHolders
{
    // Registries clean up, too.
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(90);

    private readonly string? _folder;
    private readonly TimeProvider _clock;

    /// <summary>Uses a folder, which need not exist; null for none.</summary>
    public BlobHolders(string? folder, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
    }

    /// <summary>A repository that took the blob; null where none is known.</summary>
    internal string? Find(string registry, Digest digest)
    {
        try
        {
            return PathOf(registry, digest.Hex) is { } path && File.Exists(path) && File.ReadAllText(path) is var name && ImageReference.IsValidRepository(name) ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Tells that a repository has taken a blob.</summary>
    internal async Task AddAsync(string registry, string repository, Digest digest, CancellationToken cancellationToken)
    {
        if (PathOf(registry, digest.Hex) is not { } path)
            return;
        try
        {
            await AtomicFile.WriteAsync(path, Encoding.UTF8.GetBytes(repository), cancellationToken).ConfigureAwait(false);
            var folder = Path.GetDirectoryName(path)!;
            var now = _clock.GetUtcNow();
            AtomicFile.RemoveAbandoned(folder, now);
            foreach (var old in new DirectoryInfo(folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc < (now - LongestRest).UtcDateTime))
                old.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that is full, or not ours: the next one sends the blob again.
        }
    }

    /// <summary>Waits until nobody else on this machine is bringing the blob to the registry.</summary>
    internal Task<FileLock> EnterAsync(string registry, Digest digest, CancellationToken cancellationToken) =>
        FileLock.EnterAsync(PathOf(registry, Path.Combine("locks", digest.Hex[..2])), _clock, cancellationToken);

    private string? PathOf(string registry, string name) =>
        _folder is null ? null : Path.Combine(_folder, Digest.Of(Encoding.UTF8.GetBytes(registry)).Hex[..16], name);
}
