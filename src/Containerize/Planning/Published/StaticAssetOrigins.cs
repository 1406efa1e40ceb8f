using Containerize.Planning.Settings;

namespace Containerize.Planning.Published;

/// <summary>
/// Where static web assets come from. All files of a Blazor WebAssembly client say that they belong to the client's project, those of the
/// runtime and of packages included, and trimming leaves of an assembly's source its name alone (docs/design/file-origins.md).
/// </summary>
internal sealed class StaticAssetOrigins
{
    // A compressed satellite leads to the satellite, and that to the assembly; more there is not.
    private const int MaxRelations = 4;

    private readonly Dictionary<string, IProjectItem> _assets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ownAssemblies;
    private readonly Func<string, bool> _isInPackage;

    /// <summary>Prepares for the assets of one publish.</summary>
    /// <param name="assets">All of them.</param>
    /// <param name="ownAssemblies">The names, without extension, of what the project and those that it refers to are compiled to.</param>
    /// <param name="isInPackage">Whether a path lies in the folder of NuGet packages.</param>
    public StaticAssetOrigins(IReadOnlyList<IProjectItem> assets, IEnumerable<string> ownAssemblies, Func<string, bool> isInPackage)
    {
        _isInPackage = isInPackage;
        _ownAssemblies = new HashSet<string>(ownAssemblies, StringComparer.OrdinalIgnoreCase);
        foreach (var asset in assets)
        {
            _assets[asset.ItemSpec] = asset;
            // The client's own assembly, which is not published as such where its output is not referenced.
            if (!IsOfPackage(asset) && asset.Metadata("SourceId") is { } project)
                _ownAssemblies.Add(project);
        }
    }

    /// <summary>The origin of one of the assets.</summary>
    public FileOrigin Of(IProjectItem asset)
    {
        var main = MainOf(asset);
        if (IsOfPackage(main))
            return FileOrigin.Package;
        var source = main.Metadata("OriginalItemSpec") ?? main.ItemSpec;
        var isInPackage = _isInPackage(source) || IsInRuntimePack(source);
        if (main.Metadata("AssetTraitName") is not ("WasmResource" or "Culture"))
            return isInPackage ? FileOrigin.Package : FileOrigin.StaticAsset;
        return isInPackage || (IsAssembly(main) && !_ownAssemblies.Contains(NameOf(source)))
            ? FileOrigin.BrowserRuntime
            : FileOrigin.StaticAsset;
    }

    // Compressed forms were made by the build, whatever of.
    private IProjectItem MainOf(IProjectItem asset)
    {
        for (var i = 0; i < MaxRelations; i++)
        {
            if (asset.Metadata("RelatedAsset") is not { } related || !_assets.TryGetValue(related, out var main))
                break;
            asset = main;
        }

        return asset;
    }

    private static bool IsOfPackage(IProjectItem asset) => asset.Metadata("SourceType") == "Package";

    // Also where a workload brought it, outside of the packages' folder.
    private static bool IsInRuntimePack(string source) =>
        source.Split('/', '\\').Any(folder => folder.StartsWith("Microsoft.NETCore.App.Runtime.", StringComparison.OrdinalIgnoreCase));

    // What is neither: the boot manifest, settings, and a runtime that was linked for this client.
    private static bool IsAssembly(IProjectItem asset) =>
        asset.Metadata("AssetTraitName") == "Culture" || asset.Metadata("AssetTraitValue") is "runtime" or "symbol";

    private static string NameOf(string source)
    {
        var name = Path.GetFileNameWithoutExtension(source.Replace('\\', '/'));
        return name.EndsWith(".resources", StringComparison.OrdinalIgnoreCase) ? name[..^".resources".Length] : name;
    }
}
