using System.Buffers.Binary;
using System.Text;

namespace Containerize.Files;

/// <summary>Reads from an ELF file which versions of symbols it defines (Linux Standard Base, "Symbol Versioning").</summary>
internal static class SymbolVersionReader
{
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;

    private const long StringTable = 5;
    private const long StringTableSize = 10;
    private const long Definitions = 0x6ffffffc;

    // Of a definition that names the file itself, not a version.
    private const int BaseFlag = 1;

    // glibc has 40 of both.
    private const int MostVersions = 1000;
    private const int MaxTagsProbed = 1000;
    private const int LongestName = 200;

    /// <summary>The versions, in the file's order; none where the file is damaged, or no ELF, or has none.</summary>
    public static IReadOnlyList<string> Defined(ReadOnlySpan<byte> file)
    {
        try
        {
            return file.Length > 20 && file is [0x7f, (byte)'E', (byte)'L', (byte)'F', 1 or 2, 1 or 2, ..] ? Read(new Elf(file)) : [];
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            return []; // An offset leads out of the file.
        }
    }

    private static List<string> Read(Elf elf)
    {
        var (strings, stringsSize, definitions) = (0L, 0L, 0L);
        foreach (var (tag, value) in elf.Dynamic())
        {
            if (tag == StringTable)
                strings = value;
            else if (tag == StringTableSize)
                stringsSize = value;
            else if (tag == Definitions)
                definitions = value;
        }

        var versions = new List<string>();
        if (definitions == 0 || strings == 0)
            return versions;
        var names = elf.At(elf.OffsetOf(strings), stringsSize);
        var at = elf.OffsetOf(definitions);
        for (var i = 0; i < MostVersions; i++)
        {
            // Elf32_Verdef and Elf64_Verdef are the same, and so are their Verdaux.
            var flags = elf.Half(at + 2);
            var name = elf.Word(at + elf.Word(at + 12));
            var next = elf.Word(at + 16);
            if ((flags & BaseFlag) == 0 && NameAt(names, name) is { } version)
                versions.Add(version);
            if (next == 0)
                break;
            at += next;
        }

        return versions;
    }

    private static string? NameAt(ReadOnlySpan<byte> names, long offset)
    {
        var name = names[checked((int)offset)..];
        // No further: without a zero, each of a thousand names would be looked for in the whole file.
        return name[..Math.Min(name.Length, LongestName)].IndexOf((byte)0) is > 0 and var end ? Encoding.UTF8.GetString(name[..end]) : null;
    }

    /// <summary>A file's bytes, read in its own size and order. What lies outside of it throws.</summary>
    private readonly ref struct Elf(ReadOnlySpan<byte> file)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private readonly bool _is64 = file[4] == 2;
        private readonly bool _isBigEndian = file[5] == 2;

        public ReadOnlySpan<byte> At(long offset, long length) => _file.Slice(checked((int)offset), checked((int)length));

        public int Half(long offset)
        {
            var bytes = At(offset, 2);
            return _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        }

        public long Word(long offset)
        {
            var bytes = At(offset, 4);
            return _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }

        /// <summary>A number as wide as an address.</summary>
        public long Address(long offset)
        {
            if (!_is64)
                return Word(offset);
            var bytes = At(offset, 8);
            return _isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        }

        /// <summary>Tags and values of the dynamic section, which is what the loader goes by; sections may be stripped.</summary>
        public List<(long Tag, long Value)> Dynamic()
        {
            var found = new List<(long, long)>();
            var at = Segments().Find(segment => segment.Type == DynamicSegment).Offset;
            var width = _is64 ? 8 : 4;
            // Ended by a tag of 0.
            while (at > 0 && found.Count < MaxTagsProbed && Address(at) is not 0 and var tag)
            {
                found.Add((tag, Address(at + width)));
                at += 2 * width;
            }

            return found;
        }

        /// <summary>Where in the file an address of the loaded program lies.</summary>
        public long OffsetOf(long address)
        {
            foreach (var (type, offset, start, size) in Segments())
            {
                if (type == LoadSegment && address >= start && address - start < size)
                    return checked(offset + (address - start));
            }

            throw new ArgumentOutOfRangeException(nameof(address));
        }

        private List<(long Type, long Offset, long Address, long Size)> Segments()
        {
            var segments = new List<(long, long, long, long)>();
            var at = Address(_is64 ? 32 : 28);
            var size = Half(_is64 ? 54 : 42);
            for (var left = Half(_is64 ? 56 : 44); left > 0; left--, at += size)
                segments.Add(
                    _is64
                        ? (Word(at), Address(at + 8), Address(at + 16), Address(at + 32))
                        : (Word(at), Word(at + 4), Word(at + 8), Word(at + 16)));
            return segments;
        }
    }
}
