using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerize.Images;

/// <summary>
/// A name of an image in a registry: <c>host[:port]/repository[:tag][@digest]</c>
/// (the grammar of distribution's reference package; distribution-spec, "Pulling manifests").
/// </summary>
/// <param name="Registry">The host with its port, as it is used in names: <c>docker.io</c>, <c>localhost:5000</c>.</param>
/// <param name="Repository">The path in the registry: <c>library/ubuntu</c>.</param>
/// <param name="Tag">The tag, if one is given.</param>
/// <param name="Digest">The digest, if one is given; it then decides, whatever the tag says.</param>
internal sealed partial record ImageReference(string Registry, string Repository, string? Tag = null, Digest? Digest = null)
{
    /// <summary>The registry that is meant by a name without one.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>Registry and repository, without tag and digest.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>What a registry is asked for: the digest, else the tag, else <c>latest</c>.</summary>
    public string TagOrDigest => Digest?.ToString() ?? Tag ?? "latest";

    /// <summary>Reads a reference.</summary>
    /// <param name="text">For example <c>ubuntu:24.04</c> or <c>localhost:5000/app@sha256:…</c>.</param>
    /// <param name="reference">What it says.</param>
    /// <param name="registryGiven">False where Docker Hub was assumed because the text names no registry.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ImageReference? reference, out bool registryGiven)
    {
        reference = null;
        registryGiven = false;
        if (string.IsNullOrEmpty(text) || ReferencePattern().Match(text) is not { Success: true } match)
            return false;

        Digest? digest = null;
        if (match.Groups["digest"] is { Success: true, Value: var digestText })
        {
            if (!Images.Digest.TryParse(digestText, out var parsed))
                return false;
            digest = parsed;
        }

        var name = match.Groups["name"].Value;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        // A first segment is a host only if it could not be a Docker Hub account (distribution: splitDockerDomain).
        registryGiven = slash > 0 && (first == "localhost" || first.AsSpan().ContainsAny(".:[") || first.Any(char.IsAsciiLetterUpper));
        var registry = registryGiven ? first : DockerHub;
        var repository = registryGiven ? name[(slash + 1)..] : name;
        if (registry is "index.docker.io" or "registry-1.docker.io")
            registry = DockerHub;
        if (registry == DockerHub && !repository.Contains('/', StringComparison.Ordinal))
            repository = "library/" + repository;

        if (!IsValidRegistry(registry) || !IsValidRepository(repository))
            return false;
        reference = new ImageReference(registry, repository, match.Groups["tag"] is { Success: true } tag ? tag.Value : null, digest);
        return true;
    }

    /// <summary>Whether this is a host, with or without a port.</summary>
    public static bool IsValidRegistry([NotNullWhen(true)] string? registry) =>
        registry is not null && RegistryPattern().Match(registry) is { Success: true } match
        && (!match.Groups["port"].Success
            || int.Parse(match.Groups["port"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) <= 65535)
        // Nearly everything of these characters is no address, and the registry could not be asked.
        && (!match.Groups["address"].Success || Uri.CheckHostName(match.Groups["address"].Value) == UriHostNameType.IPv6);

    /// <summary>Whether this is a repository's path (distribution-spec: at most 255 characters with the host in practice).</summary>
    public static bool IsValidRepository([NotNullWhen(true)] string? repository) =>
        repository is { Length: <= 255 } && RepositoryPattern().IsMatch(repository);

    /// <summary>Whether this is a tag (distribution-spec: at most 128 characters).</summary>
    public static bool IsValidTag([NotNullWhen(true)] string? tag) => tag is not null && TagPattern().IsMatch(tag);

    /// <inheritdoc/>
    public override string ToString() =>
        Name + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    [GeneratedRegex(
        @"\A(?<name>[^@]+?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>[^@]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferencePattern();

    [GeneratedRegex(
        @"\A(?:\[(?<address>[0-9a-fA-F:.]+)\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)"
            + @"(?::(?<port>[0-9]{1,5}))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex RegistryPattern();

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();
}
