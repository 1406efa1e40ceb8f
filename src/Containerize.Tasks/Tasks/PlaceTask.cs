using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Stores;
using Containerize.Stores.Engine;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>The steps that read from the project what the image stands on and where it goes.</summary>
public abstract class PlaceTask : ContainerizeTask
{
    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The publish folder's full path.</summary>
    [Required]
    public string PublishDirectory { get; set; } = "";

    /// <summary><c>ContainerBaseImage</c>.</summary>
    [Required]
    public string BaseImage { get; set; } = "";

    /// <summary><c>ContainerRuntimeIdentifier</c>.</summary>
    [Required]
    public string RuntimeIdentifier { get; set; } = "";

    /// <summary><c>ContainerRepository</c>.</summary>
    public string Repository { get; set; } = "";

    /// <summary><c>@(ContainerDestination)</c>.</summary>
    public ITaskItem[] Destinations { get; set; } = [];

    /// <summary><c>ContainerRegistry</c>.</summary>
    public string? Registry { get; set; }

    /// <summary><c>LocalRegistry</c>.</summary>
    public string? LocalRegistry { get; set; }

    /// <summary><c>ContainerArchiveOutputPath</c>.</summary>
    public string? ArchiveOutputPath { get; set; }

    /// <summary><c>ContainerOciLayoutPath</c>.</summary>
    public string? OciLayoutPath { get; set; }

    /// <summary><c>ContainerInsecureRegistries</c>.</summary>
    public string? InsecureRegistries { get; set; }

    /// <summary><c>@(ContainerRegistryLogin)</c>.</summary>
    public ITaskItem[] RegistryLogins { get; set; } = [];

    /// <summary><c>@(ContainerRegistryMirror)</c>.</summary>
    public ITaskItem[] RegistryMirrors { get; set; } = [];

    /// <summary><c>ContainerRegistryConnectTimeout</c>.</summary>
    public string? RegistryConnectTimeout { get; set; }

    /// <summary><c>ContainerRegistrySilenceTimeout</c>.</summary>
    public string? RegistrySilenceTimeout { get; set; }

    /// <summary><c>ContainerRegistryTimeout</c>.</summary>
    public string? RegistryTimeout { get; set; }

    /// <summary>The platform of the runtime identifier.</summary>
    /// <exception cref="ContainerizeException">There are no images for it (CTZ1011).</exception>
    private protected Platform ReadPlatform() => Platform.FromRuntimeIdentifier(RuntimeIdentifier) ?? throw new ContainerizeException(
        ErrorCodes.RuntimeIdentifierUnsupported,
        $"No image can be built for the runtime identifier '{RuntimeIdentifier}': images for Linux are supported, such as linux-x64, linux-arm64 or linux-musl-x64. Publish with --runtime, or set ContainerRuntimeIdentifier.");

    /// <summary>Where the image goes.</summary>
    /// <exception cref="ContainerizeException">A destination is not valid.</exception>
    private protected IReadOnlyList<Destination> ReadDestinations(string repository, IReadOnlyList<string> tags) =>
        new DestinationReader(ProjectDirectory, PublishDirectory, repository, tags).Read(Destinations, Registry, ArchiveOutputPath, OciLayoutPath, LocalRegistry);

    /// <summary>How registries are talked to.</summary>
    /// <exception cref="ContainerizeException">A setting is not valid.</exception>
    private protected RegistrySettings ReadSettings() => new()
    {
        Insecure = RegistryProperties.ParseInsecure(InsecureRegistries),
        Logins = [.. RegistryLogins.Select(login => RegistryProperties.ParseLogin(
            login.ItemSpec, login.Trimmed("User"), login.Trimmed("UserVariable"), login.Trimmed("PasswordVariable"), login.Trimmed("PasswordFile") is { } file ? Path.GetFullPath(file, ProjectDirectory) : null))],
        Mirrors = [.. RegistryMirrors.Select(mirror => RegistryProperties.ParseMirror(mirror.ItemSpec, mirror.Trimmed("Location")))],
        ConnectTimeout = RegistryProperties.ParseTimeout("ContainerRegistryConnectTimeout", RegistryConnectTimeout),
        SilenceTimeout = RegistryProperties.ParseTimeout("ContainerRegistrySilenceTimeout", RegistrySilenceTimeout),
        Timeout = RegistryProperties.ParseTimeout("ContainerRegistryTimeout", RegistryTimeout),
    };

    /// <summary>Asks registries and Docker for what the steps after the plan need to know, while something else is done.</summary>
    private protected void PrefetchRemoteState(RegistrySettings settings, ImageLocation baseImage, Platform platform, IReadOnlyList<Destination> destinations, string repository, IReadOnlyList<string> tags)
    {
        var session = OpenSession(settings);
        session.Begin(token => new BaseResolver(session.Registries, pulled: session.Bases, notice: session.Notice).PrefetchAsync(baseImage, platform, destinations, token));
        session.Begin(token => session.Previous.PrefetchAsync(destinations, repository, tags, token));
        foreach (var destination in destinations.Where(destination => destination.Kind == DestinationKind.Engine))
            session.Begin(token => ContainerEngine.PrefetchAsync(session.Processes, destination.Target, new ImageNames(destination.Repository ?? repository, destination.Tags ?? tags), token));
    }
}
