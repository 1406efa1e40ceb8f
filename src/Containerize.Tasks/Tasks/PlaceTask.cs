using Containerize.Building;
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

    private protected PlaceSettings PlaceSettings => new()
    {
        ProjectDirectory = ProjectDirectory,
        PublishDirectory = PublishDirectory,
        BaseImage = BaseImage,
        RuntimeIdentifier = RuntimeIdentifier,
        Destinations = TaskItems.Of(Destinations),
        Registry = Registry,
        LocalRegistry = LocalRegistry,
        ArchiveOutputPath = ArchiveOutputPath,
        OciLayoutPath = OciLayoutPath,
        InsecureRegistries = InsecureRegistries,
        RegistryLogins = TaskItems.Of(RegistryLogins),
        RegistryMirrors = TaskItems.Of(RegistryMirrors),
        RegistryConnectTimeout = RegistryConnectTimeout,
        RegistrySilenceTimeout = RegistrySilenceTimeout,
        RegistryTimeout = RegistryTimeout,
    };

    /// <summary>Asks registries and Docker for what the steps after the plan need to know, while something else is done.</summary>
    private protected void PrefetchRemoteState(Places places)
    {
        var session = OpenSession(places.Registries);
        session.Begin(token => new BaseResolver(session.Registries, pulled: session.Bases, notice: session.Notice)
            .PrefetchAsync(places.BaseImage, places.Platform, places.Destinations, token));
        session.Begin(token => session.Previous.PrefetchAsync(places.Destinations, places.Repository, places.Tags, token));
        foreach (var destination in places.Destinations.Where(destination => destination.Kind == DestinationKind.Engine))
        {
            var names = new ImageNames(destination.Repository ?? places.Repository, destination.Tags ?? places.Tags);
            session.Begin(token => ContainerEngine.PrefetchAsync(session.Processes, destination.Target, names, token));
        }
    }
}
