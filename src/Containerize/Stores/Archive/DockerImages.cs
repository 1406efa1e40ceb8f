using System.Text.Json;
using Containerize.Images;
using Containerize.Layers;

namespace Containerize.Stores.Archive;

/// <summary>
/// Reads images from an archive as <c>docker save</c> writes it (moby, image/tarexport): <c>manifest.json</c> lists configs and
/// layers. There are no manifests with digests in it, so one is made.
/// </summary>
internal static class DockerImages
{
    /// <summary>The file that lists the images.</summary>
    public const string ListPath = "manifest.json";

    /// <summary>Reads an image, and takes its layers in: they lie in the archive without compression, as a rule.</summary>
    /// <param name="files">The archive.</param>
    /// <param name="location">The base image as the plan names it, for errors.</param>
    /// <param name="name">The image's name there; null for the only one that there is.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="layers">Takes the layers in.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">It is not there (CTZ2008), or not for the platform (CTZ2002).</exception>
    /// <exception cref="FormatException">A document is damaged.</exception>
    /// <exception cref="InvalidDataException">A layer is damaged.</exception>
    public static async Task<Image> ReadAsync(
        IImageFiles files, string location, string? name, Platform platform, LayerImporter layers, CancellationToken cancellationToken)
    {
        var entries = new List<(IReadOnlyList<string> Names, Digest Digest)>();
        var choice = new ImageChoice(location, name, platform);
        var candidates = new List<ImageCandidate<Saved>>();
        var documents = new ImageDocuments(files);
        var list = Json.ParseArray(await documents.ReadAsync(ListPath, cancellationToken).ConfigureAwait(false));
        foreach (var entry in list.EnumerateArray().AtMost(Limits.ImagesOfIndex, "images"))
        {
            if (entry.ValueKind != JsonValueKind.Object)
                throw new FormatException($"{ListPath} lists something that is no image");
            var names = Texts(entry.OptionalArray("RepoTags"));
            var config = await ReadConfigAsync(files, documents, entry.RequiredString("Config"), cancellationToken).ConfigureAwait(false);
            entries.Add((names, config.Document.Descriptor.Digest));
            if (choice.Accepts(names, config.Document.Descriptor.Digest))
                candidates.Add(
                    new ImageCandidate<Saved>(
                        new Saved(config, Texts(entry.RequiredArray("Layers"))),
                        config.Document.Descriptor.Digest,
                        names,
                        config.Platform,
                        entries.Count));
        }

        var chosen = choice.Choose(candidates, entries);
        var diffIds = chosen.Config.DiffIds;
        if (diffIds.Count != chosen.Layers.Count)
            throw BaseImageErrors.Invalid(location, $"its {ListPath} lists {chosen.Layers.Count} layers, its config {diffIds.Count}");
        var taken = new List<ILayer>();
        var known = new Dictionary<(FilePart, Digest), ILayer>();
        foreach (var (path, diffId) in chosen.Layers.Zip(diffIds))
        {
            var part = files.Find(path)
                ?? throw new FormatException($"there is no '{ErrorText.PathOf(path)}' in '{files.Place}', which is one of its layers");
            // A thousand lines may name one large file.
            if (!known.TryGetValue((part, diffId), out var layer))
            {
                known[(part, diffId)] = layer = await layers.ImportAsync(
                    diffId,
                    () => new SliceStream(part.Path, part.Offset, part.Length),
                    $"The layer '{ErrorText.PathOf(path)}' in '{files.Place}'",
                    cancellationToken).ConfigureAwait(false);
            }

            taken.Add(layer);
        }

        var manifest = ImageManifest.Create(
            ImageFormat.Docker, chosen.Config.Document.Descriptor, [.. taken.Select(layer => layer.Descriptor)]);
        return new Image(manifest, chosen.Config, taken);
    }

    private static async Task<ImageConfig> ReadConfigAsync(
        IImageFiles files, ImageDocuments documents, string path, CancellationToken cancellationToken)
    {
        var config = ImageConfig.Read(
            new ImageDocument(MediaTypes.DockerConfig, await documents.ReadAsync(path, cancellationToken).ConfigureAwait(false)));
        // HEX.json, or blobs/sha256/HEX since Docker 25: engines call an image by this digest.
        var claimed = path[(path.LastIndexOf('/') + 1)..];
        claimed = claimed.EndsWith(".json", StringComparison.Ordinal) ? claimed[..^".json".Length] : claimed;
        return !Digest.TryParse("sha256:" + claimed, out var digest) || digest == config.Document.Descriptor.Digest
            ? config
            : throw new FormatException($"'{ErrorText.PathOf(path)}' in '{files.Place}' does not hold what its name says");
    }

    private static List<string> Texts(IEnumerable<JsonElement> values) =>
        [.. values.Select(
            value => value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new FormatException($"{ListPath} has something else in place of a text"))];

    private sealed record Saved(ImageConfig Config, IReadOnlyList<string> Layers);
}
