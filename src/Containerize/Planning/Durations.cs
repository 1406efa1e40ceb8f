using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerize.Planning;

/// <summary>Times as users write them.</summary>
internal static partial class Durations
{
    private static readonly (string Unit, long Ticks)[] Units =
        [("h", TimeSpan.TicksPerHour), (
            "m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond)];

    /// <summary>
    /// Reads <c>30s</c>, <c>1m30s</c>, <c>500ms</c> as in a Dockerfile, or .NET's <c>00:00:30</c>; null for anything else.
    /// </summary>
    public static TimeSpan? Parse(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match)
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var written)
                ? written
                : null;
        var time = TimeSpan.Zero;
        foreach (var (unit, ticks) in Units)
        {
            if (match.Groups[unit] is { Success: true } group)
                time += TimeSpan.FromTicks(
                    (long)(decimal.Parse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * ticks));
        }

        return time;
    }

    [GeneratedRegex(
        @"\A(?=[0-9])(?:(?<h>[0-9]{1,6}(?:\.[0-9]{1,6})?)h)?(?:(?<m>[0-9]{1,8}(?:\.[0-9]{1,6})?)m)?"
            + @"(?:(?<s>[0-9]{1,8}(?:\.[0-9]{1,6})?)s)?(?:(?<ms>[0-9]{1,8}(?:\.[0-9]{1,6})?)ms)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
