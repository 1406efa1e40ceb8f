namespace Containerize.Caches;

/// <summary>When a cache's files were last used, by which they are tidied up.</summary>
internal static class FileUse
{
    /// <summary>Notes that a file is in use: few file systems keep the time of the last access by themselves.</summary>
    public static void Mark(string path, DateTimeOffset now)
    {
        try
        {
            File.SetLastAccessTimeUtc(path, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that is only read, such as one in a CI machine's image.
        }
    }
}
