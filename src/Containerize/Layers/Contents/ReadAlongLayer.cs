using Containerize.Images;

namespace Containerize.Layers.Contents;

/// <summary>
/// A layer of which it comes to be known what is in it while its bytes go where they are needed: so it is fetched once, and lies nowhere.
/// </summary>
/// <remarks>Never in the way of the bytes: where the layer cannot be read or the cache cannot be written, whoever needs to know reads it again, and says so.</remarks>
public sealed class ReadAlongLayer : ILayer
{
    private readonly ILayer _layer;
    private readonly ContentsCache _cache;

    /// <summary>Wraps a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="cache">Where it is kept what is in it.</param>
    public ReadAlongLayer(ILayer layer, ContentsCache cache) => (_layer, _cache) = (layer, cache);

    /// <inheritdoc/>
    public Descriptor Descriptor => _layer.Descriptor;

    /// <inheritdoc/>
    public Digest DiffId => _layer.DiffId;

    /// <inheritdoc/>
    public BlobSource? Source => _layer.Source;

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var stream = await _layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        return _cache.Has(Descriptor.Digest) ? stream : new ForkedStream(stream, ListAsync);
    }

    // Ends with the bytes; a layer that does not come to its end is damaged here.
    private async Task ListAsync(Stream bytes)
    {
        try
        {
            var contents = await LayerReader.ReadAsync(bytes, CancellationToken.None).ConfigureAwait(false);
            await _cache.AddAsync(Descriptor.Digest, contents, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
        }
    }
}
