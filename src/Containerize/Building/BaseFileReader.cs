using System.Collections.Concurrent;
using Containerize.Caches;
using Containerize.Files;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores.Registry;

namespace Containerize.Building;

/// <summary>What files a base image has: read from its layers once, and from the cache ever after.</summary>
internal sealed class BaseFileReader
{
    // As many downloads at once as pushing has uploads; unpacking takes a processor for each.
    private const int ParallelDownloads = 4;

    private readonly FileListCache _cache;

    /// <summary>Makes a reader.</summary>
    public BaseFileReader(FileListCache cache) => _cache = cache;

    /// <summary>Whether they can be told without reading a layer.</summary>
    public bool AreKnown(Image baseImage) => baseImage.Layers.All(layer => _cache.Has(layer.Descriptor.Digest));

    /// <summary>Reads the files of a base image.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="baseImage">The base.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">
    /// A layer cannot be had, is damaged, or has a type that cannot be read (CTZ2xxx).
    /// </exception>
    public async Task<ImageTree> ReadAsync(ImagePlan plan, Image baseImage, CancellationToken cancellationToken)
    {
        var contents = new ConcurrentDictionary<Digest, FileList>();
        var layers = baseImage.Layers.DistinctBy(layer => layer.Descriptor.Digest).ToList();
        foreach (var layer in layers.Where(layer => !LayerReader.CanRead(layer.Descriptor.MediaType)))
            throw Unreadable(plan, layer, "its type is none that can be read", null);
        var budget = new FileListBudget();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelDownloads, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(
                layers,
                options,
                async (layer, token) => contents[layer.Descriptor.Digest] = Known(_cache.Find(layer.Descriptor.Digest), budget)
                    ?? await ReadLayerAsync(plan, layer, budget, token).ConfigureAwait(false)).ConfigureAwait(false);
            return ImageTree.Of(baseImage.Layers.Select(layer => contents[layer.Descriptor.Digest]));
        }
        catch (InvalidDataException e)
        {
            throw Damaged(plan, e);
        }
    }

    private static FileList? Known(FileList? contents, FileListBudget budget)
    {
        if (contents is not null)
            budget.Take(contents);
        return contents;
    }

    private async Task<FileList> ReadLayerAsync(
        ImagePlan plan, ILayer layer, FileListBudget budget, CancellationToken cancellationToken)
    {
        using var turn = await _cache.EnterAsync(layer.Descriptor.Digest, cancellationToken).ConfigureAwait(false);
        if (Known(_cache.Find(layer.Descriptor.Digest), budget) is { } read)
            return read;
        FileList contents;
        try
        {
            var stream = await SharedLayers.OpenToReadAsync(layer, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
                contents = await LayerReader.ReadAsync(stream, budget, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (layer.Descriptor.IsForeign && e.Failure == RegistryFailure.NotFound)
        {
            throw Unreadable(plan, layer, "it lies outside of the registry", e);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPull(e, plan.BaseImage.Reference!);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(plan, e);
        }

        await _cache.AddAsync(layer.Descriptor.Digest, contents, cancellationToken).ConfigureAwait(false);
        return contents;
    }

    private static ContainerizeException Damaged(ImagePlan plan, InvalidDataException cause) => new(
        ErrorCodes.BaseContentInvalid,
        $"The files of the base image '{plan.BaseImage}' could not be read: {cause.Message.TrimEnd('.')}. Try again. "
            + "If the problem persists, choose another ContainerBaseImage, or contact the registry's administrator.",
        cause);

    private static ContainerizeException Unreadable(ImagePlan plan, ILayer layer, string why, Exception? cause) => new(
        ErrorCodes.BaseLayerUnreadable,
        $"The image depends on the files of the base image '{plan.BaseImage}', whose layer {layer.Descriptor.Digest} of the type "
            + $"'{layer.Descriptor.MediaType}' cannot be read: {why}. Choose another base, or set ContainerWorkingDirectory to a directory "
            + "of its own, such as /app.",
        cause);
}
