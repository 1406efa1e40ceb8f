using Containerize.Images;

namespace Containerize.Layers.Contents;

/// <summary>A layer of which it comes to be known what is in it while its bytes go where they are needed: so they need not come twice, or lie anywhere.</summary>
/// <remarks>Never in the way of the bytes: where the layer cannot be read, nothing is known of it.</remarks>
public sealed class ReadAlongLayer : ILayer
{
    private readonly ILayer _layer;
    private Task<LayerContents?>? _contents;

    /// <summary>Wraps a layer.</summary>
    public ReadAlongLayer(ILayer layer) => _layer = layer;

    /// <inheritdoc/>
    public Descriptor Descriptor => _layer.Descriptor;

    /// <inheritdoc/>
    public Digest DiffId => _layer.DiffId;

    /// <inheritdoc/>
    public BlobSource? Source => _layer.Source;

    /// <summary>What is in it, once the bytes have passed; null where they have not, or not to their end, or cannot be read.</summary>
    public Task<LayerContents?> ContentsAsync() => _contents ?? Task.FromResult<LayerContents?>(null);

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var stream = await _layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (_contents is { IsCompletedSuccessfully: true, Result: not null })
            return stream; // Sent to a second place, or once more.
        var forked = new ForkedStream(stream);
        _contents = Task.Run(() => ReadAsync(forked.Branch), CancellationToken.None);
        return forked;
    }

    // Ends with the bytes.
    private static async Task<LayerContents?> ReadAsync(Stream bytes)
    {
        await using (bytes.ConfigureAwait(false))
        {
            try
            {
                return await LayerReader.ReadAsync(bytes, CancellationToken.None).ConfigureAwait(false);
            }
            catch (InvalidDataException)
            {
                return null; // Whoever needs to know reads the layer itself, and says so.
            }
        }
    }
}
