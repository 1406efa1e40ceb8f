using Containerize.Images;

namespace Containerize.Layers.Contents;

/// <summary>A layer of which it comes to be known what is in it while its bytes go where they are needed: so they need not come twice, or lie anywhere.</summary>
/// <remarks>Never in the way of the bytes: where the layer cannot be read or the cache cannot be written, whoever needs to know reads it again, and says so.</remarks>
public sealed class ReadAlongLayer : ILayer
{
    private readonly ILayer _layer;
    private readonly ContentsCache _cache;
    private readonly ContentsBudget _budget;
    private volatile LayerContents? _contents;

    /// <summary>Wraps a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">Where it is kept what is in it, as soon as the bytes have passed.</param>
    public ReadAlongLayer(ILayer layer, ContentsCache cache)
        : this(layer, cache, new ContentsBudget())
    {
    }

    /// <summary>Wraps a layer of an image.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">Where it is kept what is in it.</param>
    /// <param name="budget">What the image may still hold.</param>
    internal ReadAlongLayer(ILayer layer, ContentsCache cache, ContentsBudget budget) => (_layer, _cache, _budget) = (layer, cache, budget);

    /// <inheritdoc/>
    public Descriptor Descriptor => _layer.Descriptor;

    /// <inheritdoc/>
    public Digest DiffId => _layer.DiffId;

    /// <inheritdoc/>
    public BlobSource? Source => _layer.Source;

    /// <summary>What is in it, where the bytes have passed to their end and could be read.</summary>
    public LayerContents? Contents => _contents;

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var stream = await _layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        return _contents is null ? new ForkedStream(stream, ReadAsync) : stream; // It may be sent to a second place, or once more.
    }

    // Ends with the bytes. A stream that verifies itself tells the first reader of damage, and this one that the end has not come.
    private async Task ReadAsync(Stream bytes)
    {
        try
        {
            var contents = await LayerReader.ReadAsync(bytes, _budget, CancellationToken.None).ConfigureAwait(false);
            _contents = contents;
            await _cache.AddAsync(Descriptor.Digest, contents, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
        }
    }
}
