using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Containerize.Files;

/// <summary>A header of a tar, with what the headers before it say of it.</summary>
/// <param name="Type">
/// The type's letter: <c>0</c> for a file, <c>5</c> for a directory, as POSIX lists them (ustar, pax, "typeflag").
/// </param>
/// <param name="Name">As it stands there.</param>
/// <param name="LinkName">The target, as it stands there.</param>
/// <param name="Mode">As it stands there.</param>
/// <param name="UserId">The numeric owner, as the 32 bits that it has.</param>
/// <param name="GroupId">The numeric group, as the 32 bits that it has.</param>
/// <param name="Size">The size of the file; not that of the bytes that follow, where it is <paramref name="IsSparse"/>.</param>
/// <param name="IsSparse">Whether the bytes that follow are not the file's content as it is.</param>
/// <param name="Offset">Where in the tar what follows begins.</param>
internal sealed record TarHeader(
    char Type, string Name, string LinkName, int Mode, int UserId, int GroupId, long Size, bool IsSparse, long Offset)
{
    /// <summary>A file, by any of its three letters; <c>S</c> is GNU's for one with holes.</summary>
    public bool IsFile => Type is '0' or '\0' or '7' or 'S';
}

/// <summary>
/// Reads tars of other programs: the headers one after the other, and the content of those that are asked for. All
/// forms that layers come in: v7, ustar, star, PAX, GNU with long names, large numbers and holes. What Go's <c>archive/tar</c>
/// makes of a tar is what engines make of it, so odd ones are read as it reads them.
/// </summary>
internal sealed class TarInput
{
    private const int BlockSize = 512;

    private const long LargestFile = 1L << 60;

    private const string DamagePrefix = "The layer's tar is damaged: ";

    private readonly Stream _tar;
    private readonly int _mostEntries;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private byte[] _record = [];
    private int _start;
    private int _end;
    private long _offset;
    private long _left;
    private int _padding;
    private int _entries;
    private long _headersOfEntry;
    private long _headersOfTar;

    /// <summary>Reads from a stream, and no further than the tar's end.</summary>
    /// <param name="tar">The stream. Where it can seek, content is read on request only.</param>
    /// <param name="mostEntries">How many entries there may be.</param>
    public TarInput(Stream tar, int mostEntries) => (_tar, _mostEntries) = (tar, mostEntries);

    /// <summary>The next header, whatever is left of the last one's content; null at the end.</summary>
    /// <exception cref="InvalidDataException">The tar is damaged.</exception>
    public async ValueTask<TarHeader?> NextAsync(CancellationToken cancellationToken)
    {
        string? longName = null;
        string? longLink = null;
        PaxRecords? records = null;
        _headersOfEntry = 0;
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
                    longName = RawHeader.Text((await RecordAsync(raw, cancellationToken).ConfigureAwait(false)).Span);
                    break;
                case 'K':
                    longLink = RawHeader.Text((await RecordAsync(raw, cancellationToken).ConfigureAwait(false)).Span);
                    break;
                case 'x':
                    (records ??= new PaxRecords()).Add((await RecordAsync(raw, cancellationToken).ConfigureAwait(false)).Span);
                    break;
                case 'g':
                    // Engines ignore global headers. Git keeps the commit there.
                    await RecordAsync(raw, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    if (++_entries > _mostEntries)
                        throw Damaged($"it has more than {_mostEntries} entries");
                    return await EntryAsync(raw, records ?? PaxRecords.None, longName, longLink, cancellationToken).ConfigureAwait(false);
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
        Advance(count);
        _left -= count;
        return count;
    }

    /// <summary>A tar that is no tar.</summary>
    public static InvalidDataException Damaged(string why) => new($"{DamagePrefix}{why}.");

    /// <summary>What is wrong with a tar, without saying that it is a layer's.</summary>
    public static string ReasonOf(InvalidDataException damage) =>
        (damage.Message.StartsWith(DamagePrefix, StringComparison.Ordinal) ? damage.Message[DamagePrefix.Length..] : damage.Message)
            .TrimEnd('.');

    private static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    private async ValueTask<TarHeader> EntryAsync(
        RawHeader raw, PaxRecords records, string? longName, string? longLink, CancellationToken cancellationToken)
    {
        var stored = records.Find(PaxRecords.Size) is { } text ? Number(text) : raw.Size;
        var name = longName ?? records.Find(PaxRecords.SparseName) ?? records.Find(PaxRecords.Path) ?? raw.Name;
        // v7 has no letter for directories.
        var type = raw.Type == '\0' && name.EndsWith('/') ? '5' : raw.Type;
        var more = raw.Type == 'S' && raw.IsExtended;
        while (more)
        {
            // Where the holes are, if four do not tell (GNU tar, "Old GNU Format"): 21 more in each block.
            CountHeader(BlockSize);
            var block = await ReadBlockAsync(cancellationToken).ConfigureAwait(false) ?? throw Damaged("it ends within a header");
            more = block.Span[504] != 0;
        }

        // Links, devices, directories and pipes have no content, whatever their size says.
        Expect(type is >= '1' and <= '6' ? 0 : stored);
        var size = (records.Find(PaxRecords.SparseRealSize) ?? records.Find(PaxRecords.SparseSize)) is { } real ? Number(real)
            : raw.Type == 'S' ? raw.RealSize
            : stored;
        return new TarHeader(
            type,
            name,
            longLink ?? records.Find(PaxRecords.LinkPath) ?? raw.LinkName,
            raw.Mode,
            records.Find(PaxRecords.UserId) is { } user ? Id(Number(user)) : Id(raw.UserId),
            records.Find(PaxRecords.GroupId) is { } group ? Id(Number(group)) : Id(raw.GroupId),
            size,
            raw.Type == 'S' || records.IsSparse,
            _offset);
    }

    private static int Id(long value) =>
        value is >= int.MinValue and <= uint.MaxValue ? unchecked((int)value) : throw Damaged($"an owner has the number {value}");

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Damaged("a record's number is none");

    private void Expect(long size)
    {
        if (size is < 0 or > LargestFile)
            throw Damaged("a size is none");
        _left = size;
        _padding = (int)(-size & (BlockSize - 1));
    }

    // What says more of an entry. Its bytes are in one buffer, which the next one uses, too.
    private async ValueTask<ReadOnlyMemory<byte>> RecordAsync(RawHeader raw, CancellationToken cancellationToken)
    {
        Expect(raw.Size);
        if (raw.Size > Limits.HeaderBytes)
            throw Damaged($"a header has more than {Limits.HeaderBytes} bytes");
        CountHeader(BlockSize + _left + _padding);
        var length = (int)_left;
        if (_record.Length < length)
            _record = new byte[Math.Max(length, Math.Min(2 * _record.Length, Limits.HeaderBytes))];
        for (var filled = 0; filled < length;)
            filled += await ReadAsync(_record.AsMemory(filled, length - filled), cancellationToken).ConfigureAwait(false);
        return _record.AsMemory(0, length);
    }

    private void CountHeader(long bytes)
    {
        _headersOfEntry += bytes;
        _headersOfTar += bytes;
        if (_headersOfEntry > Limits.HeaderBytesOfEntry)
            throw Damaged($"the headers of one entry have more than {Limits.HeaderBytesOfEntry} bytes");
        if (_headersOfTar > Limits.HeaderBytesOfTar + (_entries * Limits.HeaderBytesForEntry))
            throw Damaged(
                $"its headers have more than {Limits.HeaderBytesForEntry} bytes for each entry, beyond {Limits.HeaderBytesOfTar}");
    }

    private async ValueTask SkipContentAsync(CancellationToken cancellationToken)
    {
        var skip = _left + _padding;
        _left = _padding = 0;
        while (skip > 0)
        {
            if (_start == _end && skip > _buffer.Length && _tar.CanSeek)
            {
                if (skip > _tar.Length - _tar.Position)
                    throw Damaged("it ends within a file");
                _tar.Position += skip;
                _offset += skip;
                return;
            }

            if (!await FillAsync(1, cancellationToken).ConfigureAwait(false))
                throw Damaged("it ends within a file");
            var count = (int)Math.Min(skip, _end - _start);
            Advance(count);
            skip -= count;
        }
    }

    private void Advance(int count)
    {
        _start += count;
        _offset += count;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadBlockAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(BlockSize, cancellationToken).ConfigureAwait(false))
            return _start == _end ? null : throw Damaged("it ends within a header");
        var block = _buffer.AsMemory(_start, BlockSize);
        Advance(BlockSize);
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
            foreach (var value in block[..148])
                (unsigned, signed) = (unsigned + value, signed + (sbyte)value);
            foreach (var value in block[156..])
                (unsigned, signed) = (unsigned + value, signed + (sbyte)value);

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
