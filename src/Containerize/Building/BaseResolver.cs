using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Stores.Engine;
using Containerize.Stores.Layout;
using Containerize.Stores.Registry;

namespace Containerize.Building;

/// <summary>
/// Finds a plan's base image, wherever it is: its manifest and config are read. The only place that tells the kinds of locations apart.
/// </summary>
internal sealed class BaseResolver
{
    private readonly RegistryClient _client;
    private readonly IProcessRunner? _processes;
    private readonly ImportedImages? _imported;
    private readonly SharedLayers _layers;
    private readonly PulledImages _pulled;
    private readonly Action<string>? _notice;
    private (ImageLocation Location, IImageSource Source)? _last;

    /// <summary>Makes a resolver.</summary>
    /// <param name="client">Asks registries.</param>
    /// <param name="processes">Runs engines; null where no base comes from there.</param>
    /// <param name="imported">Bases from archives and engines; null where no base comes from there.</param>
    /// <param name="layers">Layers of bases that are kept; null for none.</param>
    /// <param name="pulled">What the build has pulled already; null for nothing.</param>
    /// <param name="notice">Is told what the user should know though all goes well: a mirror that failed.</param>
    public BaseResolver(
        RegistryClient client,
        IProcessRunner? processes = null,
        ImportedImages? imported = null,
        SharedLayers? layers = null,
        PulledImages? pulled = null,
        Action<string>? notice = null)
    {
        _client = client;
        _processes = processes;
        _imported = imported;
        _layers = layers ?? new SharedLayers(null, TimeProvider.System);
        _pulled = pulled ?? new PulledImages();
        _notice = notice;
    }

    private ImportedImages Imported =>
        _imported ?? throw new InvalidOperationException("There is no place for the layers of archives and engines.");

    /// <summary>Resolves the base.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    public Task<Image> ResolveAsync(ImagePlan plan, CancellationToken cancellationToken) =>
        SourceOf(plan.BaseImage, plan.Destinations).ResolveAsync(plan.Platform, cancellationToken);

    /// <summary>Asks a registry for what <see cref="ResolveAsync"/> needs, before it does.</summary>
    public Task PrefetchAsync(
        ImageLocation baseImage, Platform platform, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken) =>
        SourceOf(baseImage, destinations).PrefetchAsync(platform, cancellationToken);

    /// <summary>A layer of the base, whose descriptor is known already and whose bytes are not in the project's cache.</summary>
    /// <exception cref="IOException">It ought to be in the cache.</exception>
    public ILayer LayerOf(ImagePlan plan, Descriptor descriptor, Digest diffId)
    {
        // An archive is gone through once, not for each layer.
        if (_last is not { } last || last.Location != plan.BaseImage)
            _last = last = (plan.BaseImage, SourceOf(plan.BaseImage, plan.Destinations));
        return last.Source.LayerOf(descriptor, diffId);
    }

    private IImageSource SourceOf(ImageLocation location, IReadOnlyList<Destination> destinations) => location.Kind switch
    {
        LocationKind.Scratch => new ScratchSource(),
        LocationKind.OciLayout => new LayoutSource(location.ToString(), location.Place, location.Name),
        LocationKind.OciArchive => new ArchiveSource(location.ToString(), location.Place, ArchiveKind.Oci, location.Name, Imported),
        LocationKind.DockerArchive => new ArchiveSource(location.ToString(), location.Place, ArchiveKind.Docker, location.Name, Imported),
        LocationKind.Engine => new EngineSource(
            _processes ?? throw new InvalidOperationException("No engine can be asked."),
            location.ToString(),
            location.Place,
            location.Name!,
            Imported),
        _ => RegistrySourceOf(location.Reference!, destinations),
    };

    // Credentials from the environment name no registry; those for pushing are tried on the registry that is pushed to alone.
    private RegistrySource RegistrySourceOf(ImageReference reference, IReadOnlyList<Destination> destinations)
    {
        // The next build writes the same bytes again; a registry is sent them once.
        var keep = destinations.Any(destination => !destination.IsRegistry);
        var keepRead = !destinations.All(IsThere);
        return new RegistrySource(
            _client,
            _pulled,
            reference,
            destinations.Any(IsThere) ? RegistryAccess.PullAndPush : RegistryAccess.Pull,
            layer => _layers.Share(layer, keep, keepRead),
            _notice);

        bool IsThere(Destination destination) => destination.IsRegistry && destination.Target == reference.Registry;
    }
}
