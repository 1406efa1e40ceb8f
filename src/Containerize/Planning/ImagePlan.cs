using System.Text.Json.Serialization;
using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;

namespace Containerize.Planning;

/// <summary>
/// Everything that decides what an image will be, and where it goes: plain data, made from the project alone, without
/// network and clock. It is written as JSON below <c>obj</c>, for people to read and for later steps to work from.
/// </summary>
internal sealed record ImagePlan
{
    /// <summary>The project's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The image to build on.</summary>
    public required ImageLocation BaseImage { get; init; }

    /// <summary>The runtime identifier that the project was published for.</summary>
    public required string RuntimeIdentifier { get; init; }

    /// <summary>The platform that belongs to it.</summary>
    public required Platform Platform { get; init; }

    /// <summary>The family of documents; null leaves it to the build, which prefers OCI.</summary>
    public ImageFormat? Format { get; init; }

    /// <summary>How the layers to add are compressed.</summary>
    public LayerCompression Compression { get; init; } = LayerCompression.Default;

    /// <summary>When the image counts as created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What goes into the config.</summary>
    public required ConfigPlan Config { get; init; }

    /// <summary>What the manifest says of the image, besides the config's labels.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>The image's repository, at every destination that names none of its own.</summary>
    public required string Repository { get; init; }

    /// <summary>The image's tags, at every destination that names none of its own.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>What the tags that are at a destination mean for these; null where they are put whatever is there.</summary>
    public TagRules? TagRules { get; init; }

    /// <summary>Where the image goes.</summary>
    public required IReadOnlyList<Destination> Destinations { get; init; }

    /// <summary>How registries are talked to.</summary>
    public RegistrySettings Registries { get; init; } = new();

    /// <summary>What becomes of what does not fit the base.</summary>
    public CheckSeverity Checks { get; init; }

    /// <summary>What the application expects of the base.</summary>
    public ApplicationNeeds Needs { get; init; } = new();

    /// <summary>The layers to add, in their order. None is empty.</summary>
    public required IReadOnlyList<LayerPlan> Layers { get; init; }

    /// <summary>The layer of the image that has the symbols alone; null where there is none.</summary>
    public LayerPlan? Symbols { get; init; }

    /// <summary>
    /// Whether the base's files are looked at: because the image depends on them, or because the application is to be checked against
    /// them.
    /// </summary>
    [JsonIgnore]
    public bool WantsBaseFiles => NeedsBaseFiles || (!BaseImage.IsScratch && Checks != CheckSeverity.None);

    /// <summary>
    /// Whether the base's files have to be known to build the image. Decided by the plan alone: where nothing depends on them, no layer of
    /// the base is read.
    /// </summary>
    [JsonIgnore]
    public bool NeedsBaseFiles =>
        !BaseImage.IsScratch && EntryPlacement.NeedsBase(Layers.Select(layer => layer.Entries), Config.WorkingDirectory);

    /// <summary>The image's repository at a destination.</summary>
    public string RepositoryAt(Destination destination) => destination.Repository ?? Repository;

    /// <summary>The image's tags at a destination.</summary>
    public IReadOnlyList<string> TagsAt(Destination destination) => destination.Tags ?? Tags;

    /// <summary>The annotations that stand in one kind of document, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AnnotationsIn(AnnotationScope scope) =>
    [
        .. Annotations.Where(annotation => annotation.Scope.HasFlag(scope))
            .Select(annotation => KeyValuePair.Create(annotation.Name, annotation.Value)),
    ];
}

/// <summary>One layer to add.</summary>
/// <param name="Name">What it holds, for messages and the image's history.</param>
/// <param name="Entries">Its entries; no path twice.</param>
internal sealed record LayerPlan(string Name, IReadOnlyList<LayerEntry> Entries);

/// <summary>What goes into the config, on top of the base's.</summary>
internal sealed record ConfigPlan
{
    /// <summary>WORKDIR.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>USER; null leaves it to <c>APP_UID</c> and the base.</summary>
    public string? User { get; init; }

    /// <summary>ENTRYPOINT and CMD, before the base's are known.</summary>
    public required CommandPlan Command { get; init; }

    /// <summary>Environment variables, in their order.</summary>
    public IReadOnlyList<NamedValue> EnvironmentVariables { get; init; } = [];

    /// <summary>Ports such as <c>8080/tcp</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>VOLUME: absolute paths.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>STOPSIGNAL; null leaves it to the base.</summary>
    public string? StopSignal { get; init; }

    /// <summary>HEALTHCHECK; null leaves it to the base.</summary>
    public HealthcheckPlan? Healthcheck { get; init; }

    /// <summary>Labels, in their order.</summary>
    public IReadOnlyList<NamedValue> Labels { get; init; } = [];

    /// <summary>
    /// Labels of the base that are not taken over: what they say is true of the base alone, and nothing is known to say instead.
    /// </summary>
    public IReadOnlyList<string> DroppedLabels { get; init; } = [];

    /// <summary>Whether <c>org.opencontainers.image.base.digest</c> is set, which is known only once the base is resolved.</summary>
    public bool LabelBaseDigest { get; init; }

    /// <summary>Whether a label says what the check of the image has found.</summary>
    public bool LabelFit { get; init; }
}

/// <summary>A name and its value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value; may be empty.</param>
internal sealed record NamedValue(string Name, string Value);

/// <summary>A place that the image goes to.</summary>
/// <param name="Kind">What kind of place.</param>
/// <param name="Target">
/// Registry: its host. Archive: the file. OCI layout: the folder. Engine: its program's name, or empty for whichever answers.
/// </param>
/// <param name="Fallback">Engine: the archive to write where none answers and none was asked for by name.</param>
internal sealed record Destination(DestinationKind Kind, string Target, string? Fallback = null)
{
    /// <summary>The image's repository there; null for the plan's.</summary>
    public string? Repository { get; init; }

    /// <summary>The image's tags there; null for the plan's.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Whether it is a registry.</summary>
    [JsonIgnore]
    public bool IsRegistry => Kind == DestinationKind.Registry;

    /// <summary>Whether it is a path on this machine.</summary>
    [JsonIgnore]
    public bool IsPath => Kind is DestinationKind.OciLayout or DestinationKind.Archive;

    /// <summary>Whether OCI tools read the image there, which know no other format.</summary>
    [JsonIgnore]
    public bool IsForOciTools => IsPath;
}

/// <summary>The kinds of places that an image goes to.</summary>
public enum DestinationKind
{
    /// <summary>A registry.</summary>
    Registry,

    /// <summary>A file that docker, podman and OCI tools read.</summary>
    Archive,

    /// <summary>A folder in the OCI image layout.</summary>
    OciLayout,

    /// <summary>The container engine of this machine.</summary>
    Engine,
}
