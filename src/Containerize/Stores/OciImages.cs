using System.Text.Json;
using Containerize.Images;

namespace Containerize.Stores;

/// <summary>Reads images from files in the OCI image layout (image-spec, image-layout.md), be they in a folder or in a tar.</summary>
internal static class OciImages
{
    /// <summary>The file that lists the images.</summary>
    public const string IndexPath = "index.json";

    /// <summary>Reads an image: its documents are checked, of its layers only that they are there.</summary>
    /// <param name="files">The files.</param>
    /// <param name="location">The base image as the plan names it, for errors.</param>
    /// <param name="name">The image's name there, in full or as its tag, or a digest; null for the only one that there is.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="layerOf">Makes a layer from its descriptor, its diffID and where its bytes are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">
    /// It is not there (CTZ2008), not for the platform (CTZ2002), or no image (CTZ2005).
    /// </exception>
    /// <exception cref="FormatException">A document is damaged.</exception>
    public static async Task<Image> ReadAsync(
        IImageFiles files,
        string location,
        string? name,
        Platform platform,
        Func<Descriptor, Digest, FilePart, ILayer> layerOf,
        CancellationToken cancellationToken)
    {
        var documents = new ImageDocuments(files);
        var index = Json.ParseObject(await documents.ReadAsync(IndexPath, cancellationToken).ConfigureAwait(false));
        var entries = index.RequiredArray("manifests").AtMost(Limits.ImagesOfIndex, "images")
            .Select(entry => (Descriptor: Descriptor.Read(entry), Names: NamesOf(entry)))
            .Where(entry => MediaTypes.IsManifest(entry.Descriptor.MediaType) || MediaTypes.IsIndex(entry.Descriptor.MediaType))
            .ToList();
        var groups = new Dictionary<Digest, int>();
        foreach (var (descriptor, _) in entries)
            groups.TryAdd(descriptor.Digest, groups.Count);
        var choice = new ImageChoice(location, name, platform);
        var candidates = new List<ImageCandidate<Descriptor>>();
        var artifact = false;
        foreach (var (descriptor, names) in entries.Where(entry => choice.Accepts(entry.Names, entry.Descriptor.Digest)))
        {
            if (MediaTypes.IsIndex(descriptor.MediaType))
            {
                var list = ImageIndex.Read(await documents.ReadAsync(descriptor, cancellationToken).ConfigureAwait(false));
                var manifests = list.Manifests
                    .Where(entry => MediaTypes.IsManifest(entry.MediaType) && entry.Platform is { Os: not "unknown" });
                foreach (var manifest in manifests)
                    candidates.Add(
                        new ImageCandidate<Descriptor>(manifest, manifest.Digest, names, manifest.Platform!, groups[descriptor.Digest]));
                if (candidates.Count > Limits.ImagesOfIndex)
                    throw new FormatException($"the indexes in '{files.Place}' list more than {Limits.ImagesOfIndex} images");
            }
            else if (
                (
                    descriptor.Platform
                        ?? await PlatformOfAsync(documents, descriptor, cancellationToken).ConfigureAwait(false)) is { } offered)
            {
                candidates.Add(new ImageCandidate<Descriptor>(descriptor, descriptor.Digest, names, offered, groups[descriptor.Digest]));
            }
            else
            {
                artifact = true;
            }
        }

        if (candidates.Count == 0 && artifact)
            throw BaseImageErrors.Invalid(location, "what is there is an artifact, not an image that can be run");
        var chosen = choice.Choose(candidates, [.. entries.Select(entry => (entry.Names, entry.Descriptor.Digest))]);
        return await ReadImageAsync(files, documents, location, chosen, platform, layerOf, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Image> ReadImageAsync(
        IImageFiles files,
        ImageDocuments documents,
        string location,
        Descriptor descriptor,
        Platform platform,
        Func<Descriptor, Digest, FilePart, ILayer> layerOf,
        CancellationToken cancellationToken)
    {
        var manifest = ImageManifest.Read(await documents.ReadAsync(descriptor, cancellationToken).ConfigureAwait(false));
        if (!IsImage(manifest))
            throw BaseImageErrors.Invalid(
                location,
                $"its config has the media type '{manifest.Config.MediaType}': it is an artifact, not an image that can be run");
        var config = ImageConfig.Read(await documents.ReadAsync(manifest.Config, cancellationToken).ConfigureAwait(false));
        var diffIds = config.DiffIds;
        if (diffIds.Count != manifest.Layers.Count)
            throw BaseImageErrors.Invalid(location, $"its manifest lists {manifest.Layers.Count} layers, its config {diffIds.Count}");
        if (!platform.Accepts(config.Platform))
            throw BaseImageErrors.PlatformMissing(location, platform, [config.Platform.ToString()]);
        var layers = manifest.Layers.Select(
            (layer, i) => layerOf(layer, diffIds[i], layer.IsForeign ? new FilePart("", 0, 0) : PlaceOf(files, layer)));
        return new Image(manifest, config, [.. layers]);
    }

    /// <summary>Where a layer's bytes are; throws <see cref="FormatException"/> where they are not, or are too few or many.</summary>
    public static FilePart PlaceOf(IImageFiles files, Descriptor layer)
    {
        var path = LayoutDocuments.BlobPath(layer.Digest);
        var part = files.Find(path) ?? throw new FormatException($"there is no {path} in '{files.Place}', which is one of its layers");
        return part.Length == layer.Size
            ? part
            : throw new FormatException($"{path} in '{files.Place}', one of its layers, has {part.Length} bytes instead of {layer.Size}");
    }

    private static bool IsImage(ImageManifest manifest) => manifest.Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

    private static async Task<Platform?> PlatformOfAsync(
        ImageDocuments documents, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var manifest = ImageManifest.Read(await documents.ReadAsync(descriptor, cancellationToken).ConfigureAwait(false));
        return IsImage(manifest)
            ? ImageConfig.Read(await documents.ReadAsync(manifest.Config, cancellationToken).ConfigureAwait(false)).Platform
            : null;
    }

    // The tag first, as most tools write it, then the full name that containerd and we write.
    private static List<string> NamesOf(JsonElement entry) =>
        [.. new[] { LayoutDocuments.RefName, LayoutDocuments.ContainerdName }.Select(
            annotation => LayoutDocuments.Annotation(entry, annotation)).OfType<string>()];
}
