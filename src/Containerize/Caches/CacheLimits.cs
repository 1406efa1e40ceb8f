using Containerize.Hosting;

namespace Containerize.Caches;

/// <summary>How much a folder of a cache may hold, and for how long: what was not used for the longest time goes first.</summary>
/// <param name="MaxUnusedAge">What was not used for longer goes.</param>
/// <param name="LargestTotal">Bytes. Beyond that, those go that were not used for longest.</param>
/// <param name="InUse">What was used within that time always stays: another build may be using it.</param>
internal sealed record CacheLimits(TimeSpan MaxUnusedAge, long LargestTotal, TimeSpan InUse = default)
{
    /// <summary>Tidies a folder up.</summary>
    /// <param name="folder">The folder. A user may name one that has other files in it, which are none of our business.</param>
    /// <param name="isOurs">Tells from its name whether a file belongs to the cache.</param>
    /// <param name="current">The file that was just added, which stays.</param>
    /// <param name="now">The time.</param>
    /// <param name="delete">Deletes a file; null where that is all there is to delete.</param>
    /// <exception cref="IOException">Another build tidies up at the same moment.</exception>
    public void Tidy(string folder, Func<string, bool> isOurs, string current, DateTimeOffset now, Action<string>? delete = null)
    {
        AtomicFile.RemoveAbandoned(folder, now);
        var total = 0L;
        var files = new DirectoryInfo(folder).EnumerateFiles().Where(file => isOurs(file.Name));
        foreach (var file in files.OrderByDescending(file => file.LastAccessTimeUtc))
        {
            total += file.Length;
            var goes = total > LargestTotal || file.LastAccessTimeUtc < (now - MaxUnusedAge).UtcDateTime;
            var isInUse = InUse > TimeSpan.Zero && file.LastAccessTimeUtc >= (now - InUse).UtcDateTime;
            if (!goes || isInUse || file.Name == current)
                continue;
            if (delete is null)
                file.Delete();
            else
                delete(file.Name);
        }
    }
}
