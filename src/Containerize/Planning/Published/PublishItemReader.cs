using Containerize.Planning.Settings;

namespace Containerize.Planning.Published;

/// <summary>
/// Reads from the SDK's items where published files come from. The metadata differ by origin; which ones there are was
/// found by looking at them (docs/design/file-origins.md).
/// </summary>
internal sealed class PublishItemReader
{
    private static readonly string[] RuntimePackPrefixes = ["Microsoft.NETCore.App.Runtime.", "Microsoft.AspNetCore.App.Runtime."];

    private readonly string _projectDirectory;
    private readonly string? _packageRoot;
    private readonly HashSet<string> _runtimePacks;
    private readonly List<string> _referencedProjects = [];

    public PublishItemReader(string projectDirectory, string? packageRoot, IEnumerable<IProjectItem> runtimePacks)
    {
        _projectDirectory = EnsureSeparator(projectDirectory);
        _packageRoot = string.IsNullOrEmpty(packageRoot) ? null : EnsureSeparator(Path.GetFullPath(packageRoot, projectDirectory));
        _runtimePacks = runtimePacks
            .Select(pack => pack.Metadata("NuGetPackageId") ?? pack.ItemSpec)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The publish items and static web assets together; of two for one path the asset counts.</summary>
    /// <param name="publishItems">What was published as a file of its own.</param>
    /// <param name="staticWebAssets">The static web assets among it.</param>
    /// <param name="insideItems">
    /// What was published inside of another file. It is not returned; it tells of projects that are referenced.
    /// </param>
    public IEnumerable<PublishItem> Read(
        IReadOnlyList<IProjectItem> publishItems, IReadOnlyList<IProjectItem> staticWebAssets, IReadOnlyList<IProjectItem> insideItems)
    {
        foreach (var item in publishItems.Concat(insideItems))
        {
            if (item.Metadata("MSBuildSourceProjectFile") is { } project)
                _referencedProjects.Add(EnsureSeparator(Path.GetDirectoryName(FullPath(project))!));
        }

        var published = publishItems
            .Select(item => ReadItem(item, item.Metadata("RelativePath") ?? item.Metadata("TargetPath"))).OfType<PublishItem>().ToList();
        foreach (var item in published)
            yield return item;
        if (staticWebAssets.Count == 0)
            yield break;
        var own = OwnAssemblies(published.Concat(ReadInside(insideItems)));
        var origins = new StaticAssetOrigins(staticWebAssets, own, path => IsInPackage(FullPath(path)));
        // Their RelativePath is a template with the fingerprint's place in it; TargetPath is the file's.
        foreach (var asset in staticWebAssets)
        {
            if (asset.Metadata("TargetPath") is { } path)
                yield return new PublishItem(path.Replace('\\', '/'), FullPath(asset.ItemSpec), origins.Of(asset));
        }
    }

    /// <summary>What was published inside of another file: of single files and of native code.</summary>
    public IEnumerable<PublishItem> ReadInside(IReadOnlyList<IProjectItem> items) =>
        items.Select(item => ReadItem(item, item.Metadata("RelativePath") ?? Path.GetFileName(item.ItemSpec))).OfType<PublishItem>();

    private static IEnumerable<string> OwnAssemblies(IEnumerable<PublishItem> items) => items
        .Where(item => item.Origin is FileOrigin.ProjectReference or FileOrigin.Application
            && item.RelativePath.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        .Select(item => Path.GetFileNameWithoutExtension(item.RelativePath));

    private PublishItem? ReadItem(IProjectItem item, string? path) => path is null
        ? null
        // Satellite assemblies of the project itself come with back-slashes on every system.
        : new PublishItem(path.Replace('\\', '/'), FullPath(item.ItemSpec), OriginOf(item), item.Metadata("RuntimeIdentifier"))
        {
            IsStartProgram = ProjectItems.IsTrue(item.Metadata("IsKeyOutput")) && !path.EndsWith(".dll", StringComparison.Ordinal),
        };

    private FileOrigin OriginOf(IProjectItem item)
    {
        // Before the package: projects that another reference brings along carry an id of what they would be packed as.
        if (item.Metadata("ReferenceSourceTarget") == "ProjectReference")
            return FileOrigin.ProjectReference;
        if (item.Metadata("NuGetPackageId") is { } package)
        {
            // Assets of a runtime pack have no path in the package, unlike those of packages that happen to be called so.
            var isRuntimePack = item.Metadata("PathInPackage") is null
                && (_runtimePacks.Contains(package)
                    || RuntimePackPrefixes.Any(prefix => package.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
            return isRuntimePack ? FileOrigin.RuntimePack : FileOrigin.Package;
        }

        if (item.Metadata("ReferenceSourceTarget") == "ResolveAssemblyReference")
            return FileOrigin.Package; // <Reference HintPath="…">: a library that was built elsewhere.

        // Content has lost its metadata on the way here, but not its place.
        var source = FullPath(item.ItemSpec);
        if (IsInPackage(source))
            return FileOrigin.Package;
        if (!source.StartsWith(_projectDirectory, StringComparison.Ordinal)
            && _referencedProjects.Exists(project => source.StartsWith(project, StringComparison.Ordinal)))
            return FileOrigin.ProjectReference;
        return FileOrigin.Application;
    }

    private bool IsInPackage(string source) =>
        _packageRoot is not null && source.StartsWith(_packageRoot, StringComparison.OrdinalIgnoreCase);

    private string FullPath(string path) => ProjectItems.FullPath(path, _projectDirectory);

    private static string EnsureSeparator(string path) => Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar;
}
