namespace Containerize.Planning.Published;

/// <summary>Which of the user's own assemblies depend on the folder that they were compiled in, and with them the image's digest.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Assemblies">Their file names.</param>
internal sealed record FolderDependences(FolderDependence Reason, IReadOnlyList<string> Assemblies)
{
    /// <summary>Looks at the assemblies of the project and of those that it refers to.</summary>
    /// <param name="items">What was published, inside of a single file, too.</param>
    /// <param name="publishFolder">The publish folder's full path, where symbols may lie.</param>
    public static IReadOnlyList<FolderDependences> Of(IEnumerable<PublishItem> items, string publishFolder) =>
    [
        .. items.Where(item => item.Origin is FileOrigin.ProjectReference or FileOrigin.Application && IsCode(item.RelativePath))
            .Select(item => (Item: item, Reason: AssemblyPaths.DependenceOf(item.SourcePath, [.. SymbolsOf(item, publishFolder)])))
            .Where(found => found.Reason != FolderDependence.None)
            .GroupBy(found => found.Reason, found => Path.GetFileName(found.Item.RelativePath))
            .OrderBy(group => group.Key)
            .Select(group => new FolderDependences(group.Key, [.. group.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])),
    ];

    private static bool IsCode(string path) =>
        path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".resources.dll", StringComparison.OrdinalIgnoreCase);

    // Beside what was copied; ReadyToRun and trimming write the assembly into a folder below it.
    private static IEnumerable<string> SymbolsOf(PublishItem item, string publishFolder)
    {
        var name = Path.GetFileNameWithoutExtension(item.SourcePath) + ".pdb";
        var folder = Path.GetDirectoryName(item.SourcePath)!;
        yield return Path.Combine(folder, name);
        yield return Path.Combine(publishFolder, Path.ChangeExtension(item.RelativePath, ".pdb"));
        yield return Path.Combine(folder, "..", name);
    }
}
