using Containerize.Caching;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>Turns entries into a layer: tar, diffID, gzip, digest, each byte read once or, where the layer is known, not compressed at all.</summary>
public sealed class LayerBuilder
{
    private readonly LayerCache _cache;
    private readonly LayerCompressor _compressor;

    /// <summary>Makes a builder.</summary>
    /// <param name="cache">Where compressed layers are kept and found again.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public LayerBuilder(LayerCache cache, int threads)
    {
        _cache = cache;
        _compressor = new LayerCompressor(cache, threads);
    }

    /// <summary>Builds a layer, or finds it in the cache by its diffID.</summary>
    /// <exception cref="ContainerizeException">A file cannot be read (CTZ3003).</exception>
    public async Task<ILayer> BuildAsync(IReadOnlyList<LayerEntry> entries, ImageFormat format, CancellationToken cancellationToken)
    {
        var mediaType = format == ImageFormat.Docker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip;

        // Hashing runs at disk speed, compressing at a fifteenth of it: asking the cache first costs little and often saves all.
        if (_cache.MayKnow(LayerCompressor.Codec))
        {
            using var hash = new HashingStream(null);
            await LayerTar.WriteAsync(entries, hash, cancellationToken).ConfigureAwait(false);
            if (_cache.Find(hash.Digest, LayerCompressor.Codec) is { } known)
                return Layer(known, hash.Digest);
        }

        var (added, diffId) = await _compressor.CompressAsync(
            (tar, token) => LayerTar.WriteAsync(entries, tar, token), null, cancellationToken).ConfigureAwait(false);
        return Layer(added, diffId);

        FileLayer Layer(CachedBlob cached, Digest diffId) =>
            new(cached.Path, new Descriptor(mediaType, cached.Digest, cached.Size), diffId);
    }
}
