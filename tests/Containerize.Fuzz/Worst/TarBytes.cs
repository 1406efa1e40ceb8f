using System.Buffers.Binary;
using System.Text;

namespace Containerize.Fuzz.Worst;

/// <summary>Blocks of tars as no library writes them.</summary>
internal static class TarBytes
{
    private const int BlockSize = 512;

    /// <summary>A header, and its content up to the end of its last block.</summary>
    /// <param name="type">The type's letter.</param>
    /// <param name="name">At most 100 bytes.</param>
    /// <param name="content">What follows.</param>
    /// <param name="size">The size that the header tells; null for the content's.</param>
    /// <param name="link">At most 100 bytes.</param>
    /// <param name="change">Changes the header before its checksum is computed.</param>
    public static byte[] Entry(
        char type, string name, ReadOnlySpan<byte> content = default, long? size = null, string link = "", Action<byte[]>? change = null)
    {
        var bytes = new byte[BlockSize + ((content.Length + BlockSize - 1) / BlockSize * BlockSize)];
        Put(bytes, 0, name);
        Put(bytes, 100, "0000644\0");
        Put(bytes, 108, "0000000\0");
        Put(bytes, 116, "0000000\0");
        // In binary (GNU), since octal digits end at 8 GiB.
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(128), size ?? content.Length);
        bytes[124] = 0x80;
        Put(bytes, 136, "00000000000\0");
        bytes[156] = (byte)type;
        Put(bytes, 157, link);
        Put(bytes, 257, "ustar\0" + "00");
        change?.Invoke(bytes);
        Put(bytes, 148, "        ");
        var sum = 0;
        foreach (var value in bytes.AsSpan(0, BlockSize))
            sum += value;
        Put(bytes, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        content.CopyTo(bytes.AsSpan(BlockSize));
        return bytes;
    }

    /// <summary>A header with PAX records for the next entry.</summary>
    public static byte[] Pax(params ReadOnlySpan<(string Key, string Value)> records)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in records)
            text.Append(Record(key, value));
        return Entry('x', "PaxHeaders/x", Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>A record: its length, which counts itself, then key and value.</summary>
    public static string Record(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = Encoding.UTF8.GetByteCount(rest);
        var digits = $"{length}".Length;
        digits = $"{length + digits}".Length;
        return $"{length + digits}{rest}";
    }

    private static void Put(byte[] bytes, int offset, string text) => Encoding.UTF8.GetBytes(text).CopyTo(bytes, offset);
}
