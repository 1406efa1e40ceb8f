using Containerize.Caches;
using Containerize.Images;

namespace Containerize.Layers.Compression;

/// <summary>Compresses tars into the cache: the same tar gives the same bytes.</summary>
internal sealed class LayerCompressor
{
    private readonly LayerCache _cache;
    private readonly LayerCompression _compression;
    private readonly int _threads;

    /// <summary>Makes a compressor.</summary>
    /// <param name="cache">Where compressed layers are kept.</param>
    /// <param name="compression">How they are compressed.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public LayerCompressor(LayerCache cache, LayerCompression compression, int threads)
    {
        _cache = cache;
        _compression = compression;
        Codec = compression.Codec;
        _threads = threads;
    }

    /// <summary>How the bytes are made.</summary>
    public string Codec { get; }

    /// <summary>The layer with this diffID that was compressed so; null if it is not here.</summary>
    public CachedBlob? Find(Digest diffId) => _cache.Find(diffId, Codec);

    /// <summary>Compresses a tar while it is written.</summary>
    /// <param name="writeTar">Writes the tar.</param>
    /// <param name="accept">
    /// Given the tar's digest before anything is kept; throws where it is not the right one. Null where any is.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<CompressedTar> CompressAsync(
        Func<Stream, CancellationToken, Task> writeTar, Action<Digest>? accept, CancellationToken cancellationToken)
    {
        var pending = _cache.CreateFile();
        await using (pending.ConfigureAwait(false))
        {
            var packed = await PackAsync(writeTar, pending.Stream, _compression, _threads, cancellationToken).ConfigureAwait(false);
            accept?.Invoke(packed.DiffId);
            return new CompressedTar(
                await _cache.AddAsync(pending, packed.DiffId, Codec, packed.Digest, packed.Size, cancellationToken).ConfigureAwait(false),
                packed.DiffId);
        }
    }

    /// <summary>Compresses a tar while it is written: hashed before and after, in one pass.</summary>
    /// <param name="writeTar">Writes the tar.</param>
    /// <param name="to">Receives the compressed bytes.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<PackedTar> PackAsync(
        Func<Stream, CancellationToken, Task> writeTar,
        Stream to,
        LayerCompression compression,
        int threads,
        CancellationToken cancellationToken)
    {
        using var blob = new HashingStream(to);
        if (compression.Blocks() is not { } blocks)
        {
            await writeTar(blob, cancellationToken).ConfigureAwait(false);
            return new PackedTar(blob.Digest, blob.Length, blob.Digest);
        }

        var packed = new ParallelBlockStream(blob, blocks, threads, cancellationToken);
        await using (packed.ConfigureAwait(false))
        {
            using var tar = new HashingStream(packed);
            await writeTar(tar, cancellationToken).ConfigureAwait(false);
            await packed.FinishAsync().ConfigureAwait(false);
            return new PackedTar(blob.Digest, blob.Length, tar.Digest);
        }
    }
}

/// <summary>What a tar has become.</summary>
/// <param name="Digest">The blob's.</param>
/// <param name="Size">The blob's, in bytes.</param>
/// <param name="DiffId">The tar's.</param>
// A class, as is all that comes of asynchronous code: that code is compiled at run time for each struct that it returns.
internal sealed record PackedTar(Digest Digest, long Size, Digest DiffId);

/// <summary>A tar that is in the cache.</summary>
/// <param name="Blob">What it has become.</param>
/// <param name="DiffId">The tar's digest.</param>
internal sealed record CompressedTar(CachedBlob Blob, Digest DiffId);
