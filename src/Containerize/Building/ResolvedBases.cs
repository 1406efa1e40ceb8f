using System.Collections.Concurrent;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;

namespace Containerize.Building;

/// <summary>
/// The bases that a build has pulled. A tag is asked for once: so projects that name the same base have the same, even if the tag moves
/// meanwhile. Safe for use by many at once.
/// </summary>
public sealed class ResolvedBases
{
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    internal async Task<IImage> GetAsync(ImageReference reference, Platform platform, RegistryAccess access, Func<CancellationToken, Task<IImage>> pull, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(new Key(reference.ToString(), platform.ToString(), access), _ => new Entry());
        // One after the other: where the first one fails or is cancelled, the second tries for itself.
        await entry.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return entry.Image ??= await pull(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    private readonly record struct Key(string Reference, string Platform, RegistryAccess Access);

    private sealed class Entry
    {
        // Never disposed: nobody takes its wait handle.
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public IImage? Image { get; set; }
    }
}
