using Containerize.Images;
using Containerize.Planning;

namespace Containerize.Planning.Settings;

/// <summary>Reads from items and properties where the image goes.</summary>
internal sealed class DestinationReader
{
    private readonly string _projectDirectory;
    private readonly string _publishDirectory;
    private readonly string _repository;
    private readonly IReadOnlyList<string> _tags;

    public DestinationReader(string projectDirectory, string publishDirectory, string repository, IReadOnlyList<string> tags)
    {
        _projectDirectory = projectDirectory;
        _publishDirectory = publishDirectory;
        _repository = repository;
        _tags = tags;
    }

    /// <summary>
    /// The items, and what the properties say besides; where neither says anything, the engine of this machine, or a file beside the
    /// publish folder where none answers.
    /// </summary>
    /// <exception cref="ContainerizeException">An item is not valid (CTZ1036), or the engine is unknown (CTZ1022).</exception>
    public IReadOnlyList<Destination> Read(
        IReadOnlyList<IProjectItem> items, string? registry, string? archive, string? layout, string? engine)
    {
        // Also where it decides nothing, or a typing error would show once the other destinations are gone.
        var engineName = EngineName(engine);
        var merged = new List<Destination>();
        var ofProperties = OfProperties(registry, archive, layout, engineName, isAlone: items.Count == 0);
        foreach (var destination in items.Select(Read).Concat(ofProperties))
        {
            var same = merged.FindIndex(other => other.Kind == destination.Kind && other.Target == destination.Target
                && (other.Repository ?? _repository) == (destination.Repository ?? _repository));
            if (same >= 0)
                merged[same] = merged[same] with { Tags = Union(merged[same].Tags, destination.Tags) };
            else
                merged.Add(destination);
        }

        foreach (var places in merged.Where(destination => destination.IsPath).GroupBy(destination => destination.Target))
        {
            if (places.Count() > 1 && places.Any(place => place.Kind == DestinationKind.Archive))
            {
                var images = string.Join(" and as ", places.Select(place => $"{KindOf(place)} of {place.Repository ?? _repository}"));
                throw new ContainerizeException(
                    ErrorCodes.DestinationInvalid,
                    $"Several destinations write to the same file '{places.Key}', as {images}. An archive holds one image with one "
                        + "repository: give each a path of its own.");
            }
        }

        return merged;
    }

    /// <summary>
    /// Files where files are asked for (they win over the registry, as in the .NET SDK's containers); else the registry;
    /// else the engine.
    /// </summary>
    private List<Destination> OfProperties(string? registry, string? archive, string? layout, string engine, bool isAlone)
    {
        var files = new List<Destination>();
        if (!string.IsNullOrEmpty(archive))
            files.Add(new Destination(DestinationKind.Archive, ArchivePath(archive)));
        if (!string.IsNullOrEmpty(layout))
            files.Add(new Destination(DestinationKind.OciLayout, Path.GetFullPath(ToLocal(layout), _projectDirectory)));
        if (files.Count > 0)
            return files;
        if (!string.IsNullOrEmpty(registry))
            return [new Destination(DestinationKind.Registry, registry)];
        if (!isAlone && engine.Length == 0)
            return [];

        var beside = Path.Combine(
            Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(_publishDirectory)) ?? _publishDirectory, FileName(_repository));
        return [new Destination(DestinationKind.Engine, engine, beside)];
    }

    private Destination Read(IProjectItem item)
    {
        var text = item.ItemSpec;
        if (!ImageLocation.TryParse(text, out var location))
            throw Invalid(text, "lacks a path, or a tag behind the last ':'", "Write for example 'oci:images/shop:1.0'.");
        var repository = item.Metadata("Repository");
        var tags = TagsOf(item);
        switch (location.Kind)
        {
            case LocationKind.Registry or LocationKind.Scratch:
                return OfRegistry(text, repository, tags);
            case LocationKind.Engine:
                return OfEngine(text, location, repository, tags);
            default:
                if (repository is not null
                    && !(ImageReference.TryParse(repository, out var parsed, out _) && parsed is { Tag: null, Digest: null }))
                    throw Invalid(
                        text,
                        $"has the Repository '{Logins.Hide(repository)}', which is no repository's name",
                        "Write for example 'team/shop', in lower case and without a tag.");
                return new Destination(
                    location.Kind == LocationKind.OciLayout ? DestinationKind.OciLayout : DestinationKind.Archive,
                    location.Kind == LocationKind.OciLayout
                        ? location.In(_projectDirectory).Place
                        : ArchivePath(location.Place, repository))
                {
                    Repository = repository,
                    Tags = OneOf(text, Tag(text, location.Name), tags),
                };
        }
    }

    private static Destination OfRegistry(string text, string? repository, IReadOnlyList<string>? tags)
    {
        if (!ImageReference.TryParse(text, out var reference, out var registryGiven))
            throw Invalid(
                text,
                "is not an image's name",
                "It must have the form registry/repository or registry/repository:tag, or begin with a prefix such as 'oci:'.");
        if (!registryGiven)
            throw Invalid(text, "names no registry", $"Write '{reference.Name}' if Docker Hub is meant.");
        if (reference.Digest is not null)
            throw Invalid(text, "names a digest, which only the finished image has", "Name a tag, or none.");
        if (repository is not null)
            throw Invalid(text, $"names its repository, and has the Repository '{Logins.Hide(repository)}' besides", "Keep one of them.");
        return new Destination(
            DestinationKind.Registry, reference.Registry) { Repository = reference.Repository, Tags = OneOf(text, reference.Tag, tags) };
    }

    private static Destination OfEngine(string text, ImageLocation location, string? repository, IReadOnlyList<string>? tags)
    {
        var name = location.Name ?? repository;
        if (location.Name is not null && repository is not null)
            throw Invalid(text, $"names its repository, and has the Repository '{Logins.Hide(repository)}' besides", "Keep one of them.");
        if (name is null)
            return new Destination(DestinationKind.Engine, location.Place) { Tags = tags };
        if (!ImageReference.TryParse(name, out var reference, out _) || reference.Digest is not null)
            throw Invalid(
                text, $"has the name '{Logins.Hide(name)}', which is no image's", "Write for example 'docker-daemon:team/shop:1.0'.");
        return new Destination(DestinationKind.Engine, location.Place)
        {
            // As it was written: engines show names without the registry that is meant by none.
            Repository = reference.Tag is null ? name : name[..^(reference.Tag.Length + 1)],
            Tags = OneOf(text, reference.Tag, tags),
        };
    }

    private static string? Tag(string text, string? tag) =>
        tag is null || ImageReference.IsValidTag(tag) ? tag
            : throw Invalid(
                text, $"has the tag '{Logins.Hide(tag)}', which is not valid", "A repository is named by the metadatum Repository.");

    private static List<string>? TagsOf(IProjectItem item)
    {
        var tags = item.GetMetadata("Tags").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Distinct(StringComparer.Ordinal).ToList();
        return tags.Find(tag => !ImageReference.IsValidTag(tag)) is { } invalid
            ? throw Invalid(
                item.ItemSpec,
                $"has the tag '{invalid}', which is not valid",
                "A tag has at most 128 letters, digits, '_', '.' and '-', and does not start with '.' or '-'.")
            : tags.Count == 0 ? null : tags;
    }

    private static IReadOnlyList<string>? OneOf(string text, string? tag, IReadOnlyList<string>? tags) =>
        tag is not null && tags is not null
            ? throw Invalid(text, $"has the tag '{tag}' and the Tags '{string.Join(';', tags)}'", "Keep one of them.")
            : tag is null ? tags : [tag];

    private List<string>? Union(IReadOnlyList<string>? some, IReadOnlyList<string>? others) =>
        some is null && others is null ? null : [.. (some ?? _tags).Union(others ?? _tags, StringComparer.Ordinal)];

    private static ContainerizeException Invalid(string text, string why, string next) =>
        new(ErrorCodes.DestinationInvalid, $"ContainerDestination '{Logins.Hide(text)}' {why}. {next}");

    private static string KindOf(Destination place) => place.Kind == DestinationKind.Archive ? "archive" : "layout";

    private static string FileName(string repository) => repository.Replace('/', '-').Replace(':', '-') + ".tar";

    // A path with an extension is a file; another one, or one that ends like a folder, is a folder: the SDK's rule. Its
    // default file is called .tar.gz there although it is none.
    private string ArchivePath(string path, string? repository = null)
    {
        var full = Path.GetFullPath(ToLocal(path), _projectDirectory);
        return Path.HasExtension(full) && !Path.EndsInDirectorySeparator(full) && !Directory.Exists(full)
            ? full
            : Path.Combine(full, FileName(repository ?? _repository));
    }

    private static string ToLocal(string path) => path.Replace('\\', Path.DirectorySeparatorChar);

    private static string EngineName(string? engine)
    {
        if (string.IsNullOrEmpty(engine))
            return "";
        return ImageLocation.EngineNames.FirstOrDefault(name => name.Equals(engine, StringComparison.OrdinalIgnoreCase))
            ?? throw new ContainerizeException(
                ErrorCodes.LocalRegistryUnknown,
                $"LocalRegistry is '{engine}', which is no known container engine. Set it to "
                    + $"{string.Join(", ", ImageLocation.EngineNames)}, or remove it to take whichever answers.");
    }
}
