using System.Globalization;
using Containerize.Hosting;

namespace Containerize.Planning;

/// <summary>
/// When an image counts as created. Never now: two builds of one commit are one image. <c>SOURCE_DATE_EPOCH</c>
/// (reproducible-builds.org) if it is set, else the commit's time, else 1970-01-01.
/// </summary>
public static class CreationTime
{
    /// <summary>Reads <c>SOURCE_DATE_EPOCH</c>: whole seconds since 1970-01-01, up to the year 9999.</summary>
    public static bool TryParseEpoch(string text, out DateTimeOffset time)
    {
        time = default;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return false;
        time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }

    /// <summary>The time of the commit that is checked out; null outside of a git repository or without git.</summary>
    public static async Task<DateTimeOffset?> OfCommitAsync(IProcessRunner processes, string directory, CancellationToken cancellationToken)
    {
        // safe.directory: in CI the clone often belongs to another user, and git would refuse; the build runs the
        // repository's code anyway. rev-list is plumbing: no pager, no signature check, no configured format.
        var outcome = await processes.RunAsync(
            "git",
            ["-C", directory, "-c", "safe.directory=*", "rev-list", "-1", "--format=%ct", "HEAD"],
            null,
            cancellationToken).ConfigureAwait(false);
        if (outcome is not { ExitCode: 0 })
            return null;
        var line = outcome.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return line is not null && TryParseEpoch(line, out var time) ? time : null;
    }
}
