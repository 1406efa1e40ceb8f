namespace Containerize.Images;

/// <summary>The media types of OCI image-spec 1.1 (media-types.md) and of Docker's schema 2.</summary>
internal static class MediaTypes
{
#pragma warning disable CS1591 // The names say it.
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public const string DockerForeignLayerGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
#pragma warning restore CS1591

    /// <summary>What a client may be served for a name: manifests and indexes of both families, never schema 1.</summary>
    public static IReadOnlyList<string> ManifestsAndIndexes { get; } = [OciManifest, OciIndex, DockerManifest, DockerManifestList];

    /// <summary>An index or a manifest list.</summary>
    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>A manifest of one image.</summary>
    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>The family that a manifest or index belongs to.</summary>
    public static ImageFormat FormatOf(string mediaType) =>
        mediaType.StartsWith("application/vnd.docker.", StringComparison.Ordinal) ? ImageFormat.Docker : ImageFormat.Oci;

    /// <summary>
    /// A layer's media type in another family; null where there is none (zstd has no Docker type). The bytes stay:
    /// image-spec media-types.md, "Compatibility Matrix", calls the gzip and tar types interchangeable.
    /// </summary>
    public static string? ConvertLayer(string mediaType, ImageFormat format) => (mediaType, format) switch
    {
        (OciLayer or DockerLayer, ImageFormat.Oci) => OciLayer,
        (OciLayer or DockerLayer, ImageFormat.Docker) => DockerLayer,
        (OciLayerGzip or DockerLayerGzip, ImageFormat.Oci) => OciLayerGzip,
        (OciLayerGzip or DockerLayerGzip, ImageFormat.Docker) => DockerLayerGzip,
        _ => FormatOf(mediaType) == format ? mediaType : null,
    };
}

/// <summary>The two families of documents. One image never mixes them: some registries refuse it.</summary>
public enum ImageFormat
{
    /// <summary>OCI image-spec.</summary>
    Oci,

    /// <summary>Docker image manifest version 2, schema 2.</summary>
    Docker,
}
