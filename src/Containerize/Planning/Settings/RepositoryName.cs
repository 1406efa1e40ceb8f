using System.Text;
using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>Makes a repository's name of a project's, as the .NET SDK's containers do.</summary>
internal static class RepositoryName
{
    /// <summary>
    /// A valid name as it is; otherwise lower-cased, with <c>-</c> for everything but letters, digits, <c>_</c>,
    /// <c>-</c> and <c>/</c> (dots too: <c>Contoso.Web</c> becomes <c>contoso-web</c>).
    /// </summary>
    /// <exception cref="ContainerizeException">Nothing valid comes of it (CTZ1004).</exception>
    public static string Normalize(string name)
    {
        if (ImageReference.IsValidRepository(name))
            return name;
        // What stands before an @ may be a password, and must not become a name that everybody sees.
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.Contains('@', StringComparison.Ordinal))
            throw Invalid(name);
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
            result.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' ? char.ToLowerInvariant(c) : '-');
        return ImageReference.IsValidRepository(result.ToString()) ? result.ToString() : throw Invalid(name);
    }

    /// <summary>
    /// What to tell of a registry or a tag in the repository: the image is called otherwise, or goes elsewhere, than it seems.
    /// Null for nothing.
    /// </summary>
    /// <param name="name">The repository as it was given. It can be made valid.</param>
    /// <param name="registry"><c>ContainerRegistry</c>; empty for none.</param>
    /// <param name="isPlaced">
    /// Whether the project names a destination besides the registry: a name with a host is right for an engine or a file.
    /// </param>
    public static string? Misplaced(string name, string? registry, bool isPlaced)
    {
        var parts = RepositoryParts.Of(name);
        var normalized = Normalize(name);
        var mayMeanRegistry = string.IsNullOrEmpty(registry) || parts.Registry == registry;
        // A host with a port is nothing else. One without may be a part of the name at another registry.
        if (parts.Registry is { } host && !mayMeanRegistry && !host.Contains(':', StringComparison.Ordinal))
            parts = parts with { Registry = null, Repository = $"{host}/{parts.Repository}" };

        if (normalized != name)
            return parts is { Registry: null, Tag: null } ? null : $"ContainerRepository '{name}' becomes '{normalized}'. {Remedy(parts)}";
        if (parts.Registry is null)
            return null;
        var begins = $"ContainerRepository '{name}' begins with";
        if (!string.IsNullOrEmpty(registry))
            return $"{begins} ContainerRegistry, which makes '{registry}/{name}'. {Remedy(parts with { Registry = null })}";
        return isPlaced ? null : $"{begins} a host, but without ContainerRegistry nothing is pushed there. {Remedy(parts)}";
    }

    private static string Remedy(RepositoryParts parts)
    {
        var repository = $"ContainerRepository to '{parts.Repository}'";
        return (parts.Registry, parts.Tag) switch
        {
            (null, null) => $"Set {repository}.",
            (null, { } tag) => $"Set {repository} and ContainerImageTag to '{tag}'.",
            ({ } registry, null) => $"Set ContainerRegistry to '{registry}' and {repository}.",
            ({ } registry, { } tag) => $"Set ContainerRegistry to '{registry}', {repository} and ContainerImageTag to '{tag}'.",
        };
    }

    private static ContainerizeException Invalid(string name)
    {
        var parts = RepositoryParts.Of(name);
        // A login stands before an @ as well.
        var why = parts.Digest?.StartsWith("sha256:", StringComparison.Ordinal) == true ? "a digest, which follows from the image"
            : parts is { Scheme: { } scheme, Digest: null } ? $"'{scheme}://', which no name has"
            : null;
        if (why is not null && ImageReference.IsValidRepository(parts.Repository))
        {
            // A digest would be half of the message.
            var shown = parts.Digest is null ? name : $"{name[..name.IndexOf('@', StringComparison.Ordinal)]}@sha256:…";
            return new ContainerizeException(ErrorCodes.RepositoryInvalid, $"ContainerRepository '{shown}' holds {why}. {Remedy(parts)}");
        }

        return new ContainerizeException(
            ErrorCodes.RepositoryInvalid,
            $"'{Logins.Hide(name)}' cannot become a repository's name: lower-case letters and digits, with '.', '_', '-' inside and "
                + "'/' between "
                + "its parts. Set ContainerRepository, for example to 'team/app'.");
    }
}

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

    // Registries' names do not have capitals, as a rule; Contoso.Web/Api is a name that is made lower-case.
    private static bool IsHost(string first) =>
        first == "localhost" || (first.AsSpan().ContainsAny(".:[") && !first.Any(char.IsAsciiLetterUpper));
}
