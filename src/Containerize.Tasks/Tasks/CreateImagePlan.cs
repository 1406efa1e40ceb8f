using Containerize.Building;
using Containerize.Checks;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;
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
    /// Whether the steps that follow will ask registries, so that connections can be opened while files are looked at. The plan depends on nothing
    /// that is heard.
    /// </summary>
    public bool BeginsRequests { get; set; }

    /// <summary>The plan's file for the steps that follow.</summary>
    [Output]
    public string? StepsPlanPath { get; set; }

    private bool MapsPaths => !string.Equals(DeterministicSourcePaths, "false", StringComparison.OrdinalIgnoreCase);

    // Whether the image starts what the SDK has built, and not a command of the user's.
    private bool StartsProgram => Entrypoint.Length == 0
        && !HasOwnAppCommand
        && !string.Equals(AppCommandInstruction, nameof(Planning.AppCommandInstruction.None), StringComparison.OrdinalIgnoreCase);

    private bool HasOwnAppCommand => AppCommand.Any(item => !TaskItems.IsTrue(item.GetMetadata("Generated")));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var platform = ReadPlatform();
        // Meanwhile git is asked, and registries.
        var creating = CreatedAsync(cancellationToken);
        var directory = Planning.Settings.WorkingDirectory.ToLayerPath(WorkingDirectory);
        var command = ConfigItems.Command(AppCommandInstruction, Entrypoint, EntrypointArgs, AppCommand, AppCommandArgs, DefaultArgs, HasOwnAppCommand);

        var baseImage = BaseImageName.Locate(BaseImage, ProjectDirectory);
        var runtimes = RuntimeIdentifierGraph.For(RuntimeIdentifierGraphPath, RuntimeIdentifier);
        var planner = new LayerPlanner(directory, runtimes, Path.Combine(Path.GetDirectoryName(PlanPath)!, "files"))
        {
            KeepsDocumentation = string.IsNullOrEmpty(IncludeDocumentation) ? null : TaskItems.IsTrue(IncludeDocumentation),
            BaseIsEmpty = baseImage.IsScratch,
            Rules = ContentItems.Layers(Layers),
            Extra = new ContentItems(ProjectDirectory, directory).Read(Files, Directories, Symlinks, Removals),
            Symbols = EnumeratedProperty.Parse<SymbolsMode>("ContainerSymbols", Symbols) ?? SymbolsMode.Include,
            Generated = GeneratedFiles,
        };
        var destinations = ReadDestinations(Repository, TaskItems.Values(Tags));
        var config = Config(command, directory, baseImage);
        var annotations = ConfigItems.Annotations(Annotations);
        var severity = EnumeratedProperty.Parse<CheckSeverity>("ContainerChecks", Checks) ?? CheckSeverity.Warn;
        var format = Format();
        var compression = CompressionProperties.Parse(Compression, CompressionLevel, format);
        var settings = ReadSettings();
        // Behind what can be wrong with the settings: for those that are, nobody need be asked.
        if (BeginsRequests)
            PrefetchRemoteState(settings, baseImage, platform, destinations, Repository, TaskItems.Values(Tags));
        var reader = new PublishItemReader(ProjectDirectory, NuGetPackageRoot, RuntimePacks);
        var items = WithoutForeignHost(WithoutImages(reader.Read(PublishItems, StaticWebAssets, InsideItems), destinations)).ToList();
        // Before they are listed: what comes or goes from here on is noticed when the layers have been built.
        var files = PublishedFiles.Look(PublishDirectory, items.Select(item => item.RelativePath));
        // Assemblies are read while files are sorted. Only of native code are the layers looked at, too.
        var readable = (IReadOnlyList<PublishItem>)[.. items, .. reader.ReadInside(InsideItems)];
        var needing = severity == CheckSeverity.None ? Task.FromResult(new ApplicationNeeds())
            : IsNativeAot ? null : Task.Run(() => Needs(readable, [], runtimes), cancellationToken);
        var planned = planner.Plan(PublishDirectory, items);
        CheckPublished(planned);
        var compiled = IsSingleFile || IsNativeAot ? readable : items;
        var withPaths = TellsOfPaths ? Task.Run(() => FolderDependences.Of(compiled, PublishDirectory), cancellationToken) : null;
        foreach (var file in planned.LeftOut)
            Trace($"{file.RelativePath} is left out of the image: {file.Reason}.");
        foreach (var rule in planned.UnusedRules)
            Inform($"No published file fits the ContainerLayer '{rule.Name}' ({string.Join(';', rule.Files)}).");
        foreach (var file in planned.Exposed)
        {
            Warn(
                ErrorCodes.ProtectedFilePublished,
                $"A ContainerFile puts '{file.Source}' into the image as /{file.Protected.Path} with the mode 0{Convert.ToString(file.Protected.Mode, 8)}, but it is published as well, and everybody can read it as {file.Published}. Leave it out of what is published: <Content Update=\"{Path.GetRelativePath(ProjectDirectory, file.Source)}\" CopyToPublishDirectory=\"Never\" />.");
        }

        if (withPaths is not null)
            TellOfPaths(await withPaths.ConfigureAwait(false));
        foreach (var layer in planned.Layers)
            Inform($"Layer '{layer.Name}': {layer.Entries.Count} entries.");

        var created = await creating.ConfigureAwait(false);
        var plan = new ImagePlan
        {
            Name = ProjectName,
            BaseImage = baseImage,
            RuntimeIdentifier = RuntimeIdentifier,
            Platform = platform,
            Format = format,
            Compression = compression,
            Created = created,
            Config = config with { Labels = ConfigItems.Labels(Labels, LabelCreated ? created : null) },
            Annotations = annotations,
            Repository = Repository,
            Tags = TaskItems.Values(Tags),
            TagRules = Rules(),
            Destinations = destinations,
            Registries = settings,
            Layers = planned.Layers,
            Symbols = planned.Symbols,
            Checks = severity,
            Needs = needing is null ? Needs(readable, planned.Layers, runtimes) : await needing.ConfigureAwait(false),
        };
        SymbolsImage.Check(plan);
        if (!string.IsNullOrEmpty(Registry) && !plan.Destinations.Any(destination => destination.IsRegistry && destination.Target == Registry))
            Inform($"The image is not pushed to {Registry}: ContainerArchiveOutputPath or ContainerOciLayoutPath is set, and goes before ContainerRegistry.");
        if (plan.TagRules is { Immutable: true } && !plan.Destinations.SelectMany(plan.TagsAt).Any(TagRules.IsVersion))
            Inform($"ContainerImmutableTags keeps no tag of this image from moving: none is a version of three or four numbers.");
        var json = PlanFile.Serialize(plan);
        await AtomicFile.WriteAsync(PlanPath, json, cancellationToken).ConfigureAwait(false);
        // People look at one place; the steps that follow read a copy that no other build of the project writes over.
        StepsPlanPath = ImageFolder.PlanPathOf(Path.GetDirectoryName(PlanPath)!, json);
        await AtomicFile.WriteAsync(StepsPlanPath, json, cancellationToken).ConfigureAwait(false);
        var steps = BuildContext.Of(BuildEngine).StepsOf(StepsPlanPath);
        (steps.Plan, steps.Files) = (plan, files);
        Trace($"The plan of the image is in {PlanPath}.");
    }

    // What the image holds besides what was published, and what it lacks of it.
    private void CheckPublished(PlannedLayers planned)
    {
        var others = planned.Unpublished.Where(IsOfAnotherProgram).ToList();
        var isProgramNeeded = !string.IsNullOrEmpty(ProgramFile)
            && StartsProgram
            && !string.Equals(PublishesProgram, "false", StringComparison.OrdinalIgnoreCase);
        if (isProgramNeeded && !File.Exists(Path.Combine(PublishDirectory, ProgramFile!)))
        {
            throw new ContainerizeException(
                ErrorCodes.PublishedFileMissing,
                $"The program '{ProgramFile}' is not in the publish folder '{PublishDirectory}'. "
                + "Publish again; if another project publishes there, give each a folder of its own.");
        }

        if (others.Count > 0)
        {
            if (planned.Missing.Count > 0)
            {
                throw new ContainerizeException(
                    ErrorCodes.PublishedFileMissing,
                    $"'{planned.Missing[0]}' was published and is gone from '{PublishDirectory}', where another project publishes "
                    + $"'{others[0]}', too. Give each project a folder of its own.");
            }

            Warn(
                ErrorCodes.PublishFolderShared,
                $"'{others[0]}' in '{PublishDirectory}' is of another project, whose files are in this image, too. "
                + "Give each project a publish folder of its own.");
        }

        if (planned.Unpublished.Count > 0)
        {
            var names = Names(planned.Unpublished);
            Tell($"{ProjectName}: not published by this build, but in the publish folder, and so in the image: {names}.");
        }
    }

    private bool IsOfAnotherProgram(string path) =>
        !path.Contains('/', StringComparison.Ordinal)
        && (path.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".runtimeconfig.json", StringComparison.OrdinalIgnoreCase));

    private ConfigPlan Config(CommandPlan command, string directory, ImageLocation location) => new()
    {
        WorkingDirectory = WorkingDirectory,
        User = Ownership.CheckUser(User),
        Command = command,
        EnvironmentVariables = [.. EnvironmentVariables.Select(variable => new NamedValue(variable.ItemSpec, variable.GetMetadata("Value")))],
        Ports = [.. Ports.Select(port => Planning.Settings.Ports.Parse(port.ItemSpec, port.GetMetadata("Type").Trim())).Distinct()],
        Volumes = ConfigItems.Volumes(Volumes, directory),
        StopSignal = StopSignals.Parse(StopSignal),
        Healthcheck = ConfigItems.Healthcheck(Healthcheck),
        // A base that Containerize or the SDK has built says there what it stands on itself.
        DroppedLabels = ConfigItems.LabelsOfAnotherBase(location),
        LabelFit = LabelFit && !Labels.Any(label => label.ItemSpec == FitLabel.Name),
        LabelBaseDigest = LabelBaseDigest && location.HasManifest && !ConfigItems.NamesBaseDigest(Labels),
    };

    private ApplicationNeeds Needs(IReadOnlyList<PublishItem> items, IReadOnlyList<LayerPlan> layers, RuntimeIdentifierGraph runtimes) =>
        ApplicationNeedsReader.Read(new PublishedApplication
        {
            PublishFolder = PublishDirectory,
            RuntimeConfigPath = RuntimeConfigPath is { Length: > 0 } path ? Path.GetFullPath(path, ProjectDirectory) : null,
            Items = items,
            Runtimes = runtimes,
            Layers = layers,
            IsNativeAot = IsNativeAot,
            IsSingleFile = IsSingleFile,
        });

    // The start program of a portable publish is made for the machine that builds, and would make the image depend on it; the
    // image starts the application with `dotnet`. Commands of the user's own may use it.
    private IEnumerable<PublishItem> WithoutForeignHost(IEnumerable<PublishItem> items) =>
        IsPortable && StartsProgram
            ? items.Select(item => item.IsStartProgram ? item with { LeaveOut = "the start program is made for the building machine" } : item)
            : items;

    // A layout or an archive in the project's folder is no part of the next image; web projects publish every .json that they find.
    private static IEnumerable<PublishItem> WithoutImages(IEnumerable<PublishItem> items, IReadOnlyList<Destination> destinations)
    {
        var places = destinations.Where(destination => destination.IsPath).Select(destination => destination.Target).ToList();
        return items.Select(item => places.Exists(place => item.SourcePath == place || item.SourcePath.StartsWith(place + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            ? item with { LeaveOut = "it belongs to an image that was written there" }
            : item);
    }

    // In Debug the paths are wanted: debuggers look for the sources there.
    private void TellOfPaths(IReadOnlyList<FolderDependences> found)
    {
        // Ids of tag helpers follow from offsets in generated code with paths in it; without symbols, nothing in the assembly tells.
        if (HasRazorPages && AssemblyFile is not null && !found.Any(dependence => dependence.Assemblies.Contains(AssemblyFile)))
            found = [.. found, new FolderDependences(FolderDependence.Razor, [AssemblyFile])];
        foreach (var (reason, assemblies) in found)
        {
            var remedy = reason switch
            {
                FolderDependence.Paths when !MapsPaths => "Remove DeterministicSourcePaths=false",
                FolderDependence.Paths when !IsRequested && assemblies.Contains(AssemblyFile) =>
                    "Publish with -p:ContainerPublish=true, which maps what it can",
                FolderDependence.Paths => "Reference Containerize in these projects, too, and publish with -p:ContainerPublish=true",
                FolderDependence.Razor when HasRazorPages => "Publish always in one folder",
                _ => "Publish with -p:DebugType=none, or always in one folder",
            };
            var why = reason switch
            {
                FolderDependence.Razor => "through Razor's code in",
                FolderDependence.FSharp => "whose length the F# compiler leaves in",
                _ => "which is written into",
            };
            var names = Names(assemblies);
            Tell($"{ProjectName}: the image's digest depends on this folder, {why} {names}. {remedy} (docs/how-it-works.md).");
        }
    }

    private TagRules? Rules()
    {
        var floating = TaskItems.Values([.. Tags.Where(tag => TaskItems.IsTrue(tag.GetMetadata("Floating")))]);
        var immutable = EnumeratedProperty.ParseSwitch("ContainerImmutableTags", ImmutableTags);
        return floating.Count == 0 && !immutable
            ? null
            : new TagRules { Version = floating.Count == 0 ? null : TagVersion, Floating = floating, Immutable = immutable };
    }

    private async Task<DateTimeOffset> CreatedAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(SourceDateEpoch))
        {
            if (CreationTime.TryParseEpoch(SourceDateEpoch, out var time))
                return time;
            Warn(
                ErrorCodes.SourceDateEpochInvalid,
                $"SOURCE_DATE_EPOCH is '{SourceDateEpoch}', which is not a whole number of seconds since 1970-01-01; the commit's time is used instead, or 1970-01-01 where there is no commit. Set it with `git log -1 --format=%ct`, or not at all.");
        }

        // Starting a program takes milliseconds of the caller's time, too.
        return await Task.Run(() => CreationTime.OfCommitAsync(Processes, ProjectDirectory, notice => Tell($"{notice}"), cancellationToken), cancellationToken).ConfigureAwait(false)
            ?? DateTimeOffset.UnixEpoch;
    }

    private ImageFormat? Format() => ImageFormat?.ToUpperInvariant() switch
    {
        null or "" => null,
        "OCI" => Images.ImageFormat.Oci,
        "DOCKER" => Images.ImageFormat.Docker,
        _ => throw new ContainerizeException(
            ErrorCodes.ImageFormatInvalid,
            $"ContainerImageFormat is '{ImageFormat}'. Set it to 'OCI' or 'Docker', or remove it."),
    };
}
