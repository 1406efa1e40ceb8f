using System.Globalization;
using Containerize.Hosting;

namespace Containerize.Planning.Settings;

/// <summary>
/// When an image counts as created. Never now: two builds of one commit are one image. <c>SOURCE_DATE_EPOCH</c>
/// (reproducible-builds.org) if it is set, else the commit's time, else 1970-01-01.
/// </summary>
internal static class CreationTime
{
    // In git's advice, behind which the folder's name stands; in all languages.
    private const string Exception = "safe.directory ";

    // It reads a few files. A folder on a network may be slow.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // A repository's own settings name programs that git starts: to fetch what a partial clone lacks (git-clone(1), "--filter"; git before
    // 2.44 knows only the list of protocols), and to watch files.
    private static readonly (string, string)[] Variables =
        [("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "none"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0")];

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
    /// <param name="processes">Runs git.</param>
    /// <param name="directory">A folder of the repository.</param>
    /// <param name="notice">Is told why there is no time, where there could be one.</param>
    /// <param name="cancellationToken">Ends git.</param>
    /// <remarks>
    /// Whether a repository is read that belongs to another user, whose settings name programs, is git's own decision (git-config(1),
    /// "safe.directory"). It may lie in any folder above the project.
    /// </remarks>
    public static async Task<DateTimeOffset?> OfCommitAsync(
        IProcessRunner processes, string directory, Action<string>? notice, CancellationToken cancellationToken)
    {
        ProcessOutcome? outcome;
        try
        {
            // rev-list is plumbing: no pager, no signature check, no configured format.
            outcome = await processes.RunAsync(
                new ProgramCall("git", ["-C", directory, "-c", "core.fsmonitor=false", "rev-list", "-1", "--format=%ct", "HEAD"], Limit)
                {
                    Title = $"'git rev-list' in '{ErrorText.Clean(directory, 260)}'",
                    Variables = Variables,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            notice?.Invoke($"{e.Message}, so the image's time is 1970-01-01. Set SOURCE_DATE_EPOCH to give it another one.");
            return null;
        }

        if (outcome is not { ExitCode: 0 })
        {
            if (outcome is not null && outcome.Error.IndexOf(Exception, StringComparison.Ordinal) is >= 0 and var at)
            {
                var folder = outcome.Error[(at + Exception.Length)..].Split('\n')[0].Trim();
                notice?.Invoke($"The repository belongs to another user, so git does not read it, and the image's time is 1970-01-01. "
                    + $"Set SOURCE_DATE_EPOCH, or run: git config --global --add {Exception}{ErrorText.Clean(folder, 260)}");
            }

            return null;
        }

        var line = outcome.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return line is not null && TryParseEpoch(line, out var time) ? time : null;
    }
}
