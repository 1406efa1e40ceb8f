using Containerize.Hosting;

namespace Containerize.Caches;

/// <summary>
/// The folder that all projects of a user share: what is in the layers of bases, their bytes where they are needed again, and what is
/// known of registries. May be removed at any time.
/// </summary>
internal sealed class SharedCache
{
    private readonly string? _folder;
    private readonly bool _isNamed;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;
    private readonly WaitingBudget _patience;

    /// <summary>Names the folder, which need not exist.</summary>
    /// <param name="named"><c>ContainerCacheDirectory</c>; null or empty for the system's place for caches.</param>
    /// <param name="environment">Tells where that is.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="notice">Is told what is waited for.</param>
    /// <param name="patience">How long the build waits for others; null for one that does nothing else.</param>
    public SharedCache(
        string? named, IEnvironment environment, TimeProvider clock, Action<string>? notice = null, WaitingBudget? patience = null)
    {
        _notice = notice;
        _patience = patience ?? new WaitingBudget(clock);
        _folder = string.IsNullOrEmpty(named) ? DefaultFolder(environment) : named;
        _isNamed = !string.IsNullOrEmpty(named);
        _clock = clock;
    }

    /// <summary>The bytes of bases' layers.</summary>
    public SharedLayers Layers => new(Below("layers"), _clock, _notice, _patience);

    /// <summary>Manifests and configs that registries have served.</summary>
    public RegistryDocuments Documents => new(Below("documents"), _clock);

    /// <summary>What is known of registries: among other things, which repositories have taken them.</summary>
    /// <param name="notice">Is told what is waited for.</param>
    public RegistryHints Notes(Action<string> notice) => new(Below("registries"), _clock, notice, _patience);

    /// <summary>What two users of a build session must agree in.</summary>
    public string Key => _folder ?? "";

    /// <summary>The folder, where others than this user may write to it; null where none may, or there is none.</summary>
    public string? Untrusted => _folder is not null && !Folders.IsThisUsers(_folder) ? _folder : null;

    /// <summary>What was found out about bases' layers.</summary>
    /// <param name="fallback">The folder that takes the place of one that cannot be written.</param>
    /// <param name="version">Of the format of what is kept.</param>
    /// <remarks>
    /// Nothing vouches for them but who has written them: where others may write, too, each project keeps its own. All else that lies here
    /// is checked when it is read, by its digest, or is a hint.
    /// </remarks>
    public LayerFacts Facts(string fallback, int version) => new(
        Below("contents") is { } folder && Folders.IsThisUsers(folder) ? folder : null, fallback, version, _clock, _notice, _patience);

    /// <summary>
    /// The folder for what all projects of a user share, where none is named: where the system wants caches to be. Null where the user has
    /// no home.
    /// </summary>
    public static string? DefaultFolder(IEnvironment environment)
    {
        // XDG Base Directory Specification: "must be absolute", and what is not is to be ignored.
        if (environment.GetVariable("XDG_CACHE_HOME") is { } caches && Path.IsPathFullyQualified(caches))
            return Path.Combine(caches, "containerize");
        if (OperatingSystem.IsWindows() && environment.GetVariable("LOCALAPPDATA") is { } local)
            return Path.Combine(local, "containerize");
        if (environment.HomeDirectory is not { Length: > 0 } home)
            return null;
        return OperatingSystem.IsWindows() ? Path.Combine(home, "AppData", "Local", "containerize")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", "containerize")
            : Path.Combine(home, ".cache", "containerize");
    }

    // One that the user names is as the user makes it.
    private string? Below(string name)
    {
        if (_folder is null)
            return null;
        try
        {
            if (!_isNamed && !Directory.Exists(_folder))
                Folders.CreatePrivate(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that is read only, or is none: everything there can be done without.
        }

        return Path.Combine(_folder, name);
    }
}
