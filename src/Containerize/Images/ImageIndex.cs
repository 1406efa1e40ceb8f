using System.Text.Json;

namespace Containerize.Images;

/// <summary>An index of images for several platforms (image-spec, image-index.md), or Docker's manifest list.</summary>
/// <param name="Document">The bytes.</param>
/// <param name="Manifests">Its entries, in their order: the first that fits is the one to take.</param>
internal sealed record ImageIndex(ImageDocument Document, IReadOnlyList<Descriptor> Manifests)
{
    /// <summary>Reads an index; throws <see cref="FormatException"/> on anything else.</summary>
    public static ImageIndex Read(ImageDocument document) =>
        new(
            document,
            [.. Json.ParseObject(document.Content).RequiredArray(
                "manifests").AtMost(Limits.ImagesOfIndex, "images").Select(Descriptor.Read)]);

    /// <summary>
    /// The first image for a platform, or null. An exact variant takes precedence over an absent one, and that over
    /// BuildKit's attestations (platform unknown/unknown) never match.
    /// </summary>
    public Descriptor? Find(Platform platform)
    {
        var fitting = Manifests
            .Where(entry => MediaTypes.IsManifest(entry.MediaType) && entry.Platform is { } offered && platform.Accepts(offered))
            .ToList();
        return fitting.Find(entry => entry.Platform!.Variant == platform.Variant) ?? fitting.FirstOrDefault();
    }

    /// <summary>
    /// Writes an index of images for several platforms. Their manifests must be of its own family: registries refuse a mixture.
    /// </summary>
    /// <param name="format">The family of its media types.</param>
    /// <param name="images">The images and what they were built for, in the order in which a client looks for its platform.</param>
    /// <param name="annotations">Annotations, each name once. Docker's manifest list has none: they are left out there.</param>
    public static ImageIndex Create(
        ImageFormat format,
        IReadOnlyList<(Image Image, Platform Platform)> images,
        IReadOnlyList<KeyValuePair<string, string>> annotations)
    {
        var mediaType = format == ImageFormat.Docker ? MediaTypes.DockerManifestList : MediaTypes.OciIndex;
        return Read(new ImageDocument(mediaType, Json.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("schemaVersion", 2);
            writer.WriteString("mediaType", mediaType);
            writer.WriteStartArray("manifests");
            foreach (var (image, platform) in images)
                WriteEntry(writer, image, platform);
            writer.WriteEndArray();
            if (annotations.Count > 0 && format == ImageFormat.Oci)
            {
                writer.WriteStartObject("annotations");
                foreach (var (name, value) in annotations)
                    writer.WriteString(name, value);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        })));
    }

    private static void WriteEntry(Utf8JsonWriter writer, Image image, Platform platform)
    {
        var manifest = image.Manifest.Document.Descriptor;
        writer.WriteStartObject();
        writer.WriteString("mediaType", manifest.MediaType);
        writer.WriteString("digest", manifest.Digest.ToString());
        writer.WriteNumber("size", manifest.Size);
        writer.WritePropertyName("platform");
        image.Config.WritePlatform(writer, platform);
        writer.WriteEndObject();
    }
}
