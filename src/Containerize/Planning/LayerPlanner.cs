using Containerize.Layers;

namespace Containerize.Planning;

/// <summary>What was left out of the image on purpose.</summary>
/// <param name="RelativePath">The path below the publish folder.</param>
/// <param name="Reason">Why.</param>
public sealed record LeftOut(string RelativePath, string Reason);

/// <summary>
/// Sorts what was published into layers by how often it changes, least first, so that a change of the application leaves
/// the layers below it as they were: in the registry, in the engine and on every node.
/// </summary>
public sealed class LayerPlanner
{
    private readonly string _directory;
    private readonly RuntimeIdentifierGraph _runtimes;
    private readonly bool _baseHasLinks;
    private readonly string _workFolder;

    // These read XML documentation when the application runs: Swashbuckle's IncludeXmlComments, NSwag by itself.
    private static readonly string[] DocumentationReaders = ["Swashbuckle.AspNetCore.SwaggerGen.dll", "NSwag.Generation.dll", "Namotion.Reflection.dll"];

    /// <summary>Prepares for an image.</summary>
    /// <param name="directory">Where the files go, as a layer's path; empty for the root.</param>
    /// <param name="runtimes">Which runtime identifiers' natives work in the image.</param>
    /// <param name="baseIsEmpty">Whether nothing lies below, so that no path can hide anything.</param>
    /// <param name="workFolder">Where files that the image gets in another form are written.</param>
    public LayerPlanner(string directory, RuntimeIdentifierGraph runtimes, bool baseIsEmpty, string workFolder)
    {
        _workFolder = workFolder;
        _directory = directory;
        _runtimes = runtimes;
        _baseHasLinks = !baseIsEmpty;
    }

    /// <summary>Whether XML documentation stays; null keeps it where a library that reads it is published too.</summary>
    public bool? KeepsDocumentation { get; init; }

    /// <summary>The layers that the project asks for.</summary>
    public IReadOnlyList<LayerRule> Rules { get; init; } = [];

    /// <summary>What goes into the image besides the published files; it replaces a published file of the same path.</summary>
    public ExtraContent? Extra { get; init; }

    /// <summary>What becomes of symbols.</summary>
    public SymbolsMode Symbols { get; init; }

    /// <summary>With <see cref="SymbolsMode.Separate"/>: the symbols and the documentation of the last plan; null where there are none.</summary>
    public LayerPlan? SymbolsLayer { get; private set; }

    /// <summary>Plans the layers.</summary>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="items">What the build knows of the files.</param>
    /// <param name="leftOut">What is not in the layers.</param>
    /// <exception cref="ContainerizeException">
    /// See <see cref="PublishFolder.List"/>; also CTZ1023 where a path would hide a link of the base, and CTZ3003 where something
    /// cannot be read.
    /// </exception>
    public IReadOnlyList<LayerPlan> Plan(string folder, IEnumerable<PublishItem> items, out IReadOnlyList<LeftOut> leftOut)
    {
        try
        {
            return PlanReadable(folder, items, out leftOut);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContainerizeException(
                ErrorCodes.FileUnreadable,
                $"The publish folder '{folder}' could not be read: {e.Message.TrimEnd('.')}. Make everything in it readable, and let nothing write to it while the image is built.",
                e);
        }
    }

    private List<LayerPlan> PlanReadable(string folder, IEnumerable<PublishItem> items, out IReadOnlyList<LeftOut> leftOut)
    {
        var known = new Dictionary<string, PublishItem>(PathComparer);
        foreach (var item in items)
            known[item.RelativePath] = item;
        var published = PublishFolder.List(folder, known);
        var names = published.Select(path => path.RelativePath).ToHashSet(PathComparer);
        var extra = Extra?.Entries ?? [];
        var replaced = extra.Where(entry => entry.Entry.Kind != LayerEntryKind.Directory).Select(entry => entry.Entry.Path).ToHashSet(StringComparer.Ordinal);
        var order = new LayerOrder(Rules, extra.Select(entry => entry.Layer));
        var assigned = order.Assign(published.Select(path => path.RelativePath));

        var dangling = DanglingLinks.Find(published, path => WhyLeftOut(path, known.GetValueOrDefault(path.RelativePath), names) is not null);
        var skipped = new List<LeftOut>();
        var symbols = new List<LayerEntry>();
        var groups = new Dictionary<string, List<LayerEntry>>(StringComparer.Ordinal);
        foreach (var path in published)
        {
            var item = known.GetValueOrDefault(path.RelativePath);
            var isSymbol = Symbols != SymbolsMode.Include && IsSymbol(path, names);
            if (isSymbol && Symbols == SymbolsMode.Separate)
            {
                symbols.Add(Entry(path));
                continue;
            }

            if ((isSymbol ? "symbols" : dangling.GetValueOrDefault(path.RelativePath) ?? WhyLeftOut(path, item, names)) is { } reason)
            {
                skipped.Add(new LeftOut(path.RelativePath, reason));
                continue;
            }

            var isEndpoints = path.Kind == PublishedKind.File && path.RelativePath.EndsWith(StaticAssetEndpoints.Suffix, StringComparison.Ordinal);
            var origin = isEndpoints ? FileOrigin.StaticAsset : item?.Origin ?? FileOrigin.Application;
            var entry = isEndpoints ? Entry(path) with { Source = StaticAssetEndpoints.Normalize(path.FullPath, Path.Combine(_workFolder, Parent(path.RelativePath))) } : Entry(path);
            if (replaced.Contains(entry.Path))
                skipped.Add(new LeftOut(path.RelativePath, "a ContainerFile or ContainerSymlink is at its place"));
            else
                Group(assigned.GetValueOrDefault(path.RelativePath) ?? NameOf(origin)).Add(entry);
        }

        foreach (var (entry, layer) in extra)
            Group(layer).Add(entry);

        leftOut = skipped;
        SymbolsLayer = symbols.Count > 0 ? new LayerPlan("symbols", WithDirectories(symbols)) : null;
        return [.. RemovedLayer(), .. order.Names.Where(groups.ContainsKey).Select(name => new LayerPlan(name, WithDirectories(groups[name])))];

        List<LayerEntry> Group(string name) => groups.TryGetValue(name, out var group) ? group : groups[name] = [];
    }

    private IEnumerable<LayerPlan> RemovedLayer() => Extra is { Removed.Count: > 0 } extra
        ? [new LayerPlan(LayerOrder.Removed, [.. extra.Removed.Select(path => new LayerEntry(path, LayerEntryKind.Whiteout, "", 0))])]
        : [];

    // Debug symbols of managed and native code, and what explains the code to who looks at it.
    private bool IsSymbol(PublishedPath path, HashSet<string> names) => path.Kind == PublishedKind.File && Path.GetExtension(path.RelativePath) switch
    {
        ".pdb" => true,
        ".dbg" => names.Contains(path.RelativePath[..^4]),
        ".xml" => !DocumentationStays(names) && IsDocumentation(path, names),
        _ => false,
    };

    private bool DocumentationStays(HashSet<string> names) => KeepsDocumentation ?? DocumentationReaders.Any(names.Contains);

    private static StringComparer PathComparer =>
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private static string NameOf(FileOrigin origin) => origin switch
    {
        FileOrigin.RuntimePack => "runtime",
        FileOrigin.Package => "packages",
        FileOrigin.ProjectReference => "projects",
        FileOrigin.StaticAsset => "static-assets",
        _ => "application",
    };

    private string? WhyLeftOut(PublishedPath path, PublishItem? item, HashSet<string> names)
    {
        if (path.Kind != PublishedKind.File)
            return null;
        if (item?.LeaveOut is { } reason)
            return reason;
        if (!_runtimes.Accepts(item?.RuntimeIdentifier))
            return $"made for {item!.RuntimeIdentifier}";
        return Path.GetExtension(path.RelativePath) switch
        {
            ".dbg" when names.Contains(path.RelativePath[..^4]) => "native debug symbols",
            ".xml" when !DocumentationStays(names) && IsDocumentation(path, names) => "XML documentation",
            _ => null,
        };
    }

    // Beside the assembly that it documents, and starting with what the compiler writes: a data file that only happens to
    // share the assembly's name stays.
    private static bool IsDocumentation(PublishedPath path, HashSet<string> names)
    {
        var stem = path.RelativePath[..^4];
        if (!names.Contains(stem + ".dll") && !names.Contains(stem + ".exe") && !names.Contains(stem))
            return false;
        using var reader = new StreamReader(path.FullPath);
        var start = new char[256];
        var text = start.AsSpan(0, reader.ReadBlock(start)).TrimStart();
        if (text.StartsWith("<?xml", StringComparison.Ordinal) && text.IndexOf("?>", StringComparison.Ordinal) is > 0 and var end)
            text = text[(end + 2)..].TrimStart();
        return text.StartsWith("<doc>", StringComparison.Ordinal);
    }

    private LayerEntry Entry(PublishedPath path)
    {
        var target = _directory.Length == 0 ? path.RelativePath : $"{_directory}/{path.RelativePath}";
        if (_baseHasLinks && WorkingDirectory.LiesInShared(target))
            throw Harmful(path, target, " and take away everybody's right to write beside it");
        if (_baseHasLinks && WorkingDirectory.LiesBehindLink(target))
            throw Harmful(path, target, " where most base images have a symbolic link that a layer must not replace");

        return path.Kind switch
        {
            PublishedKind.EmptyDirectory => LayerEntry.Directory(target),
            PublishedKind.SymbolicLink => new LayerEntry(target, LayerEntryKind.SymbolicLink, path.LinkTarget, 0b111_111_111),
            _ when path.RelativePath.StartsWith("wwwroot/", StringComparison.Ordinal) =>
                new LayerEntry(target, LayerEntryKind.File, path.FullPath, LayerEntry.FileMode) { TimeFromContent = true },
            _ => new LayerEntry(
                target,
                LayerEntryKind.File,
                path.FullPath,
                ExecutableFiles.IsExecutable(path.FullPath) ? LayerEntry.ExecutableMode : LayerEntry.FileMode),
        };
    }

    private static ContainerizeException Harmful(PublishedPath path, string target, string why) => new(
        ErrorCodes.WorkingDirectoryInvalid,
        $"The published '{path.RelativePath}' would become /{target} in the image,{why}. Set ContainerWorkingDirectory to a directory of the application's own, for example /app.");

    // Each layer brings the directories that its published files need, always with the same mode and owner, but none above the
    // application's own: those are the base's, and an entry would change their owner and mode.
    private List<LayerEntry> WithDirectories(List<LayerEntry> entries)
    {
        var directories = entries.Where(entry => entry.Kind == LayerEntryKind.Directory).DistinctBy(entry => (entry.Path, entry.IsGiven))
            .GroupBy(entry => entry.Path, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderByDescending(entry => entry.IsGiven).First(), StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => ImagePath.IsAtOrBelow(entry.Path, _directory)))
        {
            for (var path = Parent(entry.Path); path.Length >= _directory.Length && path.Length > 0; path = Parent(path))
                directories.TryAdd(path, LayerEntry.Directory(path));
        }

        return
        [
            .. directories.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal),
            .. entries.Where(entry => entry.Kind != LayerEntryKind.Directory),
        ];
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";
}
