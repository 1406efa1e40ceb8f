using Containerize.Hosting;
using Containerize.Layers;
using Containerize.Layers.Contents;
using Containerize.Registries;

namespace Containerize.Building;

/// <summary>
/// The folder that all projects of a user share: what is in the layers of bases, their bytes where they are needed again, and what is
/// known of registries. May be removed at any time.
/// </summary>
public sealed class SharedCache
{
    private readonly string? _folder;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;

    /// <summary>Names the folder, which need not exist.</summary>
    /// <param name="named"><c>ContainerCacheDirectory</c>; null or empty for the system's place for caches.</param>
    /// <param name="environment">Tells where that is.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="notice">Is told what is waited for.</param>
    public SharedCache(string? named, IEnvironment environment, TimeProvider clock, Action<string>? notice = null)
    {
        _notice = notice;
        _folder = string.IsNullOrEmpty(named) ? ContentsCache.DefaultFolder(environment) : named;
        _clock = clock;
    }

    /// <summary>The bytes of bases' layers.</summary>
    public SharedLayers Layers => new(Below("layers"), _clock, _notice);

    /// <summary>Manifests and configs that registries have served.</summary>
    public RegistryDocuments Documents => new(Below("documents"), _clock);

    /// <summary>What is known of registries: among other things, which repositories have taken them.</summary>
    /// <param name="notice">Is told what is waited for.</param>
    public RegistryNotes Notes(Action<string> notice) => new(Below("registries"), _clock, notice);

    /// <summary>What two users of a build session must agree in.</summary>
    public string Key => _folder ?? "";

    /// <summary>Which files are in bases' layers.</summary>
    /// <param name="fallback">The folder that takes the place of one that cannot be written.</param>
    public ContentsCache Contents(string fallback) => new(Below("contents"), fallback, _clock, _notice);

    private string? Below(string name) => _folder is null ? null : Path.Combine(_folder, name);
}
