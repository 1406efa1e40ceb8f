using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>Where an image has arrived.</summary>
/// <param name="Kind">The kind of place that it really went to.</param>
/// <param name="Target">The registry's host, the file, the folder, or the engine's name.</param>
/// <param name="Names">The image's names there, each with its tag.</param>
/// <param name="Note">What the user should know besides: how to load an archive, for example.</param>
public sealed record Arrival(DestinationKind Kind, string Target, IReadOnlyList<string> Names, string? Note = null)
{
    /// <summary>The destination that says just that: its tags are those that were put.</summary>
    public Destination Destination => new(Kind, Target)
    {
        Repository = RepositoryOf(Names[0]),
        Tags = Tags,
    };

    /// <summary>The tags of those names, in their order.</summary>
    public IReadOnlyList<string> Tags => [.. Names.Select(name => name[(name.LastIndexOf(':') + 1)..])];

    private string RepositoryOf(string name) =>
        name[(Kind == DestinationKind.Registry ? Target.Length + 1 : 0)..name.LastIndexOf(':')];
}

/// <summary>Brings an image to a plan's destinations.</summary>
public sealed class ImagePublisher
{
    private readonly RegistryClient _client;
    private readonly TaggedManifests _tagged;
    private readonly IProcessRunner _processes;
    private readonly TagGuard _tags;
    private readonly Action<string>? _notice;

    /// <summary>Makes a publisher.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="tagged">What tags name now, as far as this build has asked already.</param>
    /// <param name="processes">Runs the engines' programs.</param>
    /// <param name="notice">Is told what the user should know though all goes well: a tag that stays where it is, a registry that is sent everything once more.</param>
    public ImagePublisher(RegistryClient client, TaggedManifests tagged, IProcessRunner processes, Action<string>? notice = null)
    {
        _client = client;
        _notice = notice;
        _tagged = tagged;
        _processes = processes;
        _tags = new TagGuard(client, notice);
    }

    /// <summary>
    /// Brings the image to all destinations. Nothing is sent before each of them has been looked at, and no registry gets a tag before
    /// all registries have the blobs: so a failure that can be foreseen, or happens while much is sent, leaves no trace that anybody sees.
    /// </summary>
    /// <returns>Where it has arrived, in the order of the destinations.</returns>
    /// <exception cref="ContainerizeException">
    /// CTZ4xxx and CTZ5xxx; CTZ2xxx where the base's bytes are needed and cannot be had. It says where the image is already.
    /// </exception>
    public async Task<IReadOnlyList<Arrival>> PublishAsync(ImagePlan plan, ImageSet images, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken)
    {
        var deliveries = new List<Delivery>();
        foreach (var destination in destinations)
            deliveries.Add(await PrepareAsync(plan, destination, cancellationToken).ConfigureAwait(false));
        await CheckTagsAsync(plan, images, destinations, cancellationToken).ConfigureAwait(false);

        var registries = deliveries.Where(delivery => delivery.Destination.Kind == DestinationKind.Registry)
            .Select(delivery => (Delivery: delivery, Push: new RegistryPush(_client, _tagged, images, delivery.Destination.Target, delivery.Names.Repository, _notice))).ToList();
        var arrivals = new Dictionary<Delivery, Arrival>();
        var there = new List<string>();
        foreach (var (delivery, push) in registries)
            await AtAsync(delivery, () => push.UploadAsync(delivery.Names.Tags[0], cancellationToken)).ConfigureAwait(false);
        foreach (var delivery in deliveries.Except(registries.Select(registry => registry.Delivery)))
            await AtAsync(delivery, async () => arrivals[delivery] = await WriteAsync(plan, images, delivery, there, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var (delivery, push) in registries)
            await AtAsync(delivery, async () => arrivals[delivery] = await TagAsync(plan, push, delivery, there, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return [.. deliveries.Select(delivery => arrivals[delivery])];

        async Task AtAsync(Delivery delivery, Func<Task> bring)
        {
            try
            {
                await ToldAsync(plan, delivery, bring).ConfigureAwait(false);
            }
            catch (ContainerizeException e) when (there.Count > 0)
            {
                throw new ContainerizeException(e.Code, $"{e.Message} The image has arrived already as {string.Join(", ", there)}.", e.InnerException);
            }
        }
    }

    /// <summary>Makes sure that tags which must not move would not, at any of the destinations.</summary>
    /// <exception cref="ContainerizeException">CTZ4xxx.</exception>
    public Task CheckTagsAsync(ImagePlan plan, ImageSet images, IReadOnlyList<Destination> destinations, CancellationToken cancellationToken) =>
        _tags.CheckAsync(plan, images.Root.Descriptor.Digest, destinations, cancellationToken);

    // What can be known before anything is sent.
    private async Task<Delivery> PrepareAsync(ImagePlan plan, Destination destination, CancellationToken cancellationToken)
    {
        var names = new ImageNames(plan.RepositoryAt(destination), plan.TagsAt(destination));
        ContainerEngine? engine = null;
        if (destination.Kind == DestinationKind.Engine)
        {
            var asked = destination.Target.Length > 0;
            engine = await ContainerEngine.FindAsync(_processes, asked ? [destination.Target] : ContainerEngine.Names, names, cancellationToken).ConfigureAwait(false);
            if (engine is null && (asked || destination.Fallback is null))
            {
                throw new ContainerizeException(
                    ErrorCodes.EngineMissing,
                    $"The image shall go to '{destination.Target}' (LocalRegistry or ContainerDestination), but '{destination.Target.ToLowerInvariant()} version' does not answer on this machine. Start it, choose another engine ({string.Join(", ", ContainerEngine.Names)}), or set ContainerRegistry or ContainerArchiveOutputPath.");
            }

            if (engine is null)
                destination = new Destination(DestinationKind.Archive, destination.Fallback!);
        }

        if (destination.Kind == DestinationKind.OciLayout)
            new OciLayout(destination.Target).EnsureFree();
        else if (destination.Kind == DestinationKind.Archive)
            ImageArchive.EnsureFree(destination.Target);
        return new Delivery(destination, names, engine);
    }

    private async Task<Arrival> WriteAsync(ImagePlan plan, ImageSet images, Delivery delivery, List<string> there, CancellationToken cancellationToken)
    {
        var (kind, target, names) = (delivery.Destination.Kind, delivery.Destination.Target, delivery.Names);
        switch (kind)
        {
            case DestinationKind.OciLayout:
                names = names with { Tags = await _tags.TagsForAsync(plan, delivery.Destination, cancellationToken).ConfigureAwait(false) };
                await new OciLayout(target).WriteAsync(images, names, withLayers: true, cancellationToken).ConfigureAwait(false);
                there.Add(target);
                return new Arrival(kind, target, [.. names.WithTags]);
            case DestinationKind.Archive:
                await ImageArchive.WriteFileAsync(images, names, target, cancellationToken).ConfigureAwait(false);
                there.Add(target);
                return new Arrival(kind, target, [.. names.WithTags], $"load it with: docker load --input \"{target}\"");
            default:
                await delivery.Engine!.LoadAsync(images, names, cancellationToken).ConfigureAwait(false);
                there.Add($"{names.WithTags.First()} in {delivery.Engine.Name}");
                return new Arrival(kind, delivery.Engine.Name, [.. names.WithTags]);
        }
    }

    private async Task<Arrival> TagAsync(ImagePlan plan, RegistryPush push, Delivery delivery, List<string> there, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var tags = await _tags.TagsForAsync(plan, delivery.Destination, cancellationToken).ConfigureAwait(false);
        await push.TagAsync(
            tags,
            tag =>
            {
                names.Add($"{delivery.Destination.Target}/{delivery.Names.Repository}:{tag}");
                there.Add(names[^1]);
            },
            cancellationToken).ConfigureAwait(false);
        return new Arrival(DestinationKind.Registry, delivery.Destination.Target, names);
    }

    // Gives failures their codes.
    private async Task ToldAsync(ImagePlan plan, Delivery delivery, Func<Task> bring)
    {
        try
        {
            await bring().ConfigureAwait(false);
        }
        catch (RegistryException e) when (IsDestinations(e, delivery) || BaseImageInference.ParseLocation(plan.BaseImage).Kind != LocationKind.Registry)
        {
            throw RegistryErrors.OnPush(e, $"{delivery.Destination.Target}/{delivery.Names.WithTags.First()}");
        }
        catch (RegistryException e)
        {
            // Only the base's layers are read here, wherever the image goes.
            throw RegistryErrors.OnPull(e, BaseImageInference.Parse(plan.BaseImage, out _));
        }
        catch (InvalidDataException e)
        {
            throw new ContainerizeException(
                ErrorCodes.BaseContentInvalid,
                $"The image could not be brought to '{delivery.Destination.Target}': {e.Message} Nothing was published there. Try again; if it stays, what the base image comes from holds other bytes than it says, or the disk is damaged.",
                e);
        }
    }

    private bool IsDestinations(RegistryException e, Delivery delivery)
    {
        if (delivery.Destination.Kind != DestinationKind.Registry)
            return false;
        var target = _client.Repository(delivery.Destination.Target, delivery.Names.Repository);
        return e.Registry == target.Registry && (e.Repository is null || e.Repository == target.Name);
    }

    /// <summary>What one destination gets, under which names.</summary>
    /// <param name="Destination">The destination; the archive that is written in place of an engine that does not answer.</param>
    /// <param name="Names">The image's names there.</param>
    /// <param name="Engine">The engine that it goes to, if it does.</param>
    private sealed record Delivery(Destination Destination, ImageNames Names, ContainerEngine? Engine);
}
