using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Containerize.Layers.Compression;

/// <summary>
/// zstd frames (RFC 8878), one for each 4 MiB: readers take several for one stream (3.1). The bytes depend on the input and the version of
/// ZstdSharp alone, which is managed code and the same everywhere.
/// </summary>
/// <remarks>
/// Rejected: one frame, and zstd's own threads. Memory is then theirs to choose, and one frame's blocks depend on each other. Each frame
/// has its length and a checksum, as <c>zstd</c> writes them.
/// </remarks>
internal sealed class ZstdBlocks : IBlockFormat
{
    private readonly int _level;
    private readonly ConcurrentBag<Compressor> _compressors = [];
    private bool _isEmpty = true;

    /// <summary>Makes one.</summary>
    /// <param name="level">zstd's: 1 to 22.</param>
    public ZstdBlocks(int level) => _level = level;

    /// <inheritdoc/>
    public int BlockSize => 4 * 1024 * 1024;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Start => default;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> block) => _isEmpty = false;

    /// <inheritdoc/>
    public void Compress(byte[] block, int length, MemoryStream output)
    {
        if (!_compressors.TryTake(out var compressor))
        {
            compressor = new Compressor(_level);
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        }

        output.SetLength(Compressor.GetCompressBound(length));
        output.SetLength(compressor.Wrap(block.AsSpan(0, length), output.GetBuffer().AsSpan(0, (int)output.Length)));
        _compressors.Add(compressor);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> End()
    {
        if (!_isEmpty)
            return default;
        // No frame at all would be no zstd.
        using var output = new MemoryStream();
        Compress([], 0, output);
        return output.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_compressors.TryTake(out var compressor))
            compressor.Dispose();
    }
}
