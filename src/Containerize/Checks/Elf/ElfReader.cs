using System.Buffers.Binary;
using System.Text;

namespace Containerize.Checks.Elf;

/// <summary>
/// Reads what a loader reads: the header, the program headers and the dynamic section. Section headers are not used; stripped
/// files have none. Nothing in the file is trusted: an offset that leads nowhere is as good as nothing there.
/// </summary>
internal sealed class ElfReader
{
    // Program headers.
    private const uint SegmentLoad = 1, SegmentDynamic = 2, SegmentInterpreter = 3;

    // Tags of the dynamic section; the last three are GNU's (LSB, "Symbol Versioning").
    private const ulong Needed = 1, StringTable = 5, SoName = 14, RPath = 15, RunPath = 29, Flags1 = 0x6ffffffb,
        VersionNeed = 0x6ffffffe, VersionNeedCount = 0x6fffffff;
    private const ulong PieFlag = 0x08000000;
    private const ushort WeakFlag = 2;

    // More than any real file has; what claims more is damaged.
    private const int LongestTable = 1024 * 1024;
    private const int LongestText = 4096;
    private const int MostVersions = 4096;
    private const int MostNeeded = 4096;

    private readonly Stream _file;
    private readonly long _length;
    private readonly bool _is64;
    private readonly bool _isBigEndian;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> _loaded = [];
    private (ulong Offset, ulong Size)? _dynamic;
    private long _texts = -1;

    private ElfReader(Stream file, bool is64, bool isBigEndian)
    {
        _file = file;
        _length = file.Length;
        _is64 = is64;
        _isBigEndian = isBigEndian;
    }

    private int Word => _is64 ? 8 : 4;

    public static ElfFile? Read(Stream file)
    {
        var start = Start(file);
        if (Of(file, start) is not { } reader)
            return null;
        var headers = reader.ReadHeaders(start);
        return reader._dynamic is { } section ? reader.WithDynamic(headers, reader.Bytes(section.Offset, section.Size)) : headers;
    }

    /// <summary>The same answer as <see cref="ElfFile.IsProgram"/>'s, with no more read than it takes.</summary>
    public static bool IsProgram(Stream file)
    {
        var start = Start(file);
        if (Of(file, start) is not { } reader)
            return false;
        return reader.ReadHeaders(start).IsProgram
            || (reader._dynamic is { } section && reader.IsPie(reader.Bytes(section.Offset, section.Size)));
    }

    private static byte[] Start(Stream file)
    {
        var start = new byte[64];
        file.Position = 0;
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static ElfReader? Of(Stream file, byte[] start)
    {
        if (start.Length < 52 || !start.AsSpan().StartsWith("\u007fELF"u8) || start[4] is not (1 or 2) || start[5] is not (1 or 2))
            return null;
        var is64 = start[4] == 2;
        return is64 && start.Length < 64 ? null : new ElfReader(file, is64, start[5] == 2);
    }

    private ElfFile ReadHeaders(ReadOnlySpan<byte> start)
    {
        var file = new ElfFile
        {
            Type = U16(start[16..]) is >= 1 and <= 4 and var type ? (ElfType)type : ElfType.Other,
            Machine = U16(start[18..]),
            Is64 = _is64,
            IsBigEndian = _isBigEndian,
        };
        int size = U16(start[(_is64 ? 54 : 42)..]);
        int count = U16(start[(_is64 ? 56 : 44)..]);
        if (size < (_is64 ? 56 : 32))
            return file;

        // Usually just behind the header; patchelf moves them to the end of the file.
        var headers = Bytes(Number(start[(_is64 ? 32 : 28)..]), (ulong)size * (ulong)count);
        for (var at = 0; at <= headers.Length - size; at += size)
        {
            var header = headers.AsSpan(at, size);
            var (offset, length) = (Number(header[(_is64 ? 8 : 4)..]), Number(header[(_is64 ? 32 : 16)..]));
            switch (U32(header))
            {
                case SegmentLoad:
                    _loaded.Add((Number(header[(_is64 ? 16 : 8)..]), offset, length));
                    break;
                case SegmentDynamic:
                    _dynamic = (offset, length);
                    break;
                case SegmentInterpreter:
                    file = file with { Interpreter = TextAt(offset) ?? "" };
                    break;
            }
        }

        return file;
    }

    private bool IsPie(ReadOnlySpan<byte> section)
    {
        for (var at = 0; at + (2 * Word) <= section.Length && Number(section[at..]) is > 0 and var tag; at += 2 * Word)
        {
            if (tag == Flags1)
                return (Number(section[(at + Word)..]) & PieFlag) > 0;
        }

        return false;
    }

    private ElfFile WithDynamic(ElfFile file, byte[] section)
    {
        var entries = new List<Tagged>();
        for (var at = 0; at + (2 * Word) <= section.Length; at += 2 * Word)
        {
            var tag = Number(section.AsSpan(at));
            if (tag == 0)
                break;
            entries.Add(new Tagged(tag, Number(section.AsSpan(at + Word))));
        }

        ulong? First(ulong tag)
        {
            foreach (var entry in entries)
            {
                if (entry.Tag == tag)
                    return entry.Value;
            }

            return null;
        }

        string? FirstText(ulong tag) => First(tag) is { } value ? Text(value) : null;

        _texts = First(StringTable) is { } table && OffsetOf(table) is { } offset ? offset : -1;
        return file with
        {
            IsPie = IsPie(section),
            Needed = [.. entries.Where(entry => entry.Tag == Needed).Take(MostNeeded).Select(entry => Text(entry.Value)).OfType<string>()],
            SoName = FirstText(SoName),
            RPath = FirstText(RPath),
            RunPath = FirstText(RunPath),
            VersionNeeds = First(VersionNeed) is { } needs && OffsetOf(needs) is { } start ? Versions(start, First(VersionNeedCount) ?? 0)
                : [],
        };
    }

    // LSB, "Symbol Versioning": one chain of libraries, each with a chain of versions; the offsets are relative.
    private List<VersionNeed> Versions(long start, ulong count)
    {
        var needs = new List<VersionNeed>();
        var read = 0;
        for (var (at, left) = (start, count); left > 0 && read < MostVersions; left--)
        {
            var library = Bytes((ulong)at, 16);
            if (library.Length < 16)
                break;
            var versions = new List<string>();
            long next = at + U32(library.AsSpan(8));
            for (int more = U16(library.AsSpan(2)); more > 0 && read < MostVersions; more--, read++)
            {
                var version = Bytes((ulong)next, 16);
                if (version.Length < 16)
                    break;
                // What is only wanted if it is there (weak) is no need.
                if ((U16(version.AsSpan(4)) & WeakFlag) == 0 && Text(U32(version.AsSpan(8))) is { } name)
                    versions.Add(name);
                if (U32(version.AsSpan(12)) is 0)
                    break;
                next += U32(version.AsSpan(12));
            }

            if (versions.Count > 0 && Text(U32(library.AsSpan(4))) is { } file)
                needs.Add(new VersionNeed(file, versions));
            read++;
            if (U32(library.AsSpan(12)) is 0)
                break;
            at += U32(library.AsSpan(12));
        }

        return needs;
    }

    private string? Text(ulong index) => _texts < 0 ? null : TextAt((ulong)_texts + index);

    private string? TextAt(ulong offset)
    {
        var bytes = Bytes(offset, LongestText);
        var end = bytes.AsSpan().IndexOf((byte)0);
        return end < 0 ? null : Encoding.UTF8.GetString(bytes, 0, end);
    }

    // Addresses of the dynamic section are those of the loaded program.
    private long? OffsetOf(ulong address)
    {
        foreach (var (start, offset, size) in _loaded)
        {
            if (address >= start && address - start < size)
                return (long)(offset + (address - start));
        }

        return null;
    }

    // As much of it as there is.
    private byte[] Bytes(ulong offset, ulong length)
    {
        if (offset >= (ulong)_length)
            return [];
        var bytes = new byte[Math.Min(Math.Min(length, LongestTable), (ulong)_length - offset)];
        _file.Position = (long)offset;
        return bytes[.._file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    private ushort U16(ReadOnlySpan<byte> at) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

    private uint U32(ReadOnlySpan<byte> at) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    private ulong Number(ReadOnlySpan<byte> at) => !_is64 ? U32(at)
        : _isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(at) : BinaryPrimitives.ReadUInt64LittleEndian(at);

    // An entry of the dynamic section (System V ABI, "Dynamic Section").
    private readonly record struct Tagged(ulong Tag, ulong Value);
}
