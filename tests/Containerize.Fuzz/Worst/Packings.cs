using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace Containerize.Fuzz.Worst;

/// <summary>Bytes in gzip or zstd, as no tool packs them.</summary>
internal static class Packings
{
    /// <summary>A frame without content that asks for a window of so many bytes, as a logarithm (RFC 8878, 3.1.1.1.2).</summary>
    public static byte[] ZstdFrame(int windowLog) => [0x28, 0xb5, 0x2f, 0xfd, 0, (byte)((windowLog - 10) << 3), 1, 0, 0];

    /// <summary>A frame that is to be skipped, without content.</summary>
    public static byte[] SkippableFrame => [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];

    /// <summary>The start of a gzip member whose name does not end.</summary>
    public static byte[] GzipWithName => [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];

    /// <summary>A gzip member without content, which .NET does not write.</summary>
    public static byte[] EmptyMember => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>A gzip member.</summary>
    public static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(content);
            gzip.Flush();
        }

        return packed.ToArray();
    }

    /// <summary>A zstd frame.</summary>
    public static byte[] Zstd(ReadOnlySpan<byte> content)
    {
        using var compressor = new Compressor(19);
        return compressor.Wrap(content).ToArray();
    }

    /// <summary>All pieces, with the end of a tar or none.</summary>
    public static byte[] Joined(IEnumerable<byte[]> pieces)
    {
        using var bytes = new MemoryStream();
        foreach (var piece in pieces)
            bytes.Write(piece);
        return bytes.ToArray();
    }

    /// <summary>Writes one thing again and again.</summary>
    public static void Repeat(Stream to, ReadOnlySpan<byte> unit, int count)
    {
        for (var i = 0; i < count; i++)
            to.Write(unit);
    }

    /// <summary>Writes pieces in gzip.</summary>
    public static void Gzip(Stream to, IEnumerable<byte[]> pieces)
    {
        using var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true);
        foreach (var piece in pieces)
            gzip.Write(piece);
    }

    /// <summary>A text of so many bytes: a start, something again and again with commas between, an end.</summary>
    public static byte[] Json(string start, string element, string end, int bytes)
    {
        var text = new StringBuilder(start, bytes + 100).Append(element);
        while (text.Length + element.Length + 1 + end.Length <= bytes)
            text.Append(',').Append(element);
        return Encoding.ASCII.GetBytes(text.Append(end).ToString());
    }
}

/// <summary>Bytes that are made while they are read.</summary>
internal sealed class MadeStream(IEnumerable<byte[]> pieces) : OnePassStream
{
    private readonly IEnumerator<byte[]> _pieces = pieces.GetEnumerator();
    private byte[] _piece = [];
    private int _at;

    public override bool CanRead => true;

    /// <summary>How many bytes were read.</summary>
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        while (_at == _piece.Length)
        {
            if (!_pieces.MoveNext())
                return 0;
            (_piece, _at) = (_pieces.Current, 0);
        }

        var count = Math.Min(buffer.Length, _piece.Length - _at);
        _piece.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        Count += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _pieces.Dispose();
        base.Dispose(disposing);
    }
}
