using Containerize.Planning;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>
/// Reads from the SDK's items where published files come from. The metadata differ by origin; which ones there are was
/// found by looking at them (docs/design.md, "Where published files come from").
/// </summary>
internal sealed class PublishItemReader
{
    private static readonly string[] RuntimePackPrefixes = ["Microsoft.NETCore.App.Runtime.", "Microsoft.AspNetCore.App.Runtime."];

    private readonly string _projectDirectory;
    private readonly string? _packageRoot;
    private readonly HashSet<string> _runtimePacks;
    private readonly List<string> _referencedProjects = [];

    public PublishItemReader(string projectDirectory, string? packageRoot, IEnumerable<ITaskItem> runtimePacks)
    {
        _projectDirectory = EnsureSeparator(projectDirectory);
        _packageRoot = string.IsNullOrEmpty(packageRoot) ? null : EnsureSeparator(Path.GetFullPath(packageRoot, projectDirectory));
        _runtimePacks = runtimePacks
            .Select(pack => pack.Metadata("NuGetPackageId") ?? pack.ItemSpec)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The publish items and static web assets together; of two for one path the asset counts.</summary>
    public IEnumerable<PublishItem> Read(ITaskItem[] publishItems, ITaskItem[] staticWebAssets)
    {
        foreach (var item in publishItems)
        {
            if (item.Metadata("MSBuildSourceProjectFile") is { } project)
                _referencedProjects.Add(EnsureSeparator(Path.GetDirectoryName(FullPath(project))!));
        }

        foreach (var item in publishItems)
        {
            if (ReadItem(item, item.Metadata("RelativePath") ?? item.Metadata("TargetPath")) is { } read)
                yield return read;
        }

        // Their RelativePath is a template with the fingerprint's place in it; TargetPath is the file's.
        foreach (var asset in staticWebAssets)
        {
            if (asset.Metadata("TargetPath") is { } path)
                yield return new PublishItem(path.Replace('\\', '/'), FullPath(asset.ItemSpec), FileOrigin.StaticAsset);
        }
    }

    /// <summary>What was published inside of another file: of single files and of native code.</summary>
    public IEnumerable<PublishItem> ReadInside(ITaskItem[] items) =>
        items.Select(item => ReadItem(item, item.Metadata("RelativePath") ?? Path.GetFileName(item.ItemSpec))).OfType<PublishItem>();

    private PublishItem? ReadItem(ITaskItem item, string? path) => path is null
        ? null
        // Satellite assemblies of the project itself come with back-slashes on every system.
        : new PublishItem(path.Replace('\\', '/'), FullPath(item.ItemSpec), OriginOf(item), item.Metadata("RuntimeIdentifier"))
        {
            IsStartProgram = TaskItems.IsTrue(item.Metadata("IsKeyOutput")) && !path.EndsWith(".dll", StringComparison.Ordinal),
        };

    private FileOrigin OriginOf(ITaskItem item)
    {
        if (item.Metadata("NuGetPackageId") is { } package)
        {
            // Assets of a runtime pack have no path in the package, unlike those of packages that happen to be called so.
            var isRuntimePack = item.Metadata("PathInPackage") is null
                && (_runtimePacks.Contains(package) || RuntimePackPrefixes.Any(prefix => package.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
            return isRuntimePack ? FileOrigin.RuntimePack : FileOrigin.Package;
        }

        switch (item.Metadata("ReferenceSourceTarget"))
        {
            case "ProjectReference":
                return FileOrigin.ProjectReference;
            case "ResolveAssemblyReference":
                return FileOrigin.Package; // <Reference HintPath="…">: a library that somebody else built.
        }

        // Content has lost its metadata on the way here, but not its place.
        var source = FullPath(item.ItemSpec);
        if (_packageRoot is not null && source.StartsWith(_packageRoot, StringComparison.OrdinalIgnoreCase))
            return FileOrigin.Package;
        if (!source.StartsWith(_projectDirectory, StringComparison.Ordinal)
            && _referencedProjects.Exists(project => source.StartsWith(project, StringComparison.Ordinal)))
            return FileOrigin.ProjectReference;
        return FileOrigin.Application;
    }

    private string FullPath(string path) => Path.GetFullPath(path.Replace('\\', Path.DirectorySeparatorChar), _projectDirectory);

    private static string EnsureSeparator(string path) => Path.TrimEndingDirectorySeparator(path) + Path.DirectorySeparatorChar;
}
