namespace Containerize.Registries.Endpoints;

/// <summary>Reads <c>Link</c> headers (RFC 8288, §3): <c>&lt;address&gt;; rel="next"; title="a, b", &lt;other&gt;; rel=prev</c>.</summary>
internal static class LinkHeader
{
    /// <summary>The address of the next page, unresolved; null where the header names none.</summary>
    /// <exception cref="FormatException">
    /// The header does not follow the grammar: there may be a next page at an unknown address.
    /// </exception>
    public static string? Next(string? header)
    {
        var rest = header.AsSpan().TrimStart(" \t,");
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('>');
            if (rest[0] != '<' || end < 0)
                throw new FormatException("A link does not stand between '<' and '>'.");
            var address = rest[1..end];
            rest = rest[(end + 1)..];
            var relation = Relation(ref rest);
            // Without any relation it can only be meant as the next page: other clients do not look at it at all.
            if (relation is null || relation.Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase))
                return address.Trim().ToString();
            rest = rest.TrimStart(" \t,");
        }

        return null;
    }

    /// <summary>The value of the first <c>rel</c>; moves on to the end of the link's parameters.</summary>
    private static string? Relation(ref ReadOnlySpan<char> rest)
    {
        string? relation = null;
        while (true)
        {
            rest = rest.TrimStart(" \t;");
            if (rest.IsEmpty || rest[0] == ',')
                return relation;
            var nameEnd = rest.IndexOfAny("=;,");
            var name = (nameEnd < 0 ? rest : rest[..nameEnd]).Trim();
            rest = nameEnd < 0 ? [] : rest[nameEnd..];
            if (rest.IsEmpty || rest[0] != '=')
                continue;
            var value = Value(ref rest);
            if (name.Equals("rel", StringComparison.OrdinalIgnoreCase))
                relation ??= value;
        }
    }

    /// <summary>What stands behind the <c>=</c>: a token, or a text in quotes, in which <c>,</c> and <c>;</c> say nothing.</summary>
    private static string Value(ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..].TrimStart(" \t");
        var quoted = !rest.IsEmpty && rest[0] == '"';
        if (quoted)
            rest = rest[1..];
        var end = quoted ? ClosingQuote(rest) : rest.IndexOfAny(";,");
        if (quoted && end < 0)
            throw new FormatException("A parameter of a link has no closing quote.");
        var value = (end < 0 ? rest : rest[..end]).Trim().ToString();
        rest = end < 0 ? [] : rest[(quoted ? end + 1 : end)..];
        return value;
    }

    // A backslash takes the meaning of what follows it (RFC 9110, 5.6.4). Relations, which alone are asked for, hold none.
    private static int ClosingQuote(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"')
                return at;
            if (text[at] == '\\')
                at++;
        }

        return -1;
    }
}
