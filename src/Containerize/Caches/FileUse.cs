namespace Containerize.Caches;

/// <summary>When a cache's files were last used, by which they are tidied up.</summary>
internal static class FileUse
{
    // Shorter than any build for which files in use are kept.
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Notes that a file is in use: few file systems keep the time of the last access by themselves. A file that was marked lately is left
    /// alone, since marking it changes what its strong stamp holds (<see cref="Hosting.FileStamp"/>, the time of the last change of any
    /// kind).
    /// </summary>
    /// <returns>Whether the file was touched; its stamp is another one then.</returns>
    public static bool Mark(string path, DateTimeOffset now)
    {
        try
        {
            var last = File.GetLastAccessTimeUtc(path);
            if (last <= now.UtcDateTime && last > (now - Often).UtcDateTime)
                return false;
            File.SetLastAccessTimeUtc(path, now.UtcDateTime);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that is only read, such as one in a CI machine's image.
            return false;
        }
    }
}
