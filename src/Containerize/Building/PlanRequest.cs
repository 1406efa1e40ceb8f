using Containerize.Planning.Settings;

namespace Containerize.Building;

/// <summary>What the project says of the image: raw text, as properties and items have it.</summary>
internal sealed record PlanRequest
{
    /// <summary>The project's name.</summary>
    public required string ProjectName { get; init; }

    /// <summary>Base, destinations, registries.</summary>
    public required PlaceSettings Places { get; init; }

    /// <summary>The image's repository, checked.</summary>
    public required string Repository { get; init; }

    /// <summary>The folder below <c>obj</c> for files that are made for the image.</summary>
    public required string MadeFiles { get; init; }

    /// <summary>Whether the project was published for no runtime identifier in particular.</summary>
    public bool IsPortable { get; init; }

    /// <summary><c>RuntimeIdentifierGraphPath</c>.</summary>
    public string? RuntimeIdentifierGraphPath { get; init; }

    /// <summary><c>ContainerImageFormat</c>.</summary>
    public string? ImageFormat { get; init; }

    /// <summary><c>ContainerCompression</c>.</summary>
    public string? Compression { get; init; }

    /// <summary><c>ContainerCompressionLevel</c>.</summary>
    public string? CompressionLevel { get; init; }

    /// <summary>The environment variable <c>SOURCE_DATE_EPOCH</c>.</summary>
    public string? SourceDateEpoch { get; init; }

    /// <summary>Paths of files that the SDK generates in the publish folder, and that are no items.</summary>
    public IReadOnlyList<string> GeneratedFiles { get; init; } = [];

    /// <summary>The path in the publish folder of the program that the image starts by default.</summary>
    public string? ProgramFile { get; init; }

    /// <summary><c>CopyBuildOutputToPublishDirectory</c>: false where the project publishes no program of its own.</summary>
    public string? PublishesProgram { get; init; }

    /// <summary><c>@(ResolvedFileToPublish)</c>.</summary>
    public IReadOnlyList<IProjectItem> PublishItems { get; init; } = [];

    /// <summary>What was published inside of a single file or a native program.</summary>
    public IReadOnlyList<IProjectItem> InsideItems { get; init; } = [];

    /// <summary><c>@(_PublishStaticWebAssetsTargetPath)</c>.</summary>
    public IReadOnlyList<IProjectItem> StaticWebAssets { get; init; } = [];

    /// <summary><c>@(ResolvedRuntimePack)</c>.</summary>
    public IReadOnlyList<IProjectItem> RuntimePacks { get; init; } = [];

    /// <summary><c>NuGetPackageRoot</c>.</summary>
    public string? NuGetPackageRoot { get; init; }

    /// <summary><c>ContainerWorkingDirectory</c>.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary><c>ContainerUser</c>.</summary>
    public string? User { get; init; }

    /// <summary><c>ContainerAppCommandInstruction</c>.</summary>
    public string? AppCommandInstruction { get; init; }

    /// <summary><c>@(ContainerEntrypoint)</c>.</summary>
    public IReadOnlyList<IProjectItem> Entrypoint { get; init; } = [];

    /// <summary><c>@(ContainerEntrypointArgs)</c>.</summary>
    public IReadOnlyList<IProjectItem> EntrypointArgs { get; init; } = [];

    /// <summary><c>@(ContainerAppCommand)</c>.</summary>
    public IReadOnlyList<IProjectItem> AppCommand { get; init; } = [];

    /// <summary><c>@(ContainerAppCommandArgs)</c>.</summary>
    public IReadOnlyList<IProjectItem> AppCommandArgs { get; init; } = [];

    /// <summary><c>@(ContainerDefaultArgs)</c>.</summary>
    public IReadOnlyList<IProjectItem> DefaultArgs { get; init; } = [];

    /// <summary>The environment variables, checked.</summary>
    public IReadOnlyList<IProjectItem> EnvironmentVariables { get; init; } = [];

    /// <summary><c>@(ContainerPort)</c>.</summary>
    public IReadOnlyList<IProjectItem> Ports { get; init; } = [];

    /// <summary><c>@(ContainerLabel)</c>; those with <c>Generated=true</c> yield to others of the same name.</summary>
    public IReadOnlyList<IProjectItem> Labels { get; init; } = [];

    /// <summary><c>@(ContainerAnnotation)</c>.</summary>
    public IReadOnlyList<IProjectItem> Annotations { get; init; } = [];

    /// <summary><c>@(ContainerVolume)</c>.</summary>
    public IReadOnlyList<IProjectItem> Volumes { get; init; } = [];

    /// <summary><c>@(ContainerHealthcheck)</c>.</summary>
    public IReadOnlyList<IProjectItem> Healthcheck { get; init; } = [];

    /// <summary><c>ContainerStopSignal</c>.</summary>
    public string? StopSignal { get; init; }

    /// <summary><c>@(ContainerFile)</c>.</summary>
    public IReadOnlyList<IProjectItem> Files { get; init; } = [];

    /// <summary><c>@(ContainerDirectory)</c>.</summary>
    public IReadOnlyList<IProjectItem> Directories { get; init; } = [];

    /// <summary><c>@(ContainerSymlink)</c>.</summary>
    public IReadOnlyList<IProjectItem> Symlinks { get; init; } = [];

    /// <summary><c>@(ContainerRemove)</c>.</summary>
    public IReadOnlyList<IProjectItem> Removals { get; init; } = [];

    /// <summary><c>@(ContainerLayer)</c>.</summary>
    public IReadOnlyList<IProjectItem> Layers { get; init; } = [];

    /// <summary><c>ContainerSymbols</c>.</summary>
    public string? Symbols { get; init; }

    /// <summary>Whether the labels with the time are wanted.</summary>
    public bool LabelCreated { get; init; }

    /// <summary>Whether the label with the base's digest is wanted.</summary>
    public bool LabelBaseDigest { get; init; }

    /// <summary>Whether the label with what the check has found is wanted.</summary>
    public bool LabelFit { get; init; }

    /// <summary>The tags, checked; those that never move backwards with <c>Floating=true</c>.</summary>
    public IReadOnlyList<IProjectItem> Tags { get; init; } = [];

    /// <summary>The version that the floating tags belong to.</summary>
    public string? TagVersion { get; init; }

    /// <summary><c>ContainerImmutableTags</c>.</summary>
    public string? ImmutableTags { get; init; }

    /// <summary>Whether a property or a profile has asked for the image, so that paths of sources were mapped.</summary>
    public bool IsRequested { get; init; }

    /// <summary>The file name of the project's own assembly.</summary>
    public string? AssemblyFile { get; init; }

    /// <summary>Whether the project has <c>.cshtml</c> files.</summary>
    public bool HasRazorPages { get; init; }

    /// <summary><c>DeterministicSourcePaths</c>: false where the user has said so.</summary>
    public string? DeterministicSourcePaths { get; init; }

    /// <summary>Whether assemblies that name the folder they were built in are worth a word: not in Debug.</summary>
    public bool TellsOfPaths { get; init; }

    /// <summary><c>ContainerIncludeDocumentation</c>: true, false, or empty for what the published libraries need.</summary>
    public string? IncludeDocumentation { get; init; }

    /// <summary><c>ContainerChecks</c>.</summary>
    public string? Checks { get; init; }

    /// <summary><c>ProjectRuntimeConfigFilePath</c>.</summary>
    public string? RuntimeConfigPath { get; init; }

    /// <summary>Whether native code is published.</summary>
    public bool IsNativeAot { get; init; }

    /// <summary>Whether a single file is published.</summary>
    public bool IsSingleFile { get; init; }
}
