using System.Text.Json;
using Containerize.Images;

namespace Containerize.Stores;

/// <summary>The small documents of an OCI image layout (image-layout.md) and of what <c>docker save</c> writes.</summary>
internal static class LayoutDocuments
{
    public const string RefName = "org.opencontainers.image.ref.name";
    public const string ContainerdName = "io.containerd.image.name";

    /// <summary>The file <c>oci-layout</c>.</summary>
    public static ReadOnlyMemory<byte> Marker { get; } = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray();

    /// <summary>The path of a blob in a layout, with <c>/</c>.</summary>
    public static string BlobPath(Digest digest) => "blobs/sha256/" + digest.Hex;

    /// <summary>An annotation of a descriptor; null where it has none of that name.</summary>
    public static string? Annotation(JsonElement descriptor, string name) =>
        descriptor.ValueKind == JsonValueKind.Object && descriptor.TryGetProperty("annotations", out var annotations)
            && annotations.ValueKind == JsonValueKind.Object
            ? annotations.OptionalString(name)
            : null;

    /// <summary>
    /// <c>index.json</c>: one descriptor for each tag. skopeo and umoci look for the bare tag in ref.name, containerd and
    /// podman for a full name; both find theirs.
    /// </summary>
    public static byte[] Index(Descriptor manifest, ImageNames names, IReadOnlyList<string> others) => Json.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", 2);
        writer.WriteString("mediaType", MediaTypes.OciIndex);
        writer.WriteStartArray("manifests");
        foreach (var other in others)
            writer.WriteRawValue(other);
        foreach (var tag in names.Tags)
        {
            writer.WriteStartObject();
            writer.WriteString("mediaType", manifest.MediaType);
            writer.WriteString("digest", manifest.Digest.ToString());
            writer.WriteNumber("size", manifest.Size);
            writer.WriteStartObject("annotations");
            writer.WriteString(ContainerdName, names.Full(tag));
            writer.WriteString(RefName, tag);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary><c>manifest.json</c>, which <c>docker load</c> reads (moby, image/tarexport).</summary>
    public static byte[] DockerManifest(Image image, ImageNames names) => Json.Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("Config", BlobPath(image.Manifest.Config.Digest));
        writer.WriteStartArray("RepoTags");
        foreach (var name in names.WithTags)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteStartArray("Layers");
        foreach (var layer in image.Layers)
            writer.WriteStringValue(BlobPath(layer.Descriptor.Digest));
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    });
}
