namespace Containerize.Testing.Validation;

/// <summary>The two families of media types, which must not be mixed in one manifest.</summary>
internal enum MediaTypeFamily
{
    /// <summary>Neither: an artifact's.</summary>
    Other,

    /// <summary>image-spec, media-types.md.</summary>
    Oci,

    /// <summary>Docker image manifest v2, schema 2.</summary>
    Docker,
}

/// <summary>What a media type of an image says (image-spec, media-types.md, and its table of compatible Docker types).</summary>
internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    private const string OciPrefix = "application/vnd.oci.";
    private const string DockerPrefix = "application/vnd.docker.";

    public static MediaTypeFamily FamilyOf(string mediaType) =>
        mediaType.StartsWith(OciPrefix, StringComparison.Ordinal) ? MediaTypeFamily.Oci
        : mediaType.StartsWith(DockerPrefix, StringComparison.Ordinal) ? MediaTypeFamily.Docker
        : MediaTypeFamily.Other;

    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerManifestList;

    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    public static bool IsConfig(string mediaType) => mediaType is OciConfig or DockerConfig;

    public static bool IsForeignLayer(string mediaType) =>
        mediaType.StartsWith(OciForeignLayer, StringComparison.Ordinal)
            || mediaType.StartsWith(DockerForeignLayer, StringComparison.Ordinal);

    /// <summary>How a layer of this type is compressed; null when it is not the type of a layer. zstd has no Docker type.</summary>
    public static LayerCompression? CompressionOf(string mediaType) => mediaType switch
    {
        OciLayer or OciForeignLayer or DockerLayer or DockerForeignLayer => LayerCompression.None,
        OciLayer + "+gzip" or OciForeignLayer + "+gzip" or DockerLayer + ".gzip" or DockerForeignLayer + ".gzip" => LayerCompression.Gzip,
        OciLayer + "+zstd" or OciForeignLayer + "+zstd" => LayerCompression.Zstd,
        _ => null,
    };
}

/// <summary>How a layer is compressed.</summary>
internal enum LayerCompression
{
    None,
    Gzip,
    Zstd,
}
