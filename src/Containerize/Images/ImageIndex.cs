namespace Containerize.Images;

/// <summary>An index of images for several platforms (image-spec, image-index.md), or Docker's manifest list.</summary>
/// <param name="Document">The bytes.</param>
/// <param name="Manifests">Its entries, in their order: the first that fits is the one to take.</param>
public sealed record ImageIndex(ImageDocument Document, IReadOnlyList<Descriptor> Manifests)
{
    /// <summary>Reads an index; throws <see cref="FormatException"/> on anything else.</summary>
    public static ImageIndex Read(ImageDocument document) =>
        new(document, [.. Json.ParseObject(document.Content).RequiredArray("manifests").Select(Descriptor.Read)]);

    /// <summary>
    /// The first image for a platform, or null. An exact variant goes before an absent one, and before that
    /// BuildKit's attestations (platform unknown/unknown) never match.
    /// </summary>
    public Descriptor? Find(Platform platform)
    {
        var fitting = Manifests
            .Where(entry => MediaTypes.IsManifest(entry.MediaType) && entry.Platform is { } offered && platform.Accepts(offered))
            .ToList();
        return fitting.Find(entry => entry.Platform!.Variant == platform.Variant) ?? fitting.FirstOrDefault();
    }
}
