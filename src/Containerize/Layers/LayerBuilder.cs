using System.IO.Compression;
using Containerize.Caching;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>Turns entries into a layer: tar, diffID, gzip, digest, each byte read once or, where the layer is known, not compressed at all.</summary>
public sealed class LayerBuilder
{
    private readonly LayerCache _cache;
    private readonly int _threads;

    /// <summary>Makes a builder.</summary>
    /// <param name="cache">Where compressed layers are kept and found again.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public LayerBuilder(LayerCache cache, int threads)
    {
        _cache = cache;
        _threads = threads;
    }

    /// <summary>
    /// Names how the bytes were made. The runtime's version is in it: its zlib decides the compressed bytes
    /// (dotnet/runtime#121106), and a layer compressed by another one must not be taken for this one's.
    /// </summary>
    private static string Codec => "gzip-6-net" + Environment.Version;

    /// <summary>Builds a layer, or finds it in the cache by its diffID.</summary>
    /// <exception cref="ContainerizeException">A file cannot be read (CTZ3003).</exception>
    public async Task<ILayer> BuildAsync(IReadOnlyList<LayerEntry> entries, ImageFormat format, CancellationToken cancellationToken)
    {
        var mediaType = format == ImageFormat.Docker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip;

        // Hashing runs at disk speed, compressing at a fifteenth of it: asking the cache first costs little and often saves all.
        if (_cache.MayKnow(Codec))
        {
            using var hash = new HashingStream(null);
            await LayerTar.WriteAsync(entries, hash, cancellationToken).ConfigureAwait(false);
            if (_cache.Find(hash.Digest, Codec) is { } known)
                return Layer(known, hash.Digest);
        }

        var pending = _cache.CreateFile();
        await using (pending.ConfigureAwait(false))
        {
            using var blob = new HashingStream(pending.Stream);
            var gzip = new ParallelGzipStream(blob, CompressionLevel.Optimal, _threads, cancellationToken);
            await using (gzip.ConfigureAwait(false))
            {
                using var tar = new HashingStream(gzip);
                await LayerTar.WriteAsync(entries, tar, cancellationToken).ConfigureAwait(false);
                await gzip.FinishAsync().ConfigureAwait(false);
                var added = await _cache.AddAsync(pending, tar.Digest, Codec, blob.Digest, blob.Length, cancellationToken).ConfigureAwait(false);
                return Layer(added, tar.Digest);
            }
        }

        FileLayer Layer(CachedBlob cached, Digest diffId) =>
            new(cached.Path, new Descriptor(mediaType, cached.Digest, cached.Size), diffId);
    }
}
