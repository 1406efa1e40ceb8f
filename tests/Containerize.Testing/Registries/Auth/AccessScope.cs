namespace Containerize.Testing.Registries.Auth;

/// <summary>
/// A scope as the token specification of distribution has it: <c>repository:&lt;name&gt;:&lt;action&gt;,…</c>.
/// </summary>
/// <param name="Repository">The name; it may hold a colon itself.</param>
/// <param name="Actions">pull, push, delete or *.</param>
public sealed record AccessScope(string Repository, IReadOnlyList<string> Actions)
{
    /// <summary>Reads one scope; null when it is about something other than a repository.</summary>
    public static AccessScope? Parse(string text)
    {
        const string prefix = "repository:";
        var actions = text.LastIndexOf(':');
        return text.StartsWith(prefix, StringComparison.Ordinal) && actions >= prefix.Length
            ? new AccessScope(text[prefix.Length..actions], text[(actions + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"repository:{Repository}:{string.Join(',', Actions)}";
}
