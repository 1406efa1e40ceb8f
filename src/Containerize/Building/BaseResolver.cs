using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>Finds a plan's base image: its manifest and config are read, its layers stay where they are.</summary>
public sealed class BaseResolver
{
    private readonly RegistryClient _client;

    /// <summary>Makes a resolver.</summary>
    public BaseResolver(RegistryClient client) => _client = client;

    /// <summary>Resolves the base.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    public async Task<IImage> ResolveAsync(ImagePlan plan, CancellationToken cancellationToken)
    {
        if (plan.BaseImage == ImagePlan.Scratch)
            return Scratch(plan);
        var reference = BaseImageInference.Parse(plan.BaseImage, out _);
        try
        {
            return await RegistryStore.PullAsync(_client, reference, plan.Platform, AccessTo(plan, reference), cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPull(e, reference);
        }
    }

    /// <summary>A layer of the base, whose descriptor is known already.</summary>
    public ILayer LayerOf(ImagePlan plan, Descriptor descriptor, Digest diffId)
    {
        var reference = BaseImageInference.Parse(plan.BaseImage, out _);
        return RegistryStore.LayerOf(_client, reference, AccessTo(plan, reference), descriptor, diffId);
    }

    // Credentials from the environment name no registry; those for pushing are tried on the registry that is pushed to alone.
    private static RegistryAccess AccessTo(ImagePlan plan, ImageReference reference) =>
        plan.Destinations.Any(destination => destination.Kind == DestinationKind.Registry && destination.Target == reference.Registry)
            ? RegistryAccess.PullAndPush
            : RegistryAccess.Pull;

    /// <summary>The base that holds nothing.</summary>
    public static IImage Scratch(ImagePlan plan)
    {
        var config = ImageConfig.Empty(plan.Platform);
        return new Image(ImageManifest.Create(ImageFormat.Oci, config.Document.Descriptor, []), config, []);
    }
}
