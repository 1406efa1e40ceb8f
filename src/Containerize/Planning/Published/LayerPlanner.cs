using Containerize.Layers;
using Containerize.Planning.Settings;

namespace Containerize.Planning.Published;

/// <summary>What was left out of the image on purpose.</summary>
/// <param name="RelativePath">The path below the publish folder.</param>
/// <param name="Reason">Why.</param>
internal sealed record LeftOut(string RelativePath, string Reason);

/// <summary>What a publish folder and the project's items come to.</summary>
/// <param name="Layers">The layers, lowest first. None is empty.</param>
/// <param name="Symbols">With <see cref="SymbolsMode.Separate"/>: what the image of the symbols holds; null where there are none.</param>
/// <param name="LeftOut">What was published and is not in the layers.</param>
/// <param name="UnusedRules">Layers that the project asks for with patterns which fit nothing.</param>
/// <param name="Exposed">
/// Files that an item puts where not everybody may read them, and that lie among the published ones for all to read.
/// </param>
/// <param name="Unpublished">
/// Files of the publish folder that go into the image though this build did not publish them; relative paths.
/// </param>
/// <param name="Missing">Files that this build published and that are not in the folder; relative paths.</param>
internal sealed record PlannedLayers(
    IReadOnlyList<LayerPlan> Layers,
    LayerPlan? Symbols,
    IReadOnlyList<LeftOut> LeftOut,
    IReadOnlyList<LayerRule> UnusedRules,
    IReadOnlyList<ExposedFile> Exposed,
    IReadOnlyList<string> Unpublished,
    IReadOnlyList<string> Missing);

/// <summary>A file that is in the image twice, once for fewer than all.</summary>
/// <param name="Source">The file.</param>
/// <param name="Protected">Where an item puts it.</param>
/// <param name="Published">Where everybody can read it.</param>
internal sealed record ExposedFile(string Source, LayerEntry Protected, string Published);

/// <summary>
/// Sorts what was published into layers by how often it changes, least first, so that a change of the application leaves
/// the layers below it as they were: in the registry, in the engine and on every node.
/// </summary>
internal sealed class LayerPlanner
{
    private readonly string _directory;
    private readonly RuntimeIdentifierGraph _runtimes;
    private readonly string _workFolder;

    private const int ReadByAll = 0b100;

    // These read XML documentation when the application runs: Swashbuckle's IncludeXmlComments, NSwag by itself.
    private static readonly string[] DocumentationReaders =
    [
        "Swashbuckle.AspNetCore.SwaggerGen.dll", "NSwag.Generation.dll", "Namotion.Reflection.dll",
    ];

    /// <summary>Prepares for an image.</summary>
    /// <param name="directory">Where the files go, as a layer's path; empty for the root.</param>
    /// <param name="runtimes">Which runtime identifiers' natives work in the image.</param>
    /// <param name="workFolder">Where files that the image gets in another form are written.</param>
    public LayerPlanner(string directory, RuntimeIdentifierGraph runtimes, string workFolder)
    {
        _workFolder = workFolder;
        _directory = directory;
        _runtimes = runtimes;
    }

    /// <summary>Whether XML documentation stays; null keeps it where a library that reads it is published too.</summary>
    public bool? KeepsDocumentation { get; init; }

    /// <summary>Whether there is no base, and so nothing that could be taken away.</summary>
    public bool BaseIsEmpty { get; init; }

    /// <summary>The layers that the project asks for.</summary>
    public IReadOnlyList<LayerRule> Rules { get; init; } = [];

    /// <summary>What goes into the image besides the published files; it replaces a published file of the same path.</summary>
    public ExtraFiles? Extra { get; init; }

    /// <summary>What becomes of symbols.</summary>
    public SymbolsMode Symbols { get; init; }

    /// <summary>Paths of files that the SDK generates in the publish folder, and that are no items.</summary>
    public IReadOnlyCollection<string> Generated { get; init; } = [];

    /// <summary>Plans the layers.</summary>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="items">What the build knows of the files.</param>
    /// <exception cref="ContainerizeException">
    /// See <see cref="PublishFolder.List"/>; also CTZ1023 where a path would hide a link of the base, CTZ1035 where a layer of the
    /// project cannot be made, CTZ3003 where something cannot be read, and CTZ3004 where an item claims the path of something else.
    /// </exception>
    public PlannedLayers Plan(string folder, IEnumerable<PublishItem> items)
    {
        try
        {
            var known = new Dictionary<string, PublishItem>(PathComparer);
            foreach (var item in items)
                known[item.RelativePath] = item;
            return Plan(PublishFolder.List(folder, known), known);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContainerizeException(
                ErrorCodes.FileUnreadable,
                $"The publish folder '{folder}' could not be read: {e.Message.TrimEnd('.')}. "
                    + "Make everything in it readable, and let nothing write to it while the image is built.",
                e);
        }
    }

    /// <summary>Plans the layers of what was found, which the build may know something of.</summary>
    internal PlannedLayers Plan(IReadOnlyList<PublishedPath> published, Dictionary<string, PublishItem> known)
    {
        var names = published.Select(path => path.RelativePath).ToHashSet(PathComparer);
        var extra = Extra?.Entries ?? [];
        var replaced = extra.Where(added => added.Entry.Kind != LayerEntryKind.Directory).Select(added => added.Entry.Path)
            .ToHashSet(StringComparer.Ordinal);
        var order = new LayerOrder(Rules, extra.Select(added => added.Layer));
        var assigned = order.Assign(published.Select(path => path.RelativePath));

        // A link to what is not here would lead to nothing.
        var dangling = DanglingLinks.Find(
            published,
            path => WhyLeftOut(path, known.GetValueOrDefault(path.RelativePath)) is not null || SymbolsOf(path, names) is not null);
        var leftOut = new List<LeftOut>();
        var symbols = new List<LayerEntry>();
        var endpoints = new List<LayerEntry>();
        var groups = new Dictionary<string, List<LayerEntry>>(StringComparer.Ordinal);
        foreach (var path in published)
        {
            var item = known.GetValueOrDefault(path.RelativePath);
            var forSymbols = SymbolsOf(path, names);
            var reason = dangling.GetValueOrDefault(path.RelativePath)
                ?? WhyLeftOut(path, item)
                ?? (replaced.Contains(TargetOf(path)) ? "an item puts something else at its path" : null);
            if (reason is not null)
            {
                leftOut.Add(new LeftOut(path.RelativePath, reason));
            }
            else if (forSymbols is not null)
            {
                leftOut.Add(new LeftOut(path.RelativePath, forSymbols));
                if (Symbols == SymbolsMode.Separate)
                    symbols.Add(Entry(path));
            }
            else if (IsEndpoints(path) && !assigned.ContainsKey(path.RelativePath))
            {
                endpoints.Add(Entry(path));
            }
            else
            {
                Group(assigned.GetValueOrDefault(path.RelativePath) ?? LayerOrder.Of(OriginOf(path, item))).Add(Entry(path));
            }
        }

        foreach (var (entry, layer) in extra)
            Group(layer).Add(entry);
        // They change with the static assets, but alone they are no reason for a layer.
        if (endpoints.Count > 0)
            Group(groups.ContainsKey(LayerOrder.StaticAssets) ? LayerOrder.StaticAssets : LayerOrder.Application).AddRange(endpoints);
        var links = extra.Select(added => added.Entry).Where(entry => entry.Kind == LayerEntryKind.SymbolicLink).Select(entry => entry.Path)
            .ToHashSet(StringComparer.Ordinal);
        var directories = extra.Select(added => added.Entry).Where(entry => entry.Kind == LayerEntryKind.Directory)
            .ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        List<LayerPlan> layers = [.. order.Names.Where(
            groups.ContainsKey).Select(name => new LayerPlan(name, WithDirectories(groups[name], directories, links)))];
        RefuseClashes(layers);
        return new PlannedLayers(
            [.. RemovedLayer(), .. layers],
            symbols.Count > 0 ? new LayerPlan("symbols", WithDirectories(symbols, [], [])) : null,
            leftOut,
            [.. Rules.Where(rule => rule.Files.Count > 0 && !assigned.Values.Contains(rule.Name))],
            [.. Exposed(published.Where(path => leftOut.TrueForAll(left => left.RelativePath != path.RelativePath)), known, extra)],
            [.. Unpublished(published, known, leftOut)],
            [.. known.Values.Where(item => IsMissing(item, names)).Select(item => item.RelativePath)]);

        List<LayerEntry> Group(string name) => groups.TryGetValue(name, out var group) ? group : groups[name] = [];
    }

    private IEnumerable<ExposedFile> Exposed(
        IEnumerable<PublishedPath> published, Dictionary<string, PublishItem> known, IReadOnlyList<ExtraEntry> extra)
    {
        var secret = extra.Select(added => added.Entry).Where(entry => entry.Kind == LayerEntryKind.File && (entry.Mode & ReadByAll) == 0)
            .ToLookup(entry => entry.Source, PathComparer);
        if (secret.Count == 0)
            return [];
        return published.SelectMany(path => known.GetValueOrDefault(path.RelativePath) is { } item
            ? secret[item.SourcePath].Select(entry => new ExposedFile(entry.Source, entry, "/" + TargetOf(path)))
            : []);
    }

    private bool IsMissing(PublishItem item, HashSet<string> names) =>
        item.LeaveOut is null && _runtimes.Accepts(item.RuntimeIdentifier) && !names.Contains(item.RelativePath);

    private IEnumerable<string> Unpublished(
        IEnumerable<PublishedPath> published, Dictionary<string, PublishItem> known, IEnumerable<LeftOut> leftOut)
    {
        var explained = leftOut.Select(left => left.RelativePath).Concat(Generated).ToHashSet(PathComparer);
        return published.Where(path => path.Kind != PublishedKind.EmptyDirectory).Select(path => path.RelativePath)
            .Where(path => !known.ContainsKey(path) && !explained.Contains(path));
    }

    // On an empty base there is nothing that could be taken away.
    private IEnumerable<LayerPlan> RemovedLayer() => Extra?.Removed is { Count: > 0 } removed && !BaseIsEmpty
        ? [new LayerPlan(LayerOrder.Removed, [.. removed.Select(path => new LayerEntry(path, LayerEntryKind.Whiteout, "", 0))])]
        : [];

    // In several layers, one of them would hide the other without a word.
    private static void RefuseClashes(IEnumerable<LayerPlan> layers)
    {
        var entries = layers.SelectMany(layer => layer.Entries).ToList();
        var files = entries.Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        var leaves = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => entry.Kind != LayerEntryKind.Directory))
        {
            if (!leaves.Add(entry.Path))
                throw LayerTar.Clash(entry.Path);
        }

        foreach (var entry in entries)
        {
            // What lies below a link goes where that leads, which is seen once the base's files are known.
            if (LayerPath.Parents(entry.Path).FirstOrDefault(files.Contains) is { } parent)
                throw LayerTar.Clash(parent, entry.Path);
            if (entry.Kind == LayerEntryKind.Directory && leaves.Contains(entry.Path))
                throw LayerTar.Clash(entry.Path);
        }
    }

    // Debug symbols of managed and native code, and what explains the code to who looks at it; null where it stays.
    private string? SymbolsOf(PublishedPath path, HashSet<string> names) =>
        path.Kind != PublishedKind.File ? null : Path.GetExtension(path.RelativePath) switch
    {
        ".pdb" when Symbols != SymbolsMode.Include && IsDebugSymbols(path) => "debug symbols",
        ".dbg" when names.Contains(path.RelativePath[..^4]) => "native debug symbols",
        ".xml" when !DocumentationStays(names) && IsDocumentation(path, names) => "XML documentation",
        _ => null,
    };

    private bool DocumentationStays(HashSet<string> names) => KeepsDocumentation ?? DocumentationReaders.Any(names.Contains);

    private static StringComparer PathComparer =>
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    // What a target of the project puts below the web root, a built single-page application as a rule, is none of the SDK's static
    // web assets, and has the origin of all other files of unknown origin.
    private static FileOrigin OriginOf(PublishedPath path, PublishItem? item) => item?.Origin switch
    {
        null or FileOrigin.Application when WebRoot.Serves(path) => FileOrigin.StaticAsset,
        null => FileOrigin.Application,
        var origin => origin.Value,
    };

    private static bool IsEndpoints(PublishedPath path) =>
        path.Kind == PublishedKind.File && path.RelativePath.EndsWith(StaticAssetEndpoints.Suffix, StringComparison.Ordinal);

    private string? WhyLeftOut(PublishedPath path, PublishItem? item)
    {
        if (path.Kind != PublishedKind.File)
            return null;
        if (item?.LeaveOut is { } reason)
            return reason;
        return _runtimes.Accepts(item?.RuntimeIdentifier) ? null : $"made for {item!.RuntimeIdentifier}";
    }

    // Portable PDB ("PE and CLI metadata physical layout", ECMA-335 II.24.2.1) or Windows' own: proteins are kept in files of
    // that name too.
    private static bool IsDebugSymbols(PublishedPath path)
    {
        using var file = File.OpenRead(path.FullPath);
        Span<byte> start = stackalloc byte[16];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return start.StartsWith("BSJB"u8) || start.StartsWith("Microsoft C/C++ "u8);
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

    private string TargetOf(PublishedPath path) => LayerPath.Combine(_directory, path.RelativePath);

    private LayerEntry Entry(PublishedPath path)
    {
        var target = TargetOf(path);
        return path.Kind switch
        {
            PublishedKind.EmptyDirectory => LayerEntry.Directory(target),
            PublishedKind.SymbolicLink => LayerEntry.Link(target, path.LinkTarget),
            _ => FileRules.EntryOf(
                target,
                IsEndpoints(path)
                    ? StaticAssetEndpoints.Normalize(path.FullPath, Path.Combine(_workFolder, LayerPath.Parent(path.RelativePath)))
                    : path.FullPath,
                _directory),
        };
    }

    // Each layer brings the directories that its published files need, always with the same mode and owner, but none above the
    // application's own: those are the base's, and an entry would change their owner and mode. What an item says of a directory
    // holds in every layer, or the highest would undo it. Where an item puts a link, that is the way to what lies below.
    private List<LayerEntry> WithDirectories(List<LayerEntry> entries, Dictionary<string, LayerEntry> added, HashSet<string> links)
    {
        var directories = new SortedDictionary<string, LayerEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Kind == LayerEntryKind.Directory)
                directories.TryAdd(entry.Path, added.GetValueOrDefault(entry.Path) ?? entry);
            if (!LayerPath.IsAtOrBelow(entry.Path, _directory))
                continue;
            var parents = LayerPath.Parents(entry.Path).TakeWhile(path => path.Length >= _directory.Length);
            foreach (var path in parents.Where(path => !links.Contains(path)))
                directories.TryAdd(path, added.GetValueOrDefault(path) ?? LayerEntry.Directory(path));
        }

        return [.. directories.Values, .. entries.Where(entry => entry.Kind != LayerEntryKind.Directory)];
    }
}
