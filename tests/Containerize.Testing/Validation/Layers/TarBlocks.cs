using System.Text;
using System.Text.RegularExpressions;

namespace Containerize.Testing.Validation.Layers;

/// <summary>
/// A tar as blocks of 512 bytes (POSIX pax, "ustar Interchange Format"), which is what a reader of entries does not show: check
/// sums, the end, and the names of the PAX headers themselves.
/// </summary>
internal static partial class TarBlocks
{
    private const int BlockSize = 512;

    public static void Check(Stream tar, ProblemList problems)
    {
        if (tar.Length % BlockSize != 0)
            problems.Add($"its tar is {tar.Length} bytes long, which is not a multiple of {BlockSize}.");
        var block = new byte[BlockSize];
        while (tar.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false) == BlockSize)
        {
            if (IsZero(block))
            {
                CheckEnd(tar, problems);
                return;
            }
            var name = Text(block.AsSpan(0, 100));
            if (!HasChecksum(block))
            {
                problems.Add($"its tar has a header '{name}' with a wrong check sum.");
                return;
            }
            CheckExtendedHeader((char)block[156], name, problems);
            if (Size(block) is not { } size)
            {
                problems.Add($"its tar has a header '{name}' with a size that is no number.");
                return;
            }
            // Some types have a size and yet no content; nobody writes them so.
            tar.Position = Math.Min(tar.Length, tar.Position + (size + BlockSize - 1) / BlockSize * BlockSize);
        }
        problems.Add("its tar ends without the two blocks of zeros.");
    }

    private static void CheckEnd(Stream tar, ProblemList problems)
    {
        var block = new byte[BlockSize];
        if (tar.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false) < BlockSize || !IsZero(block))
            problems.Add("its tar ends with one block of zeros instead of two.");
        while (tar.ReadAtLeast(block, BlockSize, throwOnEndOfStream: false) is > 0 and var count)
        {
            if (!IsZero(block.AsSpan(0, count)))
            {
                problems.Add("its tar has something after its end.");
                return;
            }
        }
    }

    /// <summary>Some writers put their process id into the name of a PAX header, which nobody sees and which changes the digest.</summary>
    private static void CheckExtendedHeader(char type, string name, ProblemList problems)
    {
        if (type is 'x' or 'g' && ProcessId().IsMatch(name))
            problems.Add($"its tar has a PAX header '{name}' with a process id.");
    }

    private static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <summary>The sum of the header's bytes, those of the sum itself taken as spaces.</summary>
    private static bool HasChecksum(byte[] block)
    {
        var sum = 8 * ' ';
        for (var i = 0; i < BlockSize; i++)
            sum += i is >= 148 and < 156 ? 0 : block[i];
        return Octal(block.AsSpan(148, 8)) == sum;
    }

    private static long? Size(byte[] block)
    {
        var field = block.AsSpan(124, 12);
        if ((field[0] & 0x80) == 0)
            return Octal(field);
        // GNU: base 256, for what does not fit into the digits.
        long size = field[0] & 0x7f;
        foreach (var value in field[1..])
            size = (size << 8) | value;
        return size;
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (var digit in Text(field).Trim())
        {
            if (digit is < '0' or > '7')
                return null;
            value = value * 8 + (digit - '0');
        }
        return value;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    // Go writes PaxHeaders.0, which is nobody's process.
    [GeneratedRegex(@"(PaxHeaders|GlobalHead)\.(?!0\b)[0-9]+")]
    private static partial Regex ProcessId();
}
