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
public sealed record Arrival(DestinationKind Kind, string Target, IReadOnlyList<string> Names, string? Note = null);

/// <summary>Brings an image to a plan's destinations.</summary>
public sealed class ImagePublisher
{
    private readonly RegistryClient _client;
    private readonly IProcessRunner _processes;
    private readonly TagGuard _tags;

    /// <summary>Makes a publisher.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="processes">Runs engines.</param>
    /// <param name="notice">Is told of each tag that stays where it is.</param>
    public ImagePublisher(RegistryClient client, IProcessRunner processes, Action<string>? notice = null)
    {
        _client = client;
        _processes = processes;
        _tags = new TagGuard(client, notice);
    }

    /// <summary>Makes sure that the image's tags may be put at all destinations, before anything is uploaded to one.</summary>
    /// <exception cref="ContainerizeException">CTZ4xxx.</exception>
    public Task CheckAsync(ImagePlan plan, ImageSet images, CancellationToken cancellationToken) =>
        _tags.CheckAsync(plan, images.Root.Descriptor.Digest, plan.Destinations, cancellationToken);

    /// <summary>Brings the image to one destination.</summary>
    /// <exception cref="ContainerizeException">CTZ4xxx and CTZ5xxx; CTZ2xxx where the base's bytes are needed and cannot be had.</exception>
    public async Task<Arrival> PublishAsync(ImagePlan plan, ImageSet images, Destination destination, CancellationToken cancellationToken)
    {
        var names = new ImageNames(plan.RepositoryAt(destination), plan.TagsAt(destination));
        try
        {
            return destination.Kind switch
            {
                DestinationKind.Registry => await PushAsync(plan, images, names, destination, cancellationToken).ConfigureAwait(false),
                DestinationKind.OciLayout => await WriteLayoutAsync(images, names with { Tags = await _tags.TagsForAsync(plan, destination, cancellationToken).ConfigureAwait(false) }, destination.Target, cancellationToken).ConfigureAwait(false),
                DestinationKind.Archive => await WriteArchiveAsync(images, names, destination.Target, cancellationToken).ConfigureAwait(false),
                _ => await LoadAsync(images, names, destination, cancellationToken).ConfigureAwait(false),
            };
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
                $"The image could not be brought to '{destination.Target}': {e.Message} Nothing was published there. Try again; if it stays, the base image's registry or the disk is damaged.",
                e);
        }
    }

    private async Task<Arrival> PushAsync(ImagePlan plan, ImageSet images, ImageNames names, Destination destination, CancellationToken cancellationToken)
    {
        var registry = destination.Target;
        var repository = $"{registry}/{names.Repository}";
        var target = _client.Repository(registry, names.Repository);
        try
        {
            await RegistryStore.UploadAsync(_client, images, registry, names.Repository, cancellationToken).ConfigureAwait(false);
            var tags = await _tags.TagsForAsync(plan, destination, cancellationToken).ConfigureAwait(false);
            await RegistryStore.TagAsync(_client, images, registry, names.Repository, tags, cancellationToken).ConfigureAwait(false);
            return new Arrival(DestinationKind.Registry, registry, [.. tags.Select(tag => $"{repository}:{tag}")]);
        }
        catch (RegistryException e) when (e.Registry == target.Registry && (e.Repository is null || e.Repository == target.Name))
        {
            throw RegistryErrors.OnPush(e, $"{repository}:{names.Tags[0]}");
        }
    }

    private static async Task<Arrival> WriteLayoutAsync(ImageSet images, ImageNames names, string folder, CancellationToken cancellationToken)
    {
        await new OciLayout(folder).WriteAsync(images, names, withLayers: true, cancellationToken).ConfigureAwait(false);
        return new Arrival(DestinationKind.OciLayout, folder, [.. names.WithTags]);
    }

    private static async Task<Arrival> WriteArchiveAsync(ImageSet images, ImageNames names, string path, CancellationToken cancellationToken)
    {
        await ImageArchive.WriteFileAsync(images, names, path, cancellationToken).ConfigureAwait(false);
        return new Arrival(DestinationKind.Archive, path, [.. names.WithTags], $"load it with: docker load --input \"{path}\"");
    }

    private async Task<Arrival> LoadAsync(ImageSet images, ImageNames names, Destination destination, CancellationToken cancellationToken)
    {
        var asked = destination.Target.Length > 0;
        var engine = await ContainerEngine.FindAsync(_processes, asked ? [destination.Target] : ContainerEngine.Names, cancellationToken).ConfigureAwait(false);
        if (engine is not null)
        {
            await engine.LoadAsync(images, names, cancellationToken).ConfigureAwait(false);
            return new Arrival(DestinationKind.Engine, engine.Name, [.. names.WithTags]);
        }

        if (asked || destination.Fallback is null)
        {
            throw new ContainerizeException(
                ErrorCodes.EngineMissing,
                $"LocalRegistry is '{destination.Target}', but '{destination.Target.ToLowerInvariant()} version' does not answer on this machine. Start it, choose another LocalRegistry ({string.Join(", ", ContainerEngine.Names)}), or set ContainerRegistry or ContainerArchiveOutputPath.");
        }

        return await WriteArchiveAsync(images, names, destination.Fallback, cancellationToken).ConfigureAwait(false);
    }
}
