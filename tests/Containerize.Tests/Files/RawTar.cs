using System.Buffers.Binary;
using System.Text;
using ZstdSharp;

namespace Containerize.Tests.Files;

/// <summary>Tars written header by header, for what no library writes.</summary>
internal sealed class RawTar
{
    private readonly List<byte> _bytes = [];

    /// <summary>The tar so far, with an end unless told otherwise.</summary>
    public byte[] ToArray(bool withEnd = true) => [.. _bytes, .. new byte[withEnd ? 1024 : 0]];

    /// <summary>An entry with its content.</summary>
    /// <param name="type">The type's letter.</param>
    /// <param name="name">At most 100 bytes.</param>
    /// <param name="content">What follows.</param>
    /// <param name="link">At most 100 bytes.</param>
    /// <param name="change">Changes the header before its checksum is computed.</param>
    public RawTar Add(char type, string name, byte[]? content = null, string link = "", Action<byte[]>? change = null)
    {
        content ??= [];
        var header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Convert.ToString(content.Length, 8).PadLeft(11, '0') + "\0");
        Put(header, 136, "00000000000\0");
        header[156] = (byte)type;
        Put(header, 157, link);
        Put(header, 257, "ustar\0" + "00");
        change?.Invoke(header);
        Put(header, 148, "        ");
        Put(header, 148, Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0 ");
        return AddBytes(header).AddBytes(content).AddBytes(new byte[-content.Length & 511]);
    }

    /// <summary>A header with PAX records for the next entry.</summary>
    public RawTar AddPax(params (string Key, string Value)[] records) =>
        Add('x', "PaxHeaders/x", Encoding.UTF8.GetBytes(string.Concat(records.Select(record => Record(record.Key, record.Value)))));

    /// <summary>One file of so many zeros, packed as closely as zstd can.</summary>
    public static byte[] ZerosInZstd(long size)
    {
        using var packed = new MemoryStream();
        using (var zstd = new CompressionStream(packed, leaveOpen: true))
        {
            zstd.Write(new RawTar().Add('0', "zeros", change: header => PutBinary(header, 124, 12, size)).ToArray(withEnd: false));
            var zeros = new byte[1 << 24];
            for (var left = size; left > 0; left -= zeros.Length)
                zstd.Write(zeros);
        }

        return packed.ToArray();
    }

    /// <summary>Anything.</summary>
    public RawTar AddBytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Writes text to a field.</summary>
    public static void Put(byte[] header, int offset, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header, offset);

    /// <summary>Writes a number to a field in GNU's binary form.</summary>
    public static void PutBinary(byte[] header, int offset, int length, long value)
    {
        header.AsSpan(offset, length).Fill(value < 0 ? (byte)0xff : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(offset + length - 8), value);
        header[offset] |= 0x80;
    }

    private static string Record(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = Encoding.UTF8.GetByteCount(rest);
        while (length != Encoding.UTF8.GetByteCount(rest) + $"{length}".Length)
            length = Encoding.UTF8.GetByteCount(rest) + $"{length}".Length;
        return length + rest;
    }
}
