using System.Globalization;
using System.Text;

namespace Containerize;

/// <summary>
/// The gate between this project and the log: whatever a message quotes, it stays one line that a terminal, a build agent and a reader take
/// for text. Every message passes here once, where it leaves; so what is quoted need not be known to be foreign.
/// </summary>
/// <remarks>
/// What does something where it is printed is written as <c>\uXXXX</c> (C#): controls and escape sequences (ECMA-48), line and paragraph
/// separators, format characters (bidirectional controls, Unicode TR 36; zero width), halves of surrogate pairs. Commands of build agents
/// lose their beginning: <c>##vso[…]</c>, <c>##[…]</c> and <c>##teamcity[…]</c> anywhere, <c>::set-output</c> where a line begins with it.
/// </remarks>
internal static class LogLine
{
    /// <summary>Characters. No message of ours comes near it, and a foreign name may have a megabyte.</summary>
    public const int Limit = 4000;

    /// <summary>The text as it may leave.</summary>
    /// <param name="text">A message with all that it quotes.</param>
    /// <param name="limit">Characters, after which it is cut.</param>
    public static string Of(string text, int limit = Limit)
    {
        if (IsHarmless(text, limit))
            return text;
        var line = new StringBuilder(Math.Min(text.Length, limit) + 16);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (line.Length >= limit)
                return line.Append('…').ToString();
            var isWhole = Rune.DecodeFromUtf16(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (!isWhole)
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[0]:X4}");
            else if (Acts(rune))
                line.Append(
                    CultureInfo.InvariantCulture,
                    $"{(rune.IsBmp ? "\\u" : "\\U")}{rune.Value.ToString(rune.IsBmp ? "X4" : "X8", CultureInfo.InvariantCulture)}");
            else if (rune.Value == '#' && line.Length > 0 && line[^1] == '#')
                line.Append(" #");
            else if (rest is [':', ':', ..] && IsBeginning(line))
                line.Append(": ");
            else
                line.Append(rest[..length]);
            rest = rest[length..];
        }

        return line.ToString();
    }

    /// <summary>Several lines, each by itself: of exceptions and where they come from, for the detailed log.</summary>
    public static string OfEach(string text, int limit)
    {
        if (text.Length > limit)
            text = text[..limit] + "…";
        return string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => Of(line)));
    }

    private static bool IsHarmless(string text, int limit)
    {
        if (text.Length > limit || text.AsSpan().TrimStart() is [':', ':', ..])
            return false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Acts(rune))
                return false;
        }

        return !text.Contains("##", StringComparison.Ordinal);
    }

    private static bool IsBeginning(StringBuilder line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (!char.IsWhiteSpace(line[i]))
                return false;
        }

        return true;
    }

    private static bool Acts(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}
