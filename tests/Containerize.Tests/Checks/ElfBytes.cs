using System.Text;

namespace Containerize.Tests.Checks;

/// <summary>
/// A minimal ELF file, as a linker would lay it out: header, program headers, interpreter, dynamic section, texts, needed
/// versions. Addresses differ from offsets, as in real files.
/// </summary>
internal sealed record ElfBytes
{
    public const int Amd64 = 62, Arm64 = 183, I386 = 3, S390x = 22;
    private const long BaseAddress = 0x400000;

    public int Machine { get; init; } = Amd64;

    public bool Is64 { get; init; } = true;

    public bool BigEndian { get; init; }

    public int Type { get; init; } = 3;

    public string? Interpreter { get; init; }

    public string[] Needed { get; init; } = [];

    public string? SoName { get; init; }

    public string? RPath { get; init; }

    public string? RunPath { get; init; }

    public bool Pie { get; init; }

    /// <summary>Libraries with their versions; a version that ends with <c>?</c> is weak.</summary>
    public (string File, string[] Versions)[] Versions { get; init; } = [];

    /// <summary>A program for glibc on amd64.</summary>
    public static ElfBytes GlibcProgram => new() { Interpreter = "/lib64/ld-linux-x86-64.so.2", Needed = ["libc.so.6"] };

    /// <summary>A library for glibc on amd64.</summary>
    public static ElfBytes GlibcLibrary => new() { Needed = ["libc.so.6"] };

    /// <summary>A program for musl on amd64.</summary>
    public static ElfBytes MuslProgram => new() { Interpreter = "/lib/ld-musl-x86_64.so.1", Needed = ["libc.musl-x86_64.so.1"] };

    /// <summary>A library for musl on amd64.</summary>
    public static ElfBytes MuslLibrary => new() { Needed = ["libc.musl-x86_64.so.1"] };

    public byte[] ToArray()
    {
        var (headerSize, entrySize, word) = Is64 ? (64, 56, 8) : (52, 32, 4);
        var texts = new MemoryStream();
        texts.WriteByte(0);
        var dynamic = new List<(long Tag, long Value)>();
        dynamic.AddRange(Needed.Select(name => (1L, Text(name))));
        if (SoName is not null)
            dynamic.Add((14, Text(SoName)));
        if (RPath is not null)
            dynamic.Add((15, Text(RPath)));
        if (RunPath is not null)
            dynamic.Add((29, Text(RunPath)));
        if (Pie)
            dynamic.Add((0x6ffffffb, 0x08000000));
        var needs = Versions.Select(
            need => (
                File: Text(need.File),
                Versions: need.Versions.Select(version => (Name: Text(version.TrimEnd('?')), Weak: version.EndsWith('?')))
                    .ToList())).ToList();

        var hasDynamic = dynamic.Count > 0 || needs.Count > 0;
        var segments = 1 + (Interpreter is null ? 0 : 1) + (hasDynamic ? 1 : 0);
        var interpreterAt = headerSize + (segments * entrySize);
        var interpreter = Interpreter is null ? [] : Encoding.UTF8.GetBytes(Interpreter + "\0");
        var dynamicAt = interpreterAt + interpreter.Length;
        var dynamicSize = hasDynamic ? (dynamic.Count + (needs.Count > 0 ? 2 : 0) + 2) * 2 * word : 0;
        var textsAt = dynamicAt + dynamicSize;
        var needsAt = textsAt + (int)texts.Length;
        var total = needsAt + needs.Sum(need => 16 + (16 * need.Versions.Count));
        if (hasDynamic)
            dynamic.Add((5, BaseAddress + textsAt));
        if (needs.Count > 0)
            dynamic.AddRange([(0x6ffffffe, BaseAddress + needsAt), (0x6fffffff, needs.Count)]);

        var file = new byte[total];
        "\u007fELF"u8.CopyTo(file);
        file[4] = (byte)(Is64 ? 2 : 1);
        file[5] = (byte)(BigEndian ? 2 : 1);
        Number(16, 2, Type);
        Number(18, 2, Machine);
        Number(Is64 ? 32 : 28, word, headerSize);
        Number(Is64 ? 54 : 42, 2, entrySize);
        Number(Is64 ? 56 : 44, 2, segments);

        var segment = headerSize;
        Segment(1, 0, total);
        if (Interpreter is not null)
            Segment(3, interpreterAt, interpreter.Length);
        if (hasDynamic)
            Segment(2, dynamicAt, dynamicSize);

        interpreter.CopyTo(file, interpreterAt);
        for (var i = 0; i < dynamic.Count; i++)
        {
            Number(dynamicAt + (2 * i * word), word, dynamic[i].Tag);
            Number(dynamicAt + (((2 * i) + 1) * word), word, dynamic[i].Value);
        }

        texts.ToArray().CopyTo(file, textsAt);
        var at = needsAt;
        for (var i = 0; i < needs.Count; i++)
        {
            var size = 16 + (16 * needs[i].Versions.Count);
            Number(at, 2, 1);
            Number(at + 2, 2, needs[i].Versions.Count);
            Number(at + 4, 4, needs[i].File);
            Number(at + 8, 4, 16);
            Number(at + 12, 4, i == needs.Count - 1 ? 0 : size);
            for (var j = 0; j < needs[i].Versions.Count; j++)
            {
                var version = at + 16 + (16 * j);
                Number(version + 4, 2, needs[i].Versions[j].Weak ? 2 : 0);
                Number(version + 8, 4, needs[i].Versions[j].Name);
                Number(version + 12, 4, j == needs[i].Versions.Count - 1 ? 0 : 16);
            }

            at += size;
        }

        return file;

        long Text(string text)
        {
            var index = texts.Length;
            texts.Write(Encoding.UTF8.GetBytes(text + "\0"));
            return index;
        }

        void Segment(int type, long offset, long size)
        {
            Number(segment, 4, type);
            Number(segment + (Is64 ? 8 : 4), word, offset);
            Number(segment + (Is64 ? 16 : 8), word, BaseAddress + offset);
            Number(segment + (Is64 ? 32 : 16), word, size);
            segment += entrySize;
        }

        void Number(int offset, int size, long number)
        {
            for (var i = 0; i < size; i++)
                file[offset + (BigEndian ? size - 1 - i : i)] = (byte)(number >> (8 * i));
        }
    }
}
