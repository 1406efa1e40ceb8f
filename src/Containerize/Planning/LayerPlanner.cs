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
    private readonly string _workFolder;

    // These read XML documentation when the application runs: Swashbuckle's IncludeXmlComments, NSwag by itself.
    private static readonly string[] DocumentationReaders = ["Swashbuckle.AspNetCore.SwaggerGen.dll", "NSwag.Generation.dll", "Namotion.Reflection.dll"];

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

    /// <summary>Plans the layers.</summary>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="items">What the build knows of the files.</param>
    /// <param name="leftOut">What is not in the layers.</param>
    /// <exception cref="ContainerizeException">See <see cref="PublishFolder.List"/>; also CTZ3003 where something cannot be read.</exception>
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

        var skipped = new List<LeftOut>();
        var groups = new SortedDictionary<FileOrigin, List<LayerEntry>>();
        foreach (var path in published)
        {
            var item = known.GetValueOrDefault(path.RelativePath);
            if (WhyLeftOut(path, item, names) is { } reason)
            {
                skipped.Add(new LeftOut(path.RelativePath, reason));
                continue;
            }

            var isEndpoints = path.Kind == PublishedKind.File && path.RelativePath.EndsWith(StaticAssetEndpoints.Suffix, StringComparison.Ordinal);
            var origin = isEndpoints ? FileOrigin.StaticAsset : item?.Origin ?? FileOrigin.Application;
            if (!groups.TryGetValue(origin, out var group))
                groups[origin] = group = [];
            group.Add(isEndpoints ? Entry(path) with { Source = StaticAssetEndpoints.Normalize(path.FullPath, Path.Combine(_workFolder, Parent(path.RelativePath))) } : Entry(path));
        }

        leftOut = skipped;
        return [.. groups.Select(group => new LayerPlan(NameOf(group.Key), WithDirectories(group.Value)))];
    }

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
            ".xml" when !(KeepsDocumentation ?? DocumentationReaders.Any(names.Contains)) && IsDocumentation(path, names) => "XML documentation",
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

    // Each layer brings the directories that its files need, but none above the application's own: those are the base's, which knows
    // their mode and owner.
    private List<LayerEntry> WithDirectories(List<LayerEntry> entries)
    {
        var directories = new HashSet<string>(StringComparer.Ordinal);
        if (_directory.Length > 0)
            directories.Add(_directory);
        foreach (var entry in entries)
        {
            var path = entry.Kind == LayerEntryKind.Directory ? entry.Path : Parent(entry.Path);
            while (path.Length > _directory.Length && directories.Add(path))
                path = Parent(path);
        }

        return
        [
            .. directories.Order(StringComparer.Ordinal).Select(LayerEntry.Directory),
            .. entries.Where(entry => entry.Kind != LayerEntryKind.Directory),
        ];
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";
}
