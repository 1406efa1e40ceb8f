using System.Text.Json;

namespace Containerize.Testing.Registries.Routing;

/// <summary>What a registry reads in a manifest: its type, and what it refers to.</summary>
/// <param name="MediaType">The document's own mediaType.</param>
/// <param name="Blobs">Config and layers that have to be in the repository.</param>
/// <param name="Manifests">The children of an index.</param>
/// <param name="Subject">The digest of the subject, which need not exist.</param>
/// <param name="ArtifactType">The artifact's type, or the config's where there is none (distribution-spec, "Listing Referrers").</param>
/// <param name="Annotations">The manifest's annotations.</param>
internal sealed record ManifestReferences(
    string? MediaType, IReadOnlyList<string> Blobs, IReadOnlyList<string> Manifests, string? Subject, string? ArtifactType,
    IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>Throws when the document is not of a manifest's shape.</summary>
    public static ManifestReferences Read(byte[] content)
    {
        using var document = JsonDocument.Parse(content);
        var root = document.RootElement;
        var blobs = new List<string>();
        var manifests = new List<string>();
        if (root.TryGetProperty("manifests", out var children))
        {
            manifests.AddRange(children.EnumerateArray().Select(Digest));
        }
        else
        {
            blobs.Add(Digest(root.GetProperty("config")));
            // A layer with addresses of its own, such as one of a Windows base, lies elsewhere.
            blobs.AddRange(root.GetProperty("layers").EnumerateArray().Where(layer => !layer.TryGetProperty("urls", out _)).Select(Digest));
        }
        return new ManifestReferences(
            Text(root, "mediaType"),
            blobs,
            manifests,
            root.TryGetProperty("subject", out var subject) ? Digest(subject) : null,
            Text(root, "artifactType") ?? (root.TryGetProperty("config", out var config) ? Text(config, "mediaType") : null),
            root.TryGetProperty("annotations", out var annotations)
                ? annotations.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString() ?? "", StringComparer.Ordinal)
                : []);
    }

    private static string Digest(JsonElement descriptor) =>
        descriptor.GetProperty("digest").GetString() ?? throw new JsonException("A digest is null.");

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
