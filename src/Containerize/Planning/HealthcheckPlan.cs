using System.Globalization;
using System.Text.Json.Serialization;

namespace Containerize.Planning;

/// <summary>A health check (moby, "HealthcheckConfig"; a Dockerfile's HEALTHCHECK).</summary>
/// <param name="Test"><c>CMD</c> and the words of a command, <c>CMD-SHELL</c> and one line for the image's shell, or <c>NONE</c>.</param>
internal sealed record HealthcheckPlan(IReadOnlyList<string> Test)
{
    // moby, "validateHealthCheck": anything shorter is refused when the container starts, except 0 for the default.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // Longer is a mistake, and the nanoseconds of some 292 years are all that a config's number holds.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Whether it only says that the base's check is not to run.</summary>
    [JsonIgnore]
    public bool IsNone => Test is ["NONE"];

    /// <summary>The time between two checks; null leaves it to the engine (30 s).</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How long a check may take; null leaves it to the engine (30 s).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long failures do not count after the start; null leaves it to the engine (none).</summary>
    public TimeSpan? StartPeriod { get; init; }

    /// <summary>The time between two checks while the start lasts (Docker 25 and newer); null leaves it to the engine (5 s).</summary>
    public TimeSpan? StartInterval { get; init; }

    /// <summary>How many failures in a row make a container unhealthy; null leaves it to the engine (3).</summary>
    public int? Retries { get; init; }

    /// <summary>Makes the test from what <c>ContainerHealthcheck</c> items include.</summary>
    /// <param name="words">The words of the command, or <c>NONE</c> (case-insensitive).</param>
    /// <param name="shell">Whether they are one line for a shell, cut at its semicolons as MSBuild does it.</param>
    /// <exception cref="ContainerizeException">They are no command (CTZ1029).</exception>
    public static IReadOnlyList<string> TestOf(IReadOnlyList<string> words, bool shell)
    {
        if (words.Count == 0 || string.IsNullOrWhiteSpace(words[0]))
            throw Invalid("it has no command");
        if (words[0].Equals("NONE", StringComparison.OrdinalIgnoreCase))
            return words.Count == 1
                ? ["NONE"]
                : throw Invalid($"'NONE' takes the base's check away, and stands alone; '{words[1]}' stands beside it");
        if (words[0] is "CMD" or "CMD-SHELL")
            throw Invalid(
                $"it starts with '{words[0]}', which goes without saying: the items are the words of the command, or with "
                    + "Shell=\"true\" a line for the shell");
        return shell ? ["CMD-SHELL", string.Join(';', words)] : ["CMD", .. words];
    }

    /// <summary>What the items say of one of the check's settings; null where none says anything.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="values">What they say, each once.</param>
    /// <exception cref="ContainerizeException">They contradict each other (CTZ1029).</exception>
    public static string? OneOf(string name, IReadOnlyList<string> values) => values switch
    {
        [] => null,
        [var only] => only,
        _ => throw Invalid(
            $"its items say different things of {name}: {string.Join(" and ", values.Select(value => $"'{value}'"))}. "
                + "They are one command; where another file begins one already, take that away first (<ContainerHealthcheck "
                + "Remove=\"@(ContainerHealthcheck)\" />)"),
    };

    /// <summary>Reads whether the command is one line for the image's shell; false where nothing is said.</summary>
    /// <exception cref="ContainerizeException">It is neither true nor false (CTZ1029).</exception>
    public static bool ParseShell(string? text) => text?.ToUpperInvariant() switch
    {
        null or "" or "FALSE" => false,
        "TRUE" => true,
        _ => throw Invalid($"its Shell '{text}' is neither 'true' nor 'false'"),
    };

    /// <summary>
    /// Reads a time: <c>30s</c>, <c>1m30s</c>, <c>500ms</c> as in a Dockerfile, or .NET's <c>00:00:30</c>; null where there is none.
    /// </summary>
    /// <exception cref="ContainerizeException">It is none, or shorter than engines take (CTZ1029).</exception>
    public static TimeSpan? ParseTime(string? text, string name)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (Durations.Parse(text) is not { } time)
            throw Invalid($"its {name} '{text}' is no time");
        if (time != TimeSpan.Zero && time < Shortest)
            throw Invalid($"its {name} '{text}' is shorter than a millisecond");
        return time <= Longest ? time : throw Invalid($"its {name} '{text}' is longer than a year");
    }

    /// <summary>Reads the number of retries; null where there is none.</summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1029).</exception>
    public static int? ParseRetries(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) ? retries
        : throw Invalid($"its Retries '{text}' is no whole number");

    private static ContainerizeException Invalid(string why) => new(
        ErrorCodes.HealthcheckInvalid,
        $"The ContainerHealthcheck cannot be used: {why}. Write for example <ContainerHealthcheck "
            + "Include=\"/app/Shop;--healthcheck\" Interval=\"30s\" Timeout=\"5s\" StartPeriod=\"10s\" Retries=\"3\" />.");
}
