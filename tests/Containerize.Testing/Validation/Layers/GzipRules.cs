using System.Buffers.Binary;
using System.IO.Compression;

namespace Containerize.Testing.Validation.Layers;

/// <summary>
/// A layer in gzip (RFC 1952). Our own is one member whose header says nothing of when and where it was made (no flags, MTIME 0,
/// OS 255 "unknown"): otherwise the same files have other digests tomorrow or on another system.
/// </summary>
internal static class GzipRules
{
    private const int HeaderLength = 10;

    /// <summary>The tar; null, with the reason told, when there is none.</summary>
    public static async Task<SpooledFile?> UnpackAsync(
        SpooledFile blob, bool isOwn, ProblemList problems, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (blob.Open().ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || header is not [0x1f, 0x8b, 8, ..])
        {
            problems.Add("is not gzip, though its media type says so.");
            return null;
        }
        try
        {
            // Reads all members, one after the other, and checks the CRC of each.
            await using var gzip = new GZipStream(blob.Open(), CompressionMode.Decompress, leaveOpen: true);
            var tar = await SpooledFile.CopyAsync(gzip, cancellationToken);
            if (isOwn)
                await CheckOwnAsync(blob, header, tar.Length, problems, cancellationToken);
            return tar;
        }
        catch (InvalidDataException exception)
        {
            problems.Add($"cannot be unpacked: {exception.Message}");
            return null;
        }
    }

    private static async Task CheckOwnAsync(
        SpooledFile blob, byte[] header, long tarLength, ProblemList problems, CancellationToken cancellationToken)
    {
        var (flags, time, system) = (header[3], BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)), header[9]);
        if (flags != 0)
            problems.Add($"gzip header has flags 0x{flags:x2}; a name or a comment says where it was made.");
        if (time != 0)
            problems.Add($"gzip header has MTIME {time}, not 0.");
        if (system != 255)
            problems.Add($"gzip header has OS {system}, not 255 (unknown).");
        if (flags == 0 && !await IsSingleMemberAsync(blob, tarLength, cancellationToken))
            problems.Add("gzip has more than one member, or something after it.");
    }

    /// <summary>
    /// The first member alone, which a plain inflate stops after, holds the whole tar, and the blob ends with a trailer that says
    /// so: ISIZE, the length modulo 2^32 (RFC 1952, 2.3.1).
    /// </summary>
    private static async Task<bool> IsSingleMemberAsync(SpooledFile blob, long tarLength, CancellationToken cancellationToken)
    {
        var file = blob.Open();
        file.Position = HeaderLength;
        await using var inflate = new DeflateStream(file, CompressionMode.Decompress, leaveOpen: true);
        long first = 0;
        var buffer = new byte[128 * 1024];
        while (await inflate.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            first += count;
        var isize = new byte[4];
        file.Position = blob.Length - isize.Length;
        await file.ReadExactlyAsync(isize, cancellationToken);
        return first == tarLength && BinaryPrimitives.ReadUInt32LittleEndian(isize) == (uint)tarLength;
    }
}
