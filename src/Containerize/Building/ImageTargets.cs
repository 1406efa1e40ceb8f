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

/// <summary>Destinations of a plan → targets: the only place that tells their kinds apart.</summary>
/// <param name="client">The connections to registries.</param>
/// <param name="tagged">What tags name now, as far as this build has asked already.</param>
/// <param name="processes">Runs the engines' programs.</param>
/// <param name="notice">Is told what the user should know though all goes well.</param>
internal sealed class ImageTargets(RegistryClient client, TagLookups tagged, IProcessRunner processes, Action<string>? notice)
{
    /// <summary>The target for a destination.</summary>
    public IImageTarget Of(ImagePlan plan, ImageSet images, Destination destination)
    {
        var names = new ImageNames(plan.RepositoryAt(destination), plan.TagsAt(destination));
        return destination.Kind switch
        {
            DestinationKind.Registry => new RegistryTarget(client, tagged, images, destination.Target, names, notice),
            DestinationKind.OciLayout => new LayoutTarget(images, destination.Target, names),
            DestinationKind.Archive => new ArchiveTarget(images, destination.Target, names),
            DestinationKind.Engine => new EngineTarget(
                processes, images, destination.Target, names, destination.Fallback is { } path
                    ? new ArchiveTarget(images, path, names)
                    : null),
            _ => throw new InvalidOperationException($"There is no target for {destination.Kind}."),
        };
    }
}
