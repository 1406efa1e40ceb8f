using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>
/// Manifests and configs that registries have served, by their digests, in a folder for all projects of a user: a digest means the same
/// bytes always, so they are asked for once. Never needed for being right.
/// </summary>
/// <remarks>Any number of processes may use one folder at once: files appear whole, and what is read is checked.</remarks>
internal sealed class RegistryDocuments
{
    // Those that are used are marked when they are older than this, which spares most builds the writing.
    private static readonly TimeSpan MarkAfter = TimeSpan.FromDays(1);

    // A manifest and a config have 10 KiB together.
    private static readonly CacheLimits Kept = new(MaxUnusedAge: TimeSpan.FromDays(90), LargestTotal: 64L * 1024 * 1024);

    private readonly string? _folder;
    private readonly TimeProvider _clock;

    /// <summary>Uses a folder, which need not exist.</summary>
    /// <param name="folder">The folder; null for none.</param>
    /// <param name="clock">Tells what is old.</param>
    public RegistryDocuments(string? folder, TimeProvider clock)
    {
        _folder = folder;
        _clock = clock;
    }

    /// <summary>The bytes with this digest; null where they are not here.</summary>
    internal byte[]? Find(Digest digest)
    {
        if (_folder is null)
            return null;
        var path = Path.Combine(_folder, digest.Hex);
        try
        {
            if (!File.Exists(path))
                return null;
            if (ForeignFile.Read(path, Limits.DocumentBytes) is not { } content || Digest.Of(content) != digest)
                return null;
            var now = _clock.GetUtcNow();
            if (File.GetLastAccessTimeUtc(path) < (now - MarkAfter).UtcDateTime)
                FileUse.Mark(path, now);
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a document whose digest was checked.</summary>
    internal async Task AddAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (_folder is null)
            return;
        try
        {
            await AtomicFile.WriteAsync(Path.Combine(_folder, digest.Hex), content, cancellationToken).ConfigureAwait(false);
            Kept.Tidy(_folder, name => Digest.TryParse("sha256:" + name, out _), digest.Hex, _clock.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that is full, or not ours: the next one asks again.
        }
    }
}
