using System.Text;

namespace Containerize;

/// <summary>What others say, made fit to stand in a message of ours.</summary>
internal static class ErrorText
{
    /// <summary>Without control characters (a terminal obeys them), on one line, and not longer than this many characters.</summary>
    public static string Clean(string text, int limit)
    {
        var clean = new StringBuilder(Math.Min(text.Length, limit));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= limit)
                return clean.Append('…').ToString();
            var space = Rune.IsWhiteSpace(rune);
            if (Rune.IsControl(rune) && !space || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format)
                continue;
            if (!space)
                clean.Append(rune);
            else if (clean.Length > 0 && clean[^1] != ' ')
                clean.Append(' ');
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>The same text, with a mark in place of each control character.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c)) : text;
}
