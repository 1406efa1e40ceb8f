using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers.Compression;

namespace Containerize.Layers;

/// <summary>
/// Turns entries into a layer: tar, diffID, compressed bytes, digest, each byte read once; where the layer is known, nothing is compressed,
/// and where its files have not been touched since, nothing is read.
/// </summary>
internal sealed class LayerBuilder
{
    private readonly LayerCache _cache;
    private readonly LayerCompression _compression;
    private readonly LayerCompressor _compressor;
    private readonly IKnownLayers? _known;
    private readonly TimeProvider _clock;
    private readonly string _run = MachineRun.Identify();

    /// <summary>Makes a builder.</summary>
    /// <param name="cache">Where compressed layers are kept and found again.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    /// <param name="known">What is at the destination; null for nothing.</param>
    /// <param name="compression">How layers are compressed; null for <see cref="LayerCompression.Default"/>.</param>
    /// <param name="clock">Tells which files may still be being written.</param>
    public LayerBuilder(
        LayerCache cache, int threads, IKnownLayers? known = null, LayerCompression? compression = null, TimeProvider? clock = null)
    {
        _known = known;
        _cache = cache;
        _compression = compression ?? LayerCompression.Default;
        _compressor = new LayerCompressor(cache, _compression, threads);
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Builds a layer, or finds it by its diffID: in the cache, or at the destination.</summary>
    /// <exception cref="ContainerizeException">A file cannot be read (CTZ3003).</exception>
    public async Task<ILayer> BuildAsync(IReadOnlyList<LayerEntry> entries, ImageFormat format, CancellationToken cancellationToken)
    {
        var mediaType = _compression.MediaTypeIn(format)
            ?? throw new NotSupportedException(
                $"An image in the {format} format cannot hold layers that are compressed with {_compression.Method}.");
        var stamp = StampOf(entries);
        // Hashing runs at disk speed, compressing at a fifteenth of it: asking first costs little and often saves all.
        if (_known is not null || _cache.MayKnow(_compressor.Codec))
        {
            var diffId = await DiffIdAsync(entries, stamp, cancellationToken).ConfigureAwait(false);
            var cached = _compressor.Find(diffId);
            if (_known is not null && (cached is null || !_known.Holds(cached.Digest))
                && await _known.FindAsync(diffId, cancellationToken).ConfigureAwait(false) is { } there
                && there.Descriptor.MediaType == mediaType)
                return new TakenOverLayer(there, token => RebuildAsync(entries, there, token));
            if (cached is not null)
                return Layer(cached, diffId);
        }

        var (added, addedId) = await _compressor.CompressAsync(
            (tar, token) => LayerTar.WriteAsync(entries, tar, token), null, cancellationToken).ConfigureAwait(false);
        await NoteAsync(entries, stamp, addedId, cancellationToken).ConfigureAwait(false);
        return Layer(added, addedId);

        FileLayer Layer(CachedBlob blob, Digest diffId) =>
            new(blob.Path, new Descriptor(mediaType, blob.Digest, blob.Size), diffId, isReplaceable: true);
    }

    // Another version of zlib makes other bytes of the same tar.
    private async Task<ILayer?> RebuildAsync(IReadOnlyList<LayerEntry> entries, ILayer wanted, CancellationToken cancellationToken)
    {
        var (made, _) = await _compressor.CompressAsync(
            (tar, token) => LayerTar.WriteAsync(entries, tar, token), null, cancellationToken).ConfigureAwait(false);
        return made.Digest == wanted.Descriptor.Digest
            ? new FileLayer(made.Path, wanted.Descriptor, wanted.DiffId, isReplaceable: true)
            : null;
    }

    private async Task<Digest> DiffIdAsync(IReadOnlyList<LayerEntry> entries, Digest? stamp, CancellationToken cancellationToken)
    {
        if (stamp is { } untouched && _cache.FindDiffId(untouched) is { } seen)
            return seen;
        using var hash = new HashingStream(null);
        await LayerTar.WriteAsync(entries, hash, cancellationToken).ConfigureAwait(false);
        await NoteAsync(entries, stamp, hash.Digest, cancellationToken).ConfigureAwait(false);
        return hash.Digest;
    }

    // What was read is what the stamp stands for only if nothing was touched meanwhile.
    private async Task NoteAsync(IReadOnlyList<LayerEntry> entries, Digest? stamp, Digest diffId, CancellationToken cancellationToken)
    {
        if (stamp is { } before && StampOf(entries) == before)
            await _cache.AddDiffIdAsync(before, diffId, cancellationToken).ConfigureAwait(false);
    }

    private Digest? StampOf(IReadOnlyList<LayerEntry> entries) => LayerStamp.Of(entries, _run, _clock.GetUtcNow());
}
