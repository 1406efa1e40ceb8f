using System.IO.Compression;
using Containerize.Caching;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>Compresses tars into the cache: the same tar gives the same bytes.</summary>
internal sealed class LayerCompressor
{
    private readonly LayerCache _cache;
    private readonly int _threads;

    /// <summary>Makes a compressor.</summary>
    /// <param name="cache">Where compressed layers are kept.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public LayerCompressor(LayerCache cache, int threads)
    {
        _cache = cache;
        _threads = threads;
    }

    /// <summary>
    /// Names how the bytes were made. The runtime's version is in it: its zlib decides the compressed bytes
    /// (dotnet/runtime#121106), and a layer compressed by another one must not be taken for this one's.
    /// </summary>
    public static string Codec => "gzip-6-net" + Environment.Version;

    /// <summary>Compresses a tar while it is written.</summary>
    /// <param name="writeTar">Writes the tar.</param>
    /// <param name="accept">Given the tar's digest before anything is kept; throws where it is not the right one. Null where any is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(CachedBlob Blob, Digest DiffId)> CompressAsync(
        Func<Stream, CancellationToken, Task> writeTar, Action<Digest>? accept, CancellationToken cancellationToken)
    {
        var pending = _cache.CreateFile();
        await using (pending.ConfigureAwait(false))
        {
            using var blob = new HashingStream(pending.Stream);
            var gzip = new ParallelGzipStream(blob, CompressionLevel.Optimal, _threads, cancellationToken);
            await using (gzip.ConfigureAwait(false))
            {
                using var tar = new HashingStream(gzip);
                await writeTar(tar, cancellationToken).ConfigureAwait(false);
                await gzip.FinishAsync().ConfigureAwait(false);
                var diffId = tar.Digest;
                accept?.Invoke(diffId);
                return (await _cache.AddAsync(pending, diffId, Codec, blob.Digest, blob.Length, cancellationToken).ConfigureAwait(false), diffId);
            }
        }
    }
}
