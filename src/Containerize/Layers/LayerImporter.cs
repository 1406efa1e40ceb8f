using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers.Compression;

namespace Containerize.Layers;

/// <summary>
/// Takes layers in that others have made: they come to lie in the cache, compressed and checked. A layer that is there
/// already is neither compressed nor checked again.
/// </summary>
internal sealed class LayerImporter
{
    // How the bytes were made is not known, so the note tells only which bytes were last seen for a diffID, and hold what it says.
    private const string AsItCame = "as-it-came";

    // Whether they hold what the diffID says was not looked at: a manifest vouches for the bytes, as in a registry.
    private const string AsDescribed = "as-described";

    private readonly LayerCache _cache;
    private readonly LayerCompressor _compressor;

    /// <summary>Makes an importer.</summary>
    /// <param name="cache">Where compressed layers are kept and found again.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public LayerImporter(LayerCache cache, int threads)
    {
        _cache = cache;
        _compressor = new LayerCompressor(cache, LayerCompression.Default, threads);
    }

    /// <summary>How layers are compressed here: what was taken in under another one's name may be other bytes.</summary>
    public static string Codec => LayerCompression.Default.Codec;

    /// <summary>
    /// Takes in a layer of which no more is known than its diffID: a tar, or one in gzip, whose bytes then stay as they are.
    /// </summary>
    /// <param name="diffId">What the tar must hash to.</param>
    /// <param name="open">Opens the bytes; may be called several times.</param>
    /// <param name="what">What they are, for the error.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">They are something else.</exception>
    public async Task<ILayer> ImportAsync(Digest diffId, Func<Stream> open, string what, CancellationToken cancellationToken)
    {
        var start = new byte[4];
        var probe = open();
        await using (probe.ConfigureAwait(false))
            await probe.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var blob = start switch
        {
            [0x1f, 0x8b, ..] => await TakeGzipAsync(diffId, open, what, cancellationToken).ConfigureAwait(false),
            // RFC 8878, 3.1.1. Docker's own store does not hold such, containerd's does.
            [0x28, 0xb5, 0x2f, 0xfd] =>
                throw new InvalidDataException(
                    $"{what} is compressed with zstd, which cannot be read here; from an archive with an index.json, 'oci-archive:' "
                        + "takes it as it is."),
            _ => await CompressAsync(diffId, open, what, cancellationToken).ConfigureAwait(false),
        };
        return new FileLayer(blob.Path, new Descriptor(MediaTypes.DockerLayerGzip, blob.Digest, blob.Size), diffId, isReplaceable: true);
    }

    /// <summary>Takes in a layer whose bytes are known by their digest; they stay as they are.</summary>
    public async Task<ILayer> ImportAsync(ILayer layer, CancellationToken cancellationToken)
    {
        var known = Find(layer.Descriptor, layer.DiffId);
        if (known is not null || layer.Descriptor.IsForeign)
            return known ?? layer;
        var file = _cache.CreateFile();
        await using (file.ConfigureAwait(false))
        {
            var content = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await content.CopyToAsync(file.Stream, cancellationToken).ConfigureAwait(false);
            await _cache.AddAsync(
                file, layer.DiffId, AsDescribed, layer.Descriptor.Digest, layer.Descriptor.Size, cancellationToken).ConfigureAwait(false);
        }

        return new FileLayer(_cache.PathOf(layer.Descriptor.Digest), layer.Descriptor, layer.DiffId, isReplaceable: true);
    }

    /// <summary>A layer that was taken in before; null if it is not here any more.</summary>
    public ILayer? Find(Descriptor descriptor, Digest diffId) =>
        _cache.Find(descriptor.Digest, descriptor.Size) is { } known
            ? new FileLayer(known.Path, descriptor, diffId, isReplaceable: true)
            : null;

    private async Task<CachedBlob> CompressAsync(Digest diffId, Func<Stream> open, string what, CancellationToken cancellationToken)
    {
        if (_compressor.Find(diffId) is { } known)
            return known;
        var tar = open();
        await using (tar.ConfigureAwait(false))
        {
            var (blob, _) = await _compressor.CompressAsync(
                (output, token) =>
                    tar.CopyToAsync(output, token), actual => Check(actual, diffId, what), cancellationToken).ConfigureAwait(false);
            return blob;
        }
    }

    // The bytes stay as they were compressed: a registry that has them under this digest need not be sent others.
    private async Task<CachedBlob> TakeGzipAsync(Digest diffId, Func<Stream> open, string what, CancellationToken cancellationToken)
    {
        using var hash = new HashingStream(null);
        var content = open();
        await using (content.ConfigureAwait(false))
            await content.CopyToAsync(hash, cancellationToken).ConfigureAwait(false);
        if (_cache.Find(diffId, AsItCame) is { } known && known.Digest == hash.Digest)
            return known;

        using var tar = new HashingStream(null);
        var packed = Checked();
        await using (packed.ConfigureAwait(false))
        {
            var unpacked = await UnpackedStream.OpenAsync(packed, Limits.Reading, what, cancellationToken).ConfigureAwait(false);
            await using (unpacked.ConfigureAwait(false))
                await unpacked.UnpackAsync(tar, cancellationToken).ConfigureAwait(false);
        }

        Check(tar.Digest, diffId, what);

        var file = _cache.CreateFile();
        await using (file.ConfigureAwait(false))
        {
            var blob = Checked();
            await using (blob.ConfigureAwait(false))
                await blob.CopyToAsync(file.Stream, cancellationToken).ConfigureAwait(false);
            return await _cache.AddAsync(file, diffId, AsItCame, hash.Digest, hash.Length, cancellationToken).ConfigureAwait(false);
        }

        // It is read three times, and must be the same each time.
        VerifyingStream Checked() => new(open(), hash.Digest, hash.Length, what);
    }

    private static void Check(Digest actual, Digest diffId, string what)
    {
        if (actual != diffId)
            throw new InvalidDataException($"{what} has the diffID {actual} instead of {diffId}.");
    }
}
