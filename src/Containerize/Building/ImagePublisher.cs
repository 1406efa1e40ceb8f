using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores;
using Containerize.Stores.Registry;

namespace Containerize.Building;

/// <summary>Where an image has arrived.</summary>
/// <param name="Destination">
/// The destination that says just that: the place that the image really went to, its repository there, the tags that were put.
/// </param>
/// <param name="Names">The image's names there, each with its tag.</param>
/// <param name="Line">The same for the user to read, with the digest.</param>
internal sealed record PublishedTo(Destination Destination, IReadOnlyList<string> Names, string Line);

/// <summary>
/// The recipe of a publish: prepare all targets, ask about tags, upload everywhere, put the tags. Every image that leaves this machine goes
/// through it: the application's, that of its symbols.
/// </summary>
/// <param name="targets">Makes targets of destinations.</param>
/// <param name="notice">Is told what the user should know though all goes well: a tag that stays where it is.</param>
internal sealed class ImagePublisher(ImageTargets targets, Action<string>? notice)
{
    private readonly TagGuard _tags = new(notice);

    /// <summary>Makes a publisher.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="tagged">What tags name now, as far as this build has asked already.</param>
    /// <param name="processes">Runs the engines' programs.</param>
    /// <param name="notice">
    /// Is told what the user should know though all goes well: a tag that stays where it is, a registry that is sent everything once more.
    /// </param>
    public ImagePublisher(RegistryClient client, TagLookups tagged, IProcessRunner processes, Action<string>? notice = null)
        : this(new ImageTargets(client, tagged, processes, notice), notice)
    {
    }

    /// <summary>
    /// Brings the image to all destinations. Nothing is sent before each of them has been looked at, and no registry gets a tag before
    /// all registries have the blobs: so a failure that can be foreseen, or happens while much is sent, leaves no trace that a user sees.
    /// </summary>
    /// <returns>Where it has arrived, in the order of the destinations.</returns>
    /// <exception cref="ContainerizeException">
    /// CTZ4xxx and CTZ5xxx; CTZ2xxx where the base's bytes are needed and cannot be had. It says where the image has arrived already.
    /// </exception>
    public async Task<IReadOnlyList<PublishedTo>> PublishAsync(
        ImagePlan plan, ImageSet images, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken)
    {
        var deliveries = new List<Delivery>();
        foreach (var destination in destinations)
            deliveries.Add(await PrepareAsync(plan, images, destination, cancellationToken).ConfigureAwait(false));
        foreach (var delivery in deliveries)
            await CheckTagsAsync(plan, images, delivery, cancellationToken).ConfigureAwait(false);

        var arrived = new List<string>();
        foreach (var delivery in deliveries)
            await WithErrorCodesAsync(plan, delivery, arrived, () => delivery.Target.UploadAsync(cancellationToken)).ConfigureAwait(false);
        var published = new Dictionary<Delivery, PublishedTo>();
        foreach (var delivery in deliveries.OrderBy(delivery => delivery.Target.IsShared))
        {
            await WithErrorCodesAsync(plan, delivery, arrived, CommitAsync).ConfigureAwait(false);

            async Task CommitAsync() =>
                published[delivery] = await this.CommitAsync(plan, delivery, arrived, cancellationToken).ConfigureAwait(false);
        }

        return [.. deliveries.Select(delivery => published[delivery])];
    }

    /// <summary>Makes sure that tags which must not move would not, at any of the destinations.</summary>
    /// <exception cref="ContainerizeException">CTZ4xxx.</exception>
    public async Task CheckTagsAsync(
        ImagePlan plan, ImageSet images, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken)
    {
        foreach (var destination in destinations)
            await CheckTagsAsync(
                plan, images, new Delivery(destination, targets.Of(plan, images, destination)), cancellationToken).ConfigureAwait(false);
    }

    private static Task CheckTagsAsync(ImagePlan plan, ImageSet images, Delivery delivery, CancellationToken cancellationToken) =>
        TagGuard.CheckAsync(plan.TagRules, images.Root.Descriptor.Digest, delivery.Target, delivery.HasOwnTags, cancellationToken);

    // What can be known before anything is sent.
    private async Task<Delivery> PrepareAsync(ImagePlan plan, ImageSet images, Destination destination, CancellationToken cancellationToken)
    {
        var target = targets.Of(plan, images, destination);
        var prepared = await target.PrepareAsync(cancellationToken).ConfigureAwait(false);
        return new Delivery(
            prepared == target ? destination with { Target = target.Place } : new Destination(DestinationKind.Archive, prepared.Place),
            prepared);
    }

    private async Task<PublishedTo> CommitAsync(
        ImagePlan plan, Delivery delivery, List<string> arrived, CancellationToken cancellationToken)
    {
        var target = delivery.Target;
        var names = new List<string>();
        var tags = await _tags.TagsForAsync(plan.TagRules, target, delivery.HasOwnTags, cancellationToken).ConfigureAwait(false);
        var line = await target.CommitAsync(
            tags,
            name =>
            {
                names.Add(name);
                // Where the tags appear one by one, a failure may leave some of them.
                if (target.IsShared)
                    arrived.Add(name);
            },
            cancellationToken).ConfigureAwait(false);
        if (!target.IsShared)
            arrived.Add(target.NameOf(tags[0]));
        return new PublishedTo(delivery.Destination with { Repository = target.Names.Repository, Tags = tags }, names, line);
    }

    private static async Task WithErrorCodesAsync(ImagePlan plan, Delivery delivery, List<string> arrived, Func<Task> bring)
    {
        try
        {
            await WithErrorCodesAsync(plan, delivery, bring).ConfigureAwait(false);
        }
        catch (ContainerizeException e) when (arrived.Count > 0)
        {
            throw new ContainerizeException(
                e.Code, $"{e.Message} The image has arrived already as {string.Join(", ", arrived)}.", e.InnerException);
        }
    }

    private static async Task WithErrorCodesAsync(ImagePlan plan, Delivery delivery, Func<Task> bring)
    {
        try
        {
            await bring().ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            // The targets give their own registries' failures a code. What is left are layers that are read: the base's, if a registry has
            // it.
            throw plan.BaseImage.Reference is { } reference
                ? RegistryErrors.OnPull(e, reference)
                : RegistryErrors.OnPush(e, delivery.Target.NameOf(delivery.Target.Names.Tags[0]));
        }
        catch (InvalidDataException e)
        {
            throw new ContainerizeException(
                ErrorCodes.BaseContentInvalid,
                $"The image could not be brought to '{delivery.Target.Place}': {e.Message} Nothing was published there. Try again. "
                    + "If the problem "
                    + "persists, the place that the base image comes from holds other bytes than it says, or the disk is damaged.",
                e);
        }
    }

    /// <summary>One destination with its target.</summary>
    private sealed record Delivery(Destination Destination, IImageTarget Target)
    {
        /// <summary>Whether the destination names tags itself: those are put as they are, whatever is there.</summary>
        public bool HasOwnTags => Destination.Tags is not null;
    }
}
