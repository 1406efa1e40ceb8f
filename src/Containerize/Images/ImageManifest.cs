using System.Text.Json;

namespace Containerize.Images;

/// <summary>The manifest of one image (image-spec, manifest.md; Docker's schema 2 has the same members).</summary>
/// <param name="Document">The bytes.</param>
/// <param name="Config">Where the config lies.</param>
/// <param name="Layers">The layers, base first.</param>
internal sealed record ImageManifest(ImageDocument Document, Descriptor Config, IReadOnlyList<Descriptor> Layers)
{
    /// <summary>Reads a manifest; throws <see cref="FormatException"/> on anything else.</summary>
    public static ImageManifest Read(ImageDocument document)
    {
        var root = Json.ParseObject(document.Content);
        return new ImageManifest(
            document,
            Descriptor.Read(root.RequiredObject("config")),
            [.. root.RequiredArray("layers").AtMost(Limits.LayersOfImage, "layers").Select(Descriptor.Read)]);
    }

    /// <summary>
    /// Writes a manifest. The media type stands in it: the spec leaves that open, but ECR refuses OCI manifests without.
    /// </summary>
    /// <param name="format">The family of its media types.</param>
    /// <param name="config">Where the config lies.</param>
    /// <param name="layers">The layers, base first.</param>
    /// <param name="annotations">Annotations, each name once. Docker's schema 2 has none: they are left out there.</param>
    public static ImageManifest Create(
        ImageFormat format,
        Descriptor config,
        IReadOnlyList<Descriptor> layers,
        IReadOnlyList<KeyValuePair<string, string>>? annotations = null)
    {
        var mediaType = format == ImageFormat.Docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        var content = Json.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", mediaType);
            writer.WritePropertyName("config");
            config.WriteTo(writer);
            writer.WriteStartArray("layers");
            foreach (var layer in layers)
                layer.WriteTo(writer);
            writer.WriteEndArray();
            if (annotations is { Count: > 0 } && format == ImageFormat.Oci)
            {
                writer.WriteStartObject("annotations");
                foreach (var (name, value) in annotations)
                    writer.WriteString(name, value);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
        return new ImageManifest(new ImageDocument(mediaType, content), config, layers);
    }
}
