using System.Buffers.Binary;
using System.Text;

namespace Containerize.Fuzz.Worst;

/// <summary>Tars that are made to fill memory or to take time, piece by piece; the more pieces, the worse.</summary>
internal static class Floods
{
    // A little less than what one header may have.
    private const int LargeHeader = 1_000_000;

    private const int LongPath = 4090;

    /// <summary>
    /// Headers before one entry, each with records under keys that no other has, of which readers know what they begin with.
    /// </summary>
    public static IEnumerable<byte[]> PaxHeaders(int headers)
    {
        var key = 0;
        for (var header = 0; header < headers; header++)
        {
            var records = new StringBuilder();
            while (records.Length < LargeHeader - 50)
                records.Append(TarBytes.Record($"GNU.sparse.{key++}", "v"));
            yield return TarBytes.Entry('x', "x", Encoding.ASCII.GetBytes(records.ToString()));
        }

        yield return TarBytes.Entry('0', "file");
    }

    /// <summary>Empty headers before one entry.</summary>
    public static IEnumerable<byte[]> EmptyHeaders(int headers)
    {
        for (var header = 0; header < headers; header++)
            yield return TarBytes.Entry("xgLK"[header % 4], "x");
        yield return TarBytes.Entry('0', "file");
    }

    /// <summary>Entries with as many of the smallest records each as may be had for ever.</summary>
    public static IEnumerable<byte[]> SmallRecords(int entries)
    {
        var header = TarBytes.Entry('x', "x", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("6 a=b\n", 597))));
        var file = TarBytes.Entry('0', "file");
        for (var entry = 0; entry < entries; entry++)
        {
            yield return header;
            yield return file;
        }
    }

    /// <summary>Entries with a large header each, that says nothing in the end.</summary>
    public static IEnumerable<byte[]> LargeNames(int entries)
    {
        var name = new byte[LargeHeader];
        name.AsSpan().Fill((byte)'n');
        var (large, small, file) = (TarBytes.Entry('L', "L", name), TarBytes.Entry('L', "L", "file\0"u8), TarBytes.Entry('0', "file"));
        for (var entry = 0; entry < entries; entry++)
        {
            yield return large;
            yield return small;
            yield return file;
        }
    }

    /// <summary>A file with holes, and blocks that say where they are, without end.</summary>
    public static IEnumerable<byte[]> Holes(int blocks)
    {
        yield return TarBytes.Entry('S', "file", change: header => header[482] = 1);
        var block = new byte[512];
        block[504] = 1;
        for (var at = 0; at < blocks; at++)
            yield return block;
    }

    /// <summary>Empty files, each with a name of its own.</summary>
    public static IEnumerable<byte[]> Files(int entries) =>
        Enumerable.Range(0, entries).Select(entry => TarBytes.Entry('0', $"{entry:x6}"));

    /// <summary>One empty file again and again.</summary>
    public static IEnumerable<byte[]> SameFile(int entries) => Enumerable.Repeat(TarBytes.Entry('0', "file"), entries);

    /// <summary>Entries that no reader keeps.</summary>
    public static IEnumerable<byte[]> Unknown(int entries) => Enumerable.Repeat(TarBytes.Entry('Z', "file"), entries);

    /// <summary>Directories, each with a name of its own.</summary>
    public static IEnumerable<byte[]> Directories(int entries) =>
        Enumerable.Range(0, entries).Select(entry => TarBytes.Entry('5', $"{entry:x6}"));

    /// <summary>Paths as long as they may be, each another one.</summary>
    public static IEnumerable<byte[]> LongPaths(int entries) => Paths(entries, entry => $"{entry:x6}" + new string('p', LongPath - 6));

    /// <summary>Links with targets as long as they may be.</summary>
    public static IEnumerable<byte[]> LongTargets(int entries)
    {
        for (var entry = 0; entry < entries; entry++)
        {
            yield return TarBytes.Pax(("linkpath", $"{entry:x6}" + new string('t', LongPath - 6)));
            yield return TarBytes.Entry('2', $"{entry:x6}");
        }
    }

    /// <summary>Directories in directories, two thousand deep, each path another one from its start.</summary>
    public static IEnumerable<byte[]> DeepPaths(int entries) =>
        Paths(entries, entry => $"{entry:x6}" + string.Concat(Enumerable.Repeat("/a", (LongPath - 6) / 2)));

    /// <summary>Whiteouts in directories that no layer has, two thousand deep.</summary>
    public static IEnumerable<byte[]> DeepWhiteouts(int entries) =>
        Paths(entries, entry => $"{entry:x6}" + string.Concat(Enumerable.Repeat("/a", (LongPath - 20) / 2)) + "/.wh.x");

    /// <summary>Hard links through links that lead a long way down and up again, each through the one before.</summary>
    public static IEnumerable<byte[]> LinksThroughLinks(int entries)
    {
        var down = string.Concat(Enumerable.Repeat("d/", 800));
        var up = string.Concat(Enumerable.Repeat("../", 800));
        yield return TarBytes.Entry('0', "file");
        yield return TarBytes.Pax(("path", down + "d"));
        yield return TarBytes.Entry('5', "d");
        yield return TarBytes.Pax(("linkpath", down + up + "."));
        yield return TarBytes.Entry('2', "l0");
        for (var link = 1; link < 39; link++)
        {
            yield return TarBytes.Pax(("linkpath", $"l{link - 1}/{down}{up}."));
            yield return TarBytes.Entry('2', $"l{link}");
        }

        for (var entry = 0; entry < entries; entry++)
            yield return TarBytes.Entry('1', $"{entry:x6}", link: "l38/file");
    }

    /// <summary>Paths all of whose parts are a link to where it lies.</summary>
    public static IEnumerable<byte[]> PathsOfLinks(int entries)
    {
        yield return TarBytes.Entry('2', "l", link: ".");
        foreach (var bytes in Paths(entries, entry => string.Concat(Enumerable.Repeat("l/", (LongPath - 8) / 2)) + $"{entry:x6}"))
            yield return bytes;
    }

    /// <summary>A path of links, in a chain of forty each of which leads a long way round.</summary>
    public static IEnumerable<byte[]> PathsOfLongLinks(int entries)
    {
        var round = string.Concat(Enumerable.Repeat("./d/../", 500));
        yield return TarBytes.Entry('5', "d");
        yield return TarBytes.Pax(("linkpath", round + "."));
        yield return TarBytes.Entry('2', "l0");
        for (var link = 1; link < 39; link++)
        {
            yield return TarBytes.Pax(("linkpath", $"l{link - 1}/{round}."));
            yield return TarBytes.Entry('2', $"l{link}");
        }

        foreach (var bytes in Paths(entries, entry => string.Concat(Enumerable.Repeat("l38/", 1000)) + $"{entry:x6}"))
            yield return bytes;
    }

    /// <summary>Libraries whose symbol versions have names without an end.</summary>
    public static IEnumerable<byte[]> Libraries(int entries, int size)
    {
        var library = ElfBytes.WithVersions(size);
        for (var entry = 0; entry < entries; entry++)
            yield return TarBytes.Entry('0', $"{entry}/libc.so.6", library);
    }

    /// <summary>A file of zeros, of which the header says that it is larger than any disk.</summary>
    public static IEnumerable<byte[]> Zeros(int mebibytes)
    {
        yield return TarBytes.Entry('0', "zeros", size: 1L << 50);
        var zeros = new byte[1 << 20];
        for (var at = 0; at < mebibytes; at++)
            yield return zeros;
    }

    private static IEnumerable<byte[]> Paths(int entries, Func<int, string> path)
    {
        for (var entry = 0; entry < entries; entry++)
        {
            yield return TarBytes.Pax(("path", path(entry)));
            yield return TarBytes.Entry('0', "file");
        }
    }
}

/// <summary>ELF files that are made to take memory or time.</summary>
internal static class ElfBytes
{
    private const int Header = 64, ProgramHeader = 56, Dynamic = Header + (2 * ProgramHeader), Tag = 16;
    private const int Definitions = 1000, Definition = 28;

    /// <summary>A library that defines a thousand versions, whose names no zero ends.</summary>
    public static byte[] WithVersions(int size)
    {
        var definitions = Dynamic + (4 * Tag);
        var names = definitions + (Definitions * Definition);
        var elf = Filled(size, 4, names);
        Put(elf, 0, 5, names);
        Put(elf, 1, 10, size - names);
        Put(elf, 2, 0x6ffffffc, definitions);
        for (var i = 0; i < Definitions; i++)
        {
            var at = elf.AsSpan(definitions + (i * Definition), Definition);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], 20);
            BinaryPrimitives.WriteInt32LittleEndian(at[16..], Definition);
            BinaryPrimitives.WriteInt32LittleEndian(at[20..], i);
        }

        return elf;
    }

    /// <summary>A library that needs as many others as the dynamic section has room for, with names as long as they may be.</summary>
    public static byte[] WithNeeds(int needs)
    {
        var names = Dynamic + ((needs + 2) * Tag);
        var elf = Filled(names + 4096, needs + 2, names);
        elf[^1] = 0;
        Put(elf, 0, 5, names);
        for (var i = 1; i <= needs; i++)
            Put(elf, i, 1, 1);
        return elf;
    }

    private static byte[] Filled(int size, int tags, int names)
    {
        var elf = new byte[size];
        elf.AsSpan(names).Fill((byte)'n');
        byte[] ident = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        ident.CopyTo(elf, 0);
        BinaryPrimitives.WriteInt16LittleEndian(elf.AsSpan(16), 3);
        BinaryPrimitives.WriteInt16LittleEndian(elf.AsSpan(18), 62);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(32), Header);
        BinaryPrimitives.WriteInt16LittleEndian(elf.AsSpan(54), ProgramHeader);
        BinaryPrimitives.WriteInt16LittleEndian(elf.AsSpan(56), 2);
        Segment(elf.AsSpan(Header), 1, 0, size);
        Segment(elf.AsSpan(Header + ProgramHeader), 2, Dynamic, tags * Tag);
        return elf;
    }

    private static void Segment(Span<byte> at, int type, long offset, long size)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, type);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(at[32..], size);
    }

    private static void Put(byte[] elf, int index, long tag, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(Dynamic + (index * Tag)), tag);
        BinaryPrimitives.WriteInt64LittleEndian(elf.AsSpan(Dynamic + (index * Tag) + 8), value);
    }
}
