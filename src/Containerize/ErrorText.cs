using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Containerize;

/// <summary>What others say, made fit to stand in a message of ours.</summary>
internal static partial class ErrorText
{
    // Characters. Digests and names of layers have less.
    private const int LongestPath = 120;

    /// <summary>Without control characters (a terminal obeys them), on one line, and not longer than this many characters.</summary>
    public static string Clean(string text, int limit)
    {
        text = WithoutLogins(text);
        var clean = new StringBuilder(Math.Min(text.Length, limit));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= limit)
                return clean.Append('…').ToString();
            var space = Rune.IsWhiteSpace(rune);
            if (Rune.IsControl(rune) && !space || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format)
                continue;
            // Build agents obey ##vso[…] and ##[…] wherever they stand in a log.
            if (rune.Value == '#' && clean.Length > 0 && clean[^1] == '#')
                clean.Append(' ');
            if (!space)
                clean.Append(rune);
            else if (clean.Length > 0 && clean[^1] != ' ')
                clean.Append(' ');
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>A path that others wrote, such as that of an archive's entry.</summary>
    public static string PathOf(string path) => Clean(path, LongestPath);

    /// <summary>
    /// A list in a sentence: each value once and clean, and after so many the number of those left out. Lists that others wrote come
    /// through here, since nothing else bounds how long they are.
    /// </summary>
    /// <param name="values">Text of others.</param>
    /// <param name="most">Values.</param>
    /// <param name="longest">Characters of a value.</param>
    /// <param name="separator">Between two values.</param>
    public static string List(IEnumerable<string> values, int most = 10, int longest = 100, string separator = ", ")
    {
        var all = values.Select(value => Clean(value, longest)).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return string.Join(separator, all.Take(most)) + (
            all.Count > most ? string.Create(CultureInfo.InvariantCulture, $" and {all.Count - most} more") : "");
    }

    /// <summary>Without the user and password of addresses: .NET quotes a proxy's whole, as HTTPS_PROXY has it.</summary>
    public static string WithoutLogins(string text) => text.Contains('@', StringComparison.Ordinal) ? UserInfo().Replace(text, "…@") : text;

    // RFC 3986, 3.2.1. Text that is no address with a user loses nothing of use.
    [GeneratedRegex(@"(?<=://)[^\s/?#]+@")]
    private static partial Regex UserInfo();
}
