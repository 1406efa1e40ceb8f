using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores.Registry;

namespace Containerize.Building;

/// <summary>What is at a plan's destination before it is published: the image that one of its tags names there.</summary>
internal sealed class PreviousImages
{
    // Each that is not there costs a request. Behind a version's own tag come those that move with every version.
    private const int MaxTagsProbed = 3;

    private readonly RegistryClient _client;
    private readonly TagLookups _tagged;

    /// <summary>Makes it.</summary>
    public PreviousImages(RegistryClient client, TagLookups tagged)
    {
        _client = client;
        _tagged = tagged;
    }

    /// <summary>Asks what the first tag names, before it is needed.</summary>
    public Task PrefetchAsync(
        IReadOnlyList<Destination> destinations, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        destinations.FirstOrDefault(destination => destination.IsRegistry) is { } registry && (registry.Tags ?? tags) is [var tag, ..]
            ? _tagged.PrefetchAsync(registry.Target, registry.Repository ?? repository, tag, cancellationToken)
            : Task.CompletedTask;

    /// <summary>The image for the plan's platform; null where nothing is known of one.</summary>
    /// <exception cref="ContainerizeException">The registry does not answer (CTZ4xxx).</exception>
    public async Task<PreviousImage?> FindAsync(ImagePlan plan, CancellationToken cancellationToken)
    {
        foreach (var name in NamesOf(plan))
        {
            try
            {
                var image = await PreviousImage.FindAsync(_client, _tagged, name, plan.Platform, cancellationToken).ConfigureAwait(false);
                if (image is not null)
                    return image;
            }
            catch (RegistryException e)
            {
                throw RegistryErrors.OnPush(e, name.ToString());
            }
        }

        return null;
    }

    /// <summary>A layer that was taken over from it.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public ILayer LayerOf(ImagePlan plan, Descriptor descriptor, Digest diffId) => NamesOf(plan).FirstOrDefault() is { } name
        ? PreviousImage.LayerOf(_client, name, descriptor, diffId)
        : throw new IOException($"The layer {descriptor.Digest} is not there any more");

    // Other destinations are given what this one has.
    private static IEnumerable<ImageReference> NamesOf(ImagePlan plan) =>
        plan.Destinations.FirstOrDefault(destination => destination.IsRegistry) is { } registry
            ? plan.TagsAt(registry).Take(MaxTagsProbed).Select(tag => new ImageReference(registry.Target, plan.RepositoryAt(registry), tag))
            : [];
}
