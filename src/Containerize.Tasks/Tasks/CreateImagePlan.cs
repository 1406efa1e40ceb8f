using Containerize.Building;
using Containerize.Hosting;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Items and properties → plan. What the network answers decides nothing of it.</summary>
[MSBuildMultiThreadableTask]
public sealed class CreateImagePlan : PlaceTask
{
    /// <summary>The project's name.</summary>
    [Required]
    public string ProjectName { get; set; } = "";

    /// <summary>Where the plan is written.</summary>
    [Required]
    public string PlanPath { get; set; } = "";

    /// <summary>Whether the project was published for no runtime identifier in particular.</summary>
    public bool IsPortable { get; set; }

    /// <summary><c>RuntimeIdentifierGraphPath</c>.</summary>
    public string? RuntimeIdentifierGraphPath { get; set; }

    /// <summary><c>ContainerImageFormat</c>.</summary>
    public string? ImageFormat { get; set; }

    /// <summary><c>ContainerCompression</c>.</summary>
    public string? Compression { get; set; }

    /// <summary><c>ContainerCompressionLevel</c>.</summary>
    public string? CompressionLevel { get; set; }

    /// <summary>The environment variable <c>SOURCE_DATE_EPOCH</c>.</summary>
    public string? SourceDateEpoch { get; set; }

    /// <summary>Paths of files that the SDK generates in the publish folder, and that are no items.</summary>
    public string[] GeneratedFiles { get; set; } = [];

    /// <summary>The path in the publish folder of the program that the image starts by default.</summary>
    public string? ProgramFile { get; set; }

    /// <summary><c>CopyBuildOutputToPublishDirectory</c>: false where the project publishes no program of its own.</summary>
    public string? PublishesProgram { get; set; }

    /// <summary><c>@(ResolvedFileToPublish)</c>.</summary>
    public ITaskItem[] PublishItems { get; set; } = [];

    /// <summary>What was published inside of a single file or a native program.</summary>
    public ITaskItem[] InsideItems { get; set; } = [];

    /// <summary><c>@(_PublishStaticWebAssetsTargetPath)</c>.</summary>
    public ITaskItem[] StaticWebAssets { get; set; } = [];

    /// <summary><c>@(ResolvedRuntimePack)</c>.</summary>
    public ITaskItem[] RuntimePacks { get; set; } = [];

    /// <summary><c>NuGetPackageRoot</c>.</summary>
    public string? NuGetPackageRoot { get; set; }

    /// <summary><c>ContainerWorkingDirectory</c>.</summary>
    [Required]
    public string WorkingDirectory { get; set; } = "";

    /// <summary><c>ContainerUser</c>.</summary>
    public string? User { get; set; }

    /// <summary><c>ContainerAppCommandInstruction</c>.</summary>
    public string? AppCommandInstruction { get; set; }

    /// <summary><c>@(ContainerEntrypoint)</c>.</summary>
    public ITaskItem[] Entrypoint { get; set; } = [];

    /// <summary><c>@(ContainerEntrypointArgs)</c>.</summary>
    public ITaskItem[] EntrypointArgs { get; set; } = [];

    /// <summary><c>@(ContainerAppCommand)</c>.</summary>
    public ITaskItem[] AppCommand { get; set; } = [];

    /// <summary><c>@(ContainerAppCommandArgs)</c>.</summary>
    public ITaskItem[] AppCommandArgs { get; set; } = [];

    /// <summary><c>@(ContainerDefaultArgs)</c>.</summary>
    public ITaskItem[] DefaultArgs { get; set; } = [];

    /// <summary>The environment variables, checked.</summary>
    public ITaskItem[] EnvironmentVariables { get; set; } = [];

    /// <summary><c>@(ContainerPort)</c>.</summary>
    public ITaskItem[] Ports { get; set; } = [];

    /// <summary><c>@(ContainerLabel)</c>; those with <c>Generated=true</c> yield to others of the same name.</summary>
    public ITaskItem[] Labels { get; set; } = [];

    /// <summary><c>@(ContainerAnnotation)</c>.</summary>
    public ITaskItem[] Annotations { get; set; } = [];

    /// <summary><c>@(ContainerVolume)</c>.</summary>
    public ITaskItem[] Volumes { get; set; } = [];

    /// <summary><c>@(ContainerHealthcheck)</c>.</summary>
    public ITaskItem[] Healthcheck { get; set; } = [];

    /// <summary><c>ContainerStopSignal</c>.</summary>
    public string? StopSignal { get; set; }

    /// <summary><c>@(ContainerFile)</c>.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary><c>@(ContainerDirectory)</c>.</summary>
    public ITaskItem[] Directories { get; set; } = [];

    /// <summary><c>@(ContainerSymlink)</c>.</summary>
    public ITaskItem[] Symlinks { get; set; } = [];

    /// <summary><c>@(ContainerRemove)</c>.</summary>
    public ITaskItem[] Removals { get; set; } = [];

    /// <summary><c>@(ContainerLayer)</c>.</summary>
    public ITaskItem[] Layers { get; set; } = [];

    /// <summary><c>ContainerSymbols</c>.</summary>
    public string? Symbols { get; set; }

    /// <summary>Whether the labels with the time are wanted.</summary>
    public bool LabelCreated { get; set; }

    /// <summary>Whether the label with the base's digest is wanted.</summary>
    public bool LabelBaseDigest { get; set; }

    /// <summary>Whether the label with what the check has found is wanted.</summary>
    public bool LabelFit { get; set; }

    /// <summary>The tags, checked; those that never move backwards with <c>Floating=true</c>.</summary>
    [Required]
    public ITaskItem[] Tags { get; set; } = [];

    /// <summary>The version that the floating tags belong to.</summary>
    public string? TagVersion { get; set; }

    /// <summary><c>ContainerImmutableTags</c>.</summary>
    public string? ImmutableTags { get; set; }

    /// <summary>Whether a property or a profile has asked for the image, so that paths of sources were mapped.</summary>
    public bool IsRequested { get; set; }

    /// <summary>The file name of the project's own assembly.</summary>
    public string? AssemblyFile { get; set; }

    /// <summary>Whether the project has <c>.cshtml</c> files.</summary>
    public bool HasRazorPages { get; set; }

    /// <summary><c>DeterministicSourcePaths</c>: false where the user has said so.</summary>
    public string? DeterministicSourcePaths { get; set; }

    /// <summary>Whether assemblies that name the folder they were built in are worth a word: not in Debug.</summary>
    public bool TellsOfPaths { get; set; }

    /// <summary><c>ContainerIncludeDocumentation</c>: true, false, or empty for what the published libraries need.</summary>
    public string? IncludeDocumentation { get; set; }

    /// <summary><c>ContainerChecks</c>.</summary>
    public string? Checks { get; set; }

    /// <summary><c>ProjectRuntimeConfigFilePath</c>.</summary>
    public string? RuntimeConfigPath { get; set; }

    /// <summary>Whether native code is published.</summary>
    public bool IsNativeAot { get; set; }

    /// <summary>Whether a single file is published.</summary>
    public bool IsSingleFile { get; set; }

    /// <summary>
    /// Whether the steps that follow will ask registries, so that connections can be opened while files are looked at. The plan depends on
    /// nothing that is heard.
    /// </summary>
    public bool BeginsRequests { get; set; }

    /// <summary>The plan's file for the steps that follow.</summary>
    [Output]
    public string? StepsPlanPath { get; set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(PlanPath)!;
        var request = new PlanRequest
        {
            ProjectName = ProjectName,
            Places = PlaceSettings,
            Repository = Repository,
            MadeFiles = Path.Combine(folder, "files"),
            IsPortable = IsPortable,
            RuntimeIdentifierGraphPath = RuntimeIdentifierGraphPath,
            ImageFormat = ImageFormat,
            Compression = Compression,
            CompressionLevel = CompressionLevel,
            SourceDateEpoch = SourceDateEpoch,
            GeneratedFiles = GeneratedFiles,
            ProgramFile = ProgramFile,
            PublishesProgram = PublishesProgram,
            PublishItems = TaskItems.Of(PublishItems),
            InsideItems = TaskItems.Of(InsideItems),
            StaticWebAssets = TaskItems.Of(StaticWebAssets),
            RuntimePacks = TaskItems.Of(RuntimePacks),
            NuGetPackageRoot = NuGetPackageRoot,
            WorkingDirectory = WorkingDirectory,
            User = User,
            AppCommandInstruction = AppCommandInstruction,
            Entrypoint = TaskItems.Of(Entrypoint),
            EntrypointArgs = TaskItems.Of(EntrypointArgs),
            AppCommand = TaskItems.Of(AppCommand),
            AppCommandArgs = TaskItems.Of(AppCommandArgs),
            DefaultArgs = TaskItems.Of(DefaultArgs),
            EnvironmentVariables = TaskItems.Of(EnvironmentVariables),
            Ports = TaskItems.Of(Ports),
            Labels = TaskItems.Of(Labels),
            Annotations = TaskItems.Of(Annotations),
            Volumes = TaskItems.Of(Volumes),
            Healthcheck = TaskItems.Of(Healthcheck),
            StopSignal = StopSignal,
            Files = TaskItems.Of(Files),
            Directories = TaskItems.Of(Directories),
            Symlinks = TaskItems.Of(Symlinks),
            Removals = TaskItems.Of(Removals),
            Layers = TaskItems.Of(Layers),
            Symbols = Symbols,
            LabelCreated = LabelCreated,
            LabelBaseDigest = LabelBaseDigest,
            LabelFit = LabelFit,
            Tags = TaskItems.Of(Tags),
            TagVersion = TagVersion,
            ImmutableTags = ImmutableTags,
            IsRequested = IsRequested,
            AssemblyFile = AssemblyFile,
            HasRazorPages = HasRazorPages,
            DeterministicSourcePaths = DeterministicSourcePaths,
            TellsOfPaths = TellsOfPaths,
            IncludeDocumentation = IncludeDocumentation,
            Checks = Checks,
            RuntimeConfigPath = RuntimeConfigPath,
            IsNativeAot = IsNativeAot,
            IsSingleFile = IsSingleFile,
        };
        var planner = new Planner(request, new TaskLog(this), Processes)
        {
            // Behind what can be wrong with the settings.
            OnPlacesKnown = BeginsRequests ? PrefetchRemoteState : null,
        };
        var (plan, files) = await planner.PlanAsync(cancellationToken).ConfigureAwait(false);
        var json = PlanFile.Serialize(plan);
        await AtomicFile.WriteAsync(PlanPath, json, cancellationToken).ConfigureAwait(false);
        // People look at one place; the steps that follow read a copy that no other build of the project writes over.
        StepsPlanPath = ImageFolder.PlanPathOf(folder, json);
        await AtomicFile.WriteAsync(StepsPlanPath, json, cancellationToken).ConfigureAwait(false);
        var steps = BuildContext.Of(BuildEngine).StepsOf(StepsPlanPath);
        (steps.Plan, steps.Files) = (plan, files);
        Trace($"The plan of the image is in {PlanPath}.");
    }
}
