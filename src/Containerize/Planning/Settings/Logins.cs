namespace Containerize.Planning.Settings;

/// <summary>Logins in an image's name, where they do not belong: no message repeats them.</summary>
internal static class Logins
{
    private const string Digest = "sha256:";

    /// <summary>
    /// The text with <c>…</c> in place of what stands before an <c>@</c>, which may be a password. The <c>@</c> of a digest is none.
    /// </summary>
    public static string Hide(string text)
    {
        for (var at = text.LastIndexOf('@'); at >= 0; at = at == 0 ? -1 : text.LastIndexOf('@', at - 1))
        {
            if (!text.AsSpan(at + 1).StartsWith(Digest, StringComparison.Ordinal))
                return "…" + text[at..];
        }

        return text;
    }
}
