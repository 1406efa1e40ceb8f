namespace Containerize.Testing.Registries;

/// <summary>
/// The types of document that a registry takes as a manifest (image-spec, media-types.md; Docker image manifest v2, schema 2).
/// </summary>
public static class ManifestMediaTypes
{
    /// <summary>An OCI manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>An OCI index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>A Docker manifest.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>A Docker manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>All four.</summary>
    public static IReadOnlyList<string> All { get; } = [OciManifest, OciIndex, DockerManifest, DockerManifestList];
}
