using Containerize.Testing.Validation.Documents;

namespace Containerize.Testing.Validation.Layers;

/// <summary>The layers of an image, lowest first: each by itself, and what each does to the ones below.</summary>
internal static class LayerRules
{
    /// <param name="judgement">The image and what to go by.</param>
    /// <param name="layers">The manifest's layers.</param>
    /// <param name="diffIds">The config's diff_ids; a missing one was told already.</param>
    /// <param name="problems">Where to tell.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task CheckAsync(
        Judgement judgement,
        List<DescriptorDocument> layers,
        IReadOnlyList<string> diffIds,
        ProblemList problems,
        CancellationToken cancellationToken)
    {
        var firstOwn = layers.Count - (judgement.Options.OwnLayers ?? layers.Count);
        var below = new LayerUnion();
        for (var i = 0; i < layers.Count; i++)
        {
            var place = problems.At($"layer {i}");
            var entries = await ReadAsync(judgement, layers[i], diffIds.ElementAtOrDefault(i), i >= firstOwn, place, cancellationToken);
            EntryRules.Check(entries, place);
            if (i >= firstOwn)
            {
                OwnEntryRules.Check(entries, below, judgement.Options.AllowedDirectory, place);
                HidingRules.Check(entries, below, judgement.Options.AllowedDirectory, place);
            }
            below.Apply(entries);
        }
    }

    private static async Task<IReadOnlyList<LayerEntry>> ReadAsync(
        Judgement judgement,
        DescriptorDocument layer,
        string? diffId,
        bool isOwn,
        ProblemList problems,
        CancellationToken cancellationToken)
    {
        await using var blob = await FetchAsync(judgement, layer, problems, cancellationToken);
        if (blob is null)
            return [];
        layer.Check(blob.Length, blob.Digest, problems);
        await using var tar = await UnpackAsync(judgement, layer, blob, isOwn, problems, cancellationToken);
        if (tar is null)
            return [];
        if (diffId is not null && tar.Digest != diffId)
            problems.Add($"its tar has digest {tar.Digest} where the config's diff_id is {diffId}.");
        if (isOwn)
            TarBlocks.Check(tar.Open(), problems);
        return await LayerEntry.ReadAllAsync(tar.Open(), problems, cancellationToken);
    }

    private static async Task<SpooledFile?> FetchAsync(
        Judgement judgement, DescriptorDocument layer, ProblemList problems, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = judgement.Image.OpenBlob(layer.Digest);
            return await SpooledFile.CopyAsync(stream, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or KeyNotFoundException)
        {
            // A layer of a Windows base lies at an address of its own and need not be here.
            if (!MediaTypes.IsForeignLayer(layer.MediaType) || layer.Element.Field("urls") is null)
                problems.Add($"cannot be read: {exception.Message}");
            return null;
        }
    }

    private static async Task<SpooledFile?> UnpackAsync(
        Judgement judgement,
        DescriptorDocument layer,
        SpooledFile blob,
        bool isOwn,
        ProblemList problems,
        CancellationToken cancellationToken)
    {
        switch (MediaTypes.CompressionOf(layer.MediaType))
        {
            case LayerCompression.None:
                return await SpooledFile.CopyAsync(blob.Open(), cancellationToken);
            case LayerCompression.Gzip:
                return await GzipRules.UnpackAsync(blob, isOwn, problems, cancellationToken);
            case LayerCompression.Zstd when judgement.Options.ZstdDecoder is { } decoder:
                await using (var decoded = decoder(blob.Open()))
                    return await SpooledFile.CopyAsync(decoded, cancellationToken);
            default:
                return null;
        }
    }
}
