using Containerize.Checks;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;

namespace Containerize.Building;

/// <summary>What the project says → plan. What the network answers decides nothing of it.</summary>
/// <param name="request">What the project says.</param>
/// <param name="log">Is told warnings and what people should see.</param>
/// <param name="processes">Runs git.</param>
internal sealed class Planner(PlanRequest request, IBuildLog log, IProcessRunner processes)
{
    private const string ForeignHost = "the start program is made for the building machine";

    private readonly PlaceSettings _places = request.Places;

    /// <summary>
    /// Is called when base, destinations and registries are known, and nothing is wrong with the settings, so that requests can be sent
    /// while files are looked at; null for nothing.
    /// </summary>
    public Action<Places>? OnPlacesKnown { get; init; }

    // Whether the image starts what the SDK has built, and not a command of the user's.
    private bool StartsProgram => request.Entrypoint.Count == 0
        && !HasOwnAppCommand
        && !string.Equals(request.AppCommandInstruction, nameof(AppCommandInstruction.None), StringComparison.OrdinalIgnoreCase);

    private bool HasOwnAppCommand => request.AppCommand.Any(item => !ProjectItems.IsTrue(item.GetMetadata("Generated")));

    /// <summary>Makes the plan.</summary>
    /// <returns>The plan, and the published files as they were when it was made.</returns>
    /// <exception cref="ContainerizeException">A setting is not valid, or the published files are not as they should be.</exception>
    public async Task<(ImagePlan Plan, PublishedFiles Files)> PlanAsync(CancellationToken cancellationToken)
    {
        var platform = _places.ReadPlatform();
        // Meanwhile git is asked, and registries.
        var creating = CreatedAsync(cancellationToken);
        var directory = WorkingDirectory.ToLayerPath(request.WorkingDirectory);
        var command = ConfigItems.Command(
            request.AppCommandInstruction,
            request.Entrypoint,
            request.EntrypointArgs,
            request.AppCommand,
            request.AppCommandArgs,
            request.DefaultArgs,
            HasOwnAppCommand);
        var baseImage = _places.ReadBaseImage();
        var runtimes = RuntimeIdentifierGraph.For(request.RuntimeIdentifierGraphPath, _places.RuntimeIdentifier);
        var layers = LayerPlannerFor(directory, runtimes, baseImage);
        var tags = ProjectItems.Values(request.Tags);
        var destinations = _places.ReadDestinations(request.Repository, tags);
        var config = Config(command, directory, baseImage);
        var annotations = ConfigItems.Annotations(request.Annotations);
        var severity = EnumeratedProperty.Parse<CheckSeverity>("ContainerChecks", request.Checks) ?? CheckSeverity.Warn;
        var format = Format();
        var compression = CompressionProperties.Parse(request.Compression, request.CompressionLevel, format);
        var registries = _places.ReadRegistrySettings();
        OnPlacesKnown?.Invoke(new Places(registries, baseImage, platform, destinations, request.Repository, tags));

        var reader = new PublishItemReader(_places.ProjectDirectory, request.NuGetPackageRoot, request.RuntimePacks);
        var items = WithoutForeignHost(
            WithoutImages(reader.Read(request.PublishItems, request.StaticWebAssets, request.InsideItems), destinations)).ToList();
        // Before they are listed: what comes or goes from here on is noticed when the layers have been built.
        var files = PublishedFiles.Look(_places.PublishDirectory, items.Select(item => item.RelativePath));
        // Assemblies are read while files are sorted. Only of native code are the layers looked at, too.
        IReadOnlyList<PublishItem> readable = [.. items, .. reader.ReadInside(request.InsideItems)];
        var needing = severity == CheckSeverity.None ? Task.FromResult(new ApplicationNeeds())
            : request.IsNativeAot ? null : Task.Run(() => Needs(readable, [], runtimes), cancellationToken);
        var report = new PlannedFilesReport(request, log);
        var planned = layers.Plan(_places.PublishDirectory, items);
        report.Check(planned, StartsProgram);
        var compiled = request.IsSingleFile || request.IsNativeAot ? readable : items;
        var withPaths = request.TellsOfPaths
            ? Task.Run(() => FolderDependences.Of(compiled, _places.PublishDirectory), cancellationToken)
            : null;
        report.Tell(planned);
        if (withPaths is not null)
            report.TellOfPaths(await withPaths.ConfigureAwait(false));

        var created = await creating.ConfigureAwait(false);
        var plan = new ImagePlan
        {
            Name = request.ProjectName,
            BaseImage = baseImage,
            RuntimeIdentifier = _places.RuntimeIdentifier,
            Platform = platform,
            Format = format,
            Compression = compression,
            Created = created,
            Config = config with { Labels = ConfigItems.Labels(request.Labels, request.LabelCreated ? created : null) },
            Annotations = annotations,
            Repository = request.Repository,
            Tags = tags,
            TagRules = Rules(),
            Destinations = destinations,
            Registries = registries,
            Layers = planned.Layers,
            Symbols = planned.Symbols,
            Checks = severity,
            Needs = needing is null ? Needs(readable, planned.Layers, runtimes) : await needing.ConfigureAwait(false),
        };
        SymbolsImage.Check(plan);
        TellOfWhatHasNoEffect(plan);
        return (plan, files);
    }

    private LayerPlanner LayerPlannerFor(string directory, RuntimeIdentifierGraph runtimes, ImageLocation baseImage) =>
        new(directory, runtimes, request.MadeFiles)
        {
            KeepsDocumentation = string.IsNullOrEmpty(request.IncludeDocumentation)
                ? null
                : ProjectItems.IsTrue(request.IncludeDocumentation),
            BaseIsEmpty = baseImage.IsScratch,
            Rules = ExtraFileItems.Layers(request.Layers),
            Extra = new ExtraFileItems(_places.ProjectDirectory, directory)
                .Read(request.Files, request.Directories, request.Symlinks, request.Removals),
            Symbols = EnumeratedProperty.Parse<SymbolsMode>("ContainerSymbols", request.Symbols) ?? SymbolsMode.Include,
            Generated = request.GeneratedFiles,
        };

    private ConfigPlan Config(CommandPlan command, string directory, ImageLocation baseImage) => new()
    {
        WorkingDirectory = request.WorkingDirectory,
        User = Ownership.CheckUser(request.User),
        Command = command,
        EnvironmentVariables = [.. request.EnvironmentVariables.Select(
            variable => new NamedValue(variable.ItemSpec, variable.GetMetadata("Value")))],
        Ports = [.. request.Ports.Select(port => Ports.Parse(port.ItemSpec, port.GetMetadata("Type").Trim())).Distinct()],
        Volumes = ConfigItems.Volumes(request.Volumes, directory),
        StopSignal = StopSignals.Parse(request.StopSignal),
        Healthcheck = ConfigItems.Healthcheck(request.Healthcheck),
        // A base that Containerize or the SDK has built says there what it stands on itself.
        DroppedLabels = ConfigItems.LabelsOfAnotherBase(baseImage),
        LabelFit = request.LabelFit && !request.Labels.Any(label => label.ItemSpec == FitLabel.Name),
        LabelBaseDigest = request.LabelBaseDigest && baseImage.HasManifest && !ConfigItems.NamesBaseDigest(request.Labels),
    };

    private ApplicationNeeds Needs(IReadOnlyList<PublishItem> items, IReadOnlyList<LayerPlan> layers, RuntimeIdentifierGraph runtimes) =>
        ApplicationNeedsReader.Read(new PublishedApplication
        {
            PublishFolder = _places.PublishDirectory,
            RuntimeConfigPath = request.RuntimeConfigPath is { Length: > 0 } path ? Path.GetFullPath(path, _places.ProjectDirectory) : null,
            Items = items,
            Runtimes = runtimes,
            Layers = layers,
            IsNativeAot = request.IsNativeAot,
            IsSingleFile = request.IsSingleFile,
        });

    // The start program of a portable publish is made for the machine that builds, and would make the image depend on it; the
    // image starts the application with `dotnet`. Commands of the user's own may use it.
    private IEnumerable<PublishItem> WithoutForeignHost(IEnumerable<PublishItem> items) =>
        request.IsPortable && StartsProgram
            ? items.Select(item => item.IsStartProgram ? item with { LeaveOut = ForeignHost } : item)
            : items;

    // A layout or an archive in the project's folder is no part of the next image; web projects publish every .json that they find.
    private static IEnumerable<PublishItem> WithoutImages(IEnumerable<PublishItem> items, IReadOnlyList<Destination> destinations)
    {
        var places = destinations.Where(destination => destination.IsPath).Select(destination => destination.Target).ToList();
        return items.Select(item => places.Exists(place => IsIn(item.SourcePath, place))
            ? item with { LeaveOut = "it belongs to an image that was written there" }
            : item);
    }

    private static bool IsIn(string path, string place) =>
        path == place || path.StartsWith(place + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void TellOfWhatHasNoEffect(ImagePlan plan)
    {
        var registry = _places.Registry;
        var isPushedTo = plan.Destinations.Any(destination => destination.IsRegistry && destination.Target == registry);
        if (!string.IsNullOrEmpty(registry) && !isPushedTo)
        {
            log.Inform($"The image is not pushed to {registry}: ContainerArchiveOutputPath or ContainerOciLayoutPath takes precedence.");
        }

        if (plan.TagRules is { Immutable: true } && !plan.Destinations.SelectMany(plan.TagsAt).Any(TagRules.IsVersion))
            log.Inform($"ContainerImmutableTags has no effect: none of the tags is a version of three or four numbers.");
    }

    private TagRules? Rules()
    {
        var floating = ProjectItems.Values(request.Tags.Where(tag => ProjectItems.IsTrue(tag.GetMetadata("Floating"))));
        var immutable = EnumeratedProperty.ParseSwitch("ContainerImmutableTags", request.ImmutableTags);
        return floating.Count == 0 && !immutable
            ? null
            : new TagRules { Version = floating.Count == 0 ? null : request.TagVersion, Floating = floating, Immutable = immutable };
    }

    private async Task<DateTimeOffset> CreatedAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(request.SourceDateEpoch))
        {
            if (CreationTime.TryParseEpoch(request.SourceDateEpoch, out var time))
                return time;
            log.Warn(
                ErrorCodes.SourceDateEpochInvalid,
                $"SOURCE_DATE_EPOCH is '{request.SourceDateEpoch}', which is not a whole number of seconds since 1970-01-01; "
                    + "the commit's time is "
                    + "used instead, or 1970-01-01. Set it with `git log -1 --format=%ct`, or not at all.");
        }

        // Starting a program takes milliseconds of the caller's time, too.
        return await Task.Run(
            () => CreationTime.OfCommitAsync(processes, _places.ProjectDirectory, notice => log.Tell($"{notice}"), cancellationToken),
            cancellationToken)
                .ConfigureAwait(false)
            ?? DateTimeOffset.UnixEpoch;
    }

    private ImageFormat? Format() => request.ImageFormat?.ToUpperInvariant() switch
    {
        null or "" => null,
        "OCI" => ImageFormat.Oci,
        "DOCKER" => ImageFormat.Docker,
        _ => throw new ContainerizeException(
            ErrorCodes.ImageFormatInvalid,
            $"ContainerImageFormat is '{request.ImageFormat}'. Set it to 'OCI' or 'Docker', or remove it."),
    };
}
