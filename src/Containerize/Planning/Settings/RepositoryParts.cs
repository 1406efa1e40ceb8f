using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>
/// What a text that was given for a repository holds: it may be a whole image's name, whose other parts belong to other properties.
/// </summary>
/// <param name="Scheme">What stands before <c>://</c>; null for none.</param>
/// <param name="Registry">The host with its port; null for none.</param>
/// <param name="Repository">The repository itself.</param>
/// <param name="Tag">The tag; null for none.</param>
/// <param name="Digest">The digest; null for none.</param>
internal sealed record RepositoryParts(string? Scheme, string? Registry, string Repository, string? Tag, string? Digest)
{
    private const string SchemeEnd = "://";

    /// <summary>Takes a text apart. What is left as the repository need not be valid.</summary>
    public static RepositoryParts Of(string text)
    {
        var rest = text;
        var scheme = rest.IndexOf(SchemeEnd, StringComparison.Ordinal) is > 0 and var schemeLength ? rest[..schemeLength] : null;
        if (scheme is not null)
            rest = rest[(scheme.Length + SchemeEnd.Length)..];
        var digest = rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? rest[(at + 1)..] : null;
        if (digest is not null)
            rest = rest[..^(digest.Length + 1)];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var first = slash > 0 ? rest[..slash] : "";
        // Behind a scheme there is a host, whatever it is called.
        var registry = (scheme is not null || IsHost(first)) && ImageReference.IsValidRegistry(first) ? first : null;
        if (registry is not null)
            rest = rest[(slash + 1)..];
        var colon = rest.LastIndexOf(':');
        return colon >= 0 && ImageReference.IsValidTag(rest[(colon + 1)..])
            ? new RepositoryParts(scheme, registry, rest[..colon], rest[(colon + 1)..], digest)
            : new RepositoryParts(scheme, registry, rest, null, digest);
    }

    // Registries' names do not have capitals, as far as anybody writes them; Contoso.Web/Api is a name that is made lower-case.
    private static bool IsHost(string first) =>
        first == "localhost" || (first.AsSpan().ContainsAny(".:[") && !first.Any(char.IsAsciiLetterUpper));
}
