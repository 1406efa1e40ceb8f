using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Containerize.Layers.Contents;

/// <summary>A header of a tar, with what the headers before it say of it.</summary>
/// <param name="Type">The type's letter: <c>0</c> for a file, <c>5</c> for a directory, as POSIX lists them (ustar, pax, "typeflag").</param>
/// <param name="Name">As it stands there.</param>
/// <param name="LinkName">The target, as it stands there.</param>
/// <param name="Mode">As it stands there.</param>
/// <param name="UserId">The numeric owner, as the 32 bits that it has.</param>
/// <param name="GroupId">The numeric group, as the 32 bits that it has.</param>
/// <param name="Size">The size of the file; not that of the bytes that follow, where it is <paramref name="IsSparse"/>.</param>
/// <param name="IsSparse">Whether the bytes that follow are not the file's content as it is.</param>
internal sealed record TarHeader(char Type, string Name, string LinkName, int Mode, int UserId, int GroupId, long Size, bool IsSparse)
{
    /// <summary>A file, by any of its three letters; <c>S</c> is GNU's for one with holes.</summary>
    public bool IsFile => Type is '0' or '\0' or '7' or 'S';
}

/// <summary>
/// Reads tars that somebody else has written: the headers one after the other, and the content of those that are asked for. All
/// forms that layers come in: v7, ustar, star, PAX, GNU with long names, large numbers and holes. What Go's <c>archive/tar</c>
/// makes of a tar is what engines make of it, so odd ones are read as it reads them.
/// </summary>
internal sealed class TarInput
{
    private const int BlockSize = 512;

    // Go's limit for headers with long names and PAX records.
    private const int LargestRecord = 1024 * 1024;

    private const long LargestFile = 1L << 60;

    private static readonly Dictionary<string, string> NoRecords = [];

    private readonly Stream _tar;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;
    private long _left;
    private int _padding;

    /// <summary>Reads from a stream, and no further than the tar's end.</summary>
    public TarInput(Stream tar) => _tar = tar;

    /// <summary>The next header, whatever is left of the last one's content; null at the end.</summary>
    /// <exception cref="InvalidDataException">The tar is damaged.</exception>
    public async ValueTask<TarHeader?> NextAsync(CancellationToken cancellationToken)
    {
        string? longName = null;
        string? longLink = null;
        var records = NoRecords;
        while (true)
        {
            await SkipContentAsync(cancellationToken).ConfigureAwait(false);
            if (await ReadBlockAsync(cancellationToken).ConfigureAwait(false) is not { } block)
                return null;
            if (IsZero(block.Span))
            {
                // One block of zeros is the end as well, if nothing follows.
                return await ReadBlockAsync(cancellationToken).ConfigureAwait(false) is { } second && !IsZero(second.Span)
                    ? throw Damaged("something follows its end")
                    : null;
            }

            var raw = new RawHeader(block.Span);
            switch (raw.Type)
            {
                case 'L':
                    longName = UpToNul(await RecordAsync(raw, cancellationToken).ConfigureAwait(false));
                    break;
                case 'K':
                    longLink = UpToNul(await RecordAsync(raw, cancellationToken).ConfigureAwait(false));
                    break;
                case 'x':
                    records = Merged(records, (await RecordAsync(raw, cancellationToken).ConfigureAwait(false)).Span);
                    break;
                case 'g':
                    // Engines pay no heed to what is said of all entries at once. Git keeps the commit there.
                    await RecordAsync(raw, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    return await EntryAsync(raw, records, longName, longLink, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads content of the last header's file.</summary>
    /// <returns>How many bytes; 0 at its end.</returns>
    /// <exception cref="InvalidDataException">The tar ends before.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_left == 0 || buffer.IsEmpty)
            return 0;
        if (!await FillAsync(1, cancellationToken).ConfigureAwait(false))
            throw Damaged("it ends within a file");
        var count = (int)Math.Min(Math.Min(_left, buffer.Length), _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        _left -= count;
        return count;
    }

    /// <summary>A tar that is no tar.</summary>
    public static InvalidDataException Damaged(string why) => new($"The layer's tar is damaged: {why}.");

    private static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    private async ValueTask<TarHeader> EntryAsync(
        RawHeader raw, Dictionary<string, string> records, string? longName, string? longLink, CancellationToken cancellationToken)
    {
        var isSparse = raw.Type == 'S' || records.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal));
        var stored = records.TryGetValue("size", out var text) ? Number(text) : raw.Size;
        var name = longName ?? records.GetValueOrDefault("GNU.sparse.name") ?? records.GetValueOrDefault("path") ?? raw.Name;
        // v7 has no letter for directories.
        var type = raw.Type == '\0' && name.EndsWith('/') ? '5' : raw.Type;
        var more = raw.Type == 'S' && raw.IsExtended;
        while (more)
        {
            // Where the holes are, if four do not tell (GNU tar, "Old GNU Format"): 21 more in each block.
            var block = await ReadBlockAsync(cancellationToken).ConfigureAwait(false) ?? throw Damaged("it ends within a header");
            more = block.Span[504] != 0;
        }

        // Links, devices, directories and pipes have no content, whatever their size says.
        Expect(type is >= '1' and <= '6' ? 0 : stored);
        var size = (records.GetValueOrDefault("GNU.sparse.realsize") ?? records.GetValueOrDefault("GNU.sparse.size")) is { } real ? Number(real)
            : raw.Type == 'S' ? raw.RealSize
            : stored;
        return new TarHeader(
            type,
            name,
            longLink ?? records.GetValueOrDefault("linkpath") ?? raw.LinkName,
            raw.Mode,
            records.TryGetValue("uid", out var user) ? Id(Number(user)) : Id(raw.UserId),
            records.TryGetValue("gid", out var group) ? Id(Number(group)) : Id(raw.GroupId),
            size,
            isSparse);
    }

    private static int Id(long value) =>
        value is >= int.MinValue and <= uint.MaxValue ? unchecked((int)value) : throw Damaged($"an owner has the number {value}");

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Damaged("a record's number is none");

    private void Expect(long size)
    {
        if (size is < 0 or > LargestFile)
            throw Damaged("a size is none");
        _left = size;
        _padding = (int)(-size & (BlockSize - 1));
    }

    private async ValueTask<ReadOnlyMemory<byte>> RecordAsync(RawHeader raw, CancellationToken cancellationToken)
    {
        if (raw.Size > LargestRecord)
            throw Damaged("a header is too long");
        Expect(raw.Size);
        var content = new byte[_left];
        for (var filled = 0; filled < content.Length;)
            filled += await ReadAsync(content.AsMemory(filled), cancellationToken).ConfigureAwait(false);
        return content;
    }

    private static string UpToNul(ReadOnlyMemory<byte> bytes) => RawHeader.Text(bytes.Span);

    // "LENGTH KEY=VALUE\n", the length in decimal and counting itself (POSIX, pax, "pax Extended Header"). Of two records for one
    // key the later counts; an empty one takes it back.
    private static Dictionary<string, string> Merged(Dictionary<string, string> before, ReadOnlySpan<byte> content)
    {
        var records = new Dictionary<string, string>(before, StringComparer.Ordinal);
        while (!content.IsEmpty)
        {
            var space = content.IndexOf((byte)' ');
            if (space < 0 || !int.TryParse(content[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > content.Length || content[length - 1] != '\n'
                || content[(space + 1)..length].IndexOf((byte)'=') is not (> 0 and var equals))
                throw Damaged("a PAX record is none");
            var key = Encoding.UTF8.GetString(content.Slice(space + 1, equals));
            var value = content[(space + 1 + equals + 1)..(length - 1)];
            // Extended attributes and the like may be long, and nobody asks for them.
            if (value.IsEmpty)
                records.Remove(key);
            else if (key is "path" or "linkpath" or "size" or "uid" or "gid" || key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                records[key] = Encoding.UTF8.GetString(value);
            content = content[length..];
        }

        return records;
    }

    private async ValueTask SkipContentAsync(CancellationToken cancellationToken)
    {
        var skip = _left + _padding;
        _left = _padding = 0;
        while (skip > 0)
        {
            if (!await FillAsync(1, cancellationToken).ConfigureAwait(false))
                throw Damaged("it ends within a file");
            var count = (int)Math.Min(skip, _end - _start);
            _start += count;
            skip -= count;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadBlockAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(BlockSize, cancellationToken).ConfigureAwait(false))
            return _start == _end ? null : throw Damaged("it ends within a header");
        var block = _buffer.AsMemory(_start, BlockSize);
        _start += BlockSize;
        return block;
    }

    // Whether so many bytes are at hand, after reading on where they were not.
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        if (_end - _start >= count)
            return true;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < count)
        {
            var read = await _tar.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    /// <summary>The 512 bytes of a header, which is the same in all forms but for a few fields at its end.</summary>
    private readonly struct RawHeader
    {
        public RawHeader(ReadOnlySpan<byte> block)
        {
            CheckSum(block);
            Type = (char)block[156];
            Mode = unchecked((int)Numeric(block[100..108]));
            UserId = Numeric(block[108..116]);
            GroupId = Numeric(block[116..124]);
            Size = Numeric(block[124..136]);
            LinkName = Text(block[157..257]);
            Name = Text(block[..100]);
            if (block[257..263].SequenceEqual("ustar\0"u8))
            {
                // star has times at the end of what is the prefix in ustar.
                var prefix = Text(block[508..512].SequenceEqual("tar\0"u8) ? block[345..476] : block[345..500]);
                if (prefix.Length > 0)
                    Name = $"{prefix}/{Name}";
            }

            if (Type == 'S')
            {
                IsExtended = block[482] != 0;
                RealSize = Numeric(block[483..495]);
            }
        }

        public char Type { get; }

        public string Name { get; }

        public string LinkName { get; }

        public int Mode { get; }

        public long UserId { get; }

        public long GroupId { get; }

        public long Size { get; }

        public bool IsExtended { get; }

        public long RealSize { get; }

        public static string Text(ReadOnlySpan<byte> field) =>
            Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

        // The sum of all bytes, those of the sum itself taken for spaces. Old tars took bytes for signed.
        private static void CheckSum(ReadOnlySpan<byte> block)
        {
            var (unsigned, signed) = (8L * ' ', 8L * ' ');
            for (var i = 0; i < BlockSize; i++)
            {
                if (i is >= 148 and < 156)
                    continue;
                unsigned += block[i];
                signed += (sbyte)block[i];
            }

            var expected = Numeric(block[148..156]);
            if (expected != unsigned && expected != signed)
                throw Damaged("a header's checksum is wrong");
        }

        // Octal digits, between spaces and zeros; or, with the first bit set, a binary number in two's complement (GNU).
        private static long Numeric(ReadOnlySpan<byte> field)
        {
            if ((field[0] & 0x80) != 0)
            {
                Span<byte> bytes = stackalloc byte[field.Length];
                field.CopyTo(bytes);
                // The first bit says that it is binary, the second whether it is negative.
                var negative = (bytes[0] & 0x40) != 0;
                bytes[0] = negative ? bytes[0] : (byte)(bytes[0] & 0x7f);
                if (bytes.Length > 8 && bytes[..^8].ContainsAnyExcept(negative ? (byte)0xff : (byte)0))
                    throw Damaged("a number is too large");
                var value = BinaryPrimitives.ReadInt64BigEndian(bytes[^8..]);
                return value < 0 == negative ? value : throw Damaged("a number is too large");
            }

            long result = 0;
            var digits = field.Trim(" \0"u8);
            if (digits.IndexOf((byte)0) is >= 0 and var end)
                digits = digits[..end];
            foreach (var digit in digits)
            {
                if (digit is < (byte)'0' or > (byte)'7')
                    throw Damaged("a number is none");
                result = result * 8 + (digit - '0');
            }

            return result;
        }
    }
}
