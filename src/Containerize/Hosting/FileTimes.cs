namespace Containerize.Hosting;

/// <summary>What the time of a file's last change says of its content.</summary>
internal static class FileTimes
{
    // A file may be written again within what a clock can tell apart (git's "racy" entries).
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    // Earlier times come from no clock, but from what archives and packages are made with to be the same each time.
    private static readonly DateTime FirstReal = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Whether another content would have another time.</summary>
    /// <param name="time">The time, UTC.</param>
    /// <param name="now">The time now.</param>
    public static bool Tell(DateTime time, DateTimeOffset now) => time >= FirstReal && time <= (now - Settled).UtcDateTime;
}
