using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>
/// Finds a plan's base image, wherever it is: its manifest and config are read. Its layers stay where they are if they can be had
/// from there as they are to be sent; those of Docker's archives and of engines are taken in.
/// </summary>
public sealed class BaseResolver
{
    private readonly RegistryClient _client;
    private readonly BaseImports? _imports;
    private readonly SharedLayers _layers;
    private readonly ResolvedBases _bases;
    private readonly Action<string>? _notice;
    private (string Path, Func<Descriptor, Digest, ILayer> LayerOf)? _archive;

    /// <summary>Makes a resolver.</summary>
    /// <param name="client">Asks registries.</param>
    /// <param name="imports">Reads archives and asks engines; null where no base comes from there.</param>
    /// <param name="layers">Layers of bases that are kept; null for none.</param>
    /// <param name="bases">What the build has pulled already; null for nothing.</param>
    /// <param name="notice">Is told what the user should know though all goes well: a mirror that failed.</param>
    public BaseResolver(RegistryClient client, BaseImports? imports = null, SharedLayers? layers = null, ResolvedBases? bases = null, Action<string>? notice = null)
    {
        _client = client;
        _imports = imports;
        _layers = layers ?? new SharedLayers(null, TimeProvider.System);
        _bases = bases ?? new ResolvedBases();
        _notice = notice;
    }

    private BaseImports Imports => _imports ?? throw new InvalidOperationException("There is no place for the layers of archives and engines.");

    /// <summary>Resolves the base.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    public async Task<IImage> ResolveAsync(ImagePlan plan, CancellationToken cancellationToken)
    {
        var location = BaseImageInference.ParseLocation(plan.BaseImage);
        return location.Kind switch
        {
            LocationKind.Scratch => Scratch(plan),
            LocationKind.OciLayout => await new OciLayout(location.Place).ReadAsync(plan.BaseImage, location.Name, plan.Platform, cancellationToken).ConfigureAwait(false),
            LocationKind.OciArchive or LocationKind.DockerArchive => await Imports.ReadArchiveAsync(plan, location, cancellationToken).ConfigureAwait(false),
            LocationKind.Engine => await Imports.ReadEngineAsync(plan, location, cancellationToken).ConfigureAwait(false),
            _ => await PullAsync(plan, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Asks a registry for what <see cref="ResolveAsync"/> needs, before it does.</summary>
    public Task PrefetchAsync(string baseImage, Platform platform, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken)
    {
        if (BaseImageInference.ParseLocation(baseImage).Kind != LocationKind.Registry)
            return Task.CompletedTask;
        var reference = BaseImageInference.Parse(baseImage, out _);
        var access = AccessTo(destinations, reference);
        return _bases.PrefetchAsync(reference, platform, access, token => RegistryStore.PullAsync(_client, reference, platform, access, _notice, token), cancellationToken);
    }

    /// <summary>A layer of the base, whose descriptor is known already and whose bytes are not in the cache.</summary>
    /// <exception cref="IOException">It ought to be in the cache.</exception>
    public ILayer LayerOf(ImagePlan plan, Descriptor descriptor, Digest diffId)
    {
        var location = BaseImageInference.ParseLocation(plan.BaseImage);
        switch (location.Kind)
        {
            case LocationKind.Registry:
                var reference = BaseImageInference.Parse(plan.BaseImage, out _);
                return _layers.Share(
                    RegistryStore.LayerOf(_client, reference, AccessTo(plan.Destinations, reference), descriptor, diffId),
                    IsKept(plan));
            case LocationKind.OciLayout:
                return new OciLayout(location.Place).LayerOf(descriptor, diffId);
            case LocationKind.OciArchive when !ImageArchive.IsGzip(plan.BaseImage, location.Place):
                if (_archive?.Path != location.Place)
                    _archive = (location.Place, ImageArchive.LayersOf(location.Place));
                return _archive.Value.LayerOf(descriptor, diffId);
            default:
                throw new IOException($"The layer {descriptor.Digest} of the base image is not there any more");
        }
    }

    private async Task<IImage> PullAsync(ImagePlan plan, CancellationToken cancellationToken)
    {
        var reference = BaseImageInference.Parse(plan.BaseImage, out _);
        try
        {
            var access = AccessTo(plan.Destinations, reference);
            var image = await _bases.GetAsync(
                reference, plan.Platform, access, token => RegistryStore.PullAsync(_client, reference, plan.Platform, access, _notice, token), cancellationToken).ConfigureAwait(false);
            var (keep, keepRead) = (IsKept(plan), Elsewhere(plan, reference).Any());
            return new Image(image.Manifest, image.Config, [.. image.Layers.Select(layer => _layers.Share(layer, keep, keepRead))]);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPull(e, reference);
        }
    }

    // Credentials from the environment name no registry; those for pushing are tried on the registry that is pushed to alone.
    private static RegistryAccess AccessTo(IReadOnlyList<Destination> destinations, ImageReference reference) =>
        destinations.Any(destination => IsIn(destination, reference)) ? RegistryAccess.PullAndPush : RegistryAccess.Pull;

    // The next build writes the same bytes again; a registry is sent them once.
    private static bool IsKept(ImagePlan plan) => plan.Destinations.Any(destination => destination.Kind != DestinationKind.Registry);

    private static IEnumerable<Destination> Elsewhere(ImagePlan plan, ImageReference reference) => plan.Destinations.Where(destination => !IsIn(destination, reference));

    private static bool IsIn(Destination destination, ImageReference reference) =>
        destination.Kind == DestinationKind.Registry && destination.Target == reference.Registry;

    /// <summary>The base that holds nothing.</summary>
    public static IImage Scratch(ImagePlan plan)
    {
        var config = ImageConfig.Empty(plan.Platform);
        return new Image(ImageManifest.Create(ImageFormat.Oci, config.Document.Descriptor, []), config, []);
    }
}
