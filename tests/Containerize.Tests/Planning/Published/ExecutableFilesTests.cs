using System.Buffers.Binary;
using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

public sealed class ExecutableFilesTests : IDisposable
{
    private const int Load = 1, Dynamic = 2, Interpreter = 3;
    private const ushort TypeExecutable = 2, TypeShared = 3, TypeRelocatable = 1;
    private const long Pie = 0x08000000;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<bool, bool> Kinds => new() { { true, false }, { false, false }, { true, true }, { false, true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_program_has_an_interpreter(bool is64, bool bigEndian)
    {
        Assert.True(IsExecutable(Elf(TypeShared, is64, bigEndian, Load, Interpreter)));
        Assert.True(IsExecutable(Elf(TypeShared, is64, bigEndian, Interpreter)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_program_has_a_fixed_address(bool is64, bool bigEndian) =>
        Assert.True(IsExecutable(Elf(TypeExecutable, is64, bigEndian, Load)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_static_program_says_that_it_is_position_independent(bool is64, bool bigEndian)
    {
        Assert.True(IsExecutable(Elf(TypeShared, is64, bigEndian, Load, Dynamic, flags: Pie)));
        Assert.False(IsExecutable(Elf(TypeShared, is64, bigEndian, Load, Dynamic, flags: 1)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_library_is_none(bool is64, bool bigEndian)
    {
        Assert.False(IsExecutable(Elf(TypeShared, is64, bigEndian, Load, Dynamic)));
        Assert.False(IsExecutable(Elf(TypeRelocatable, is64, bigEndian)));
    }

    [Fact]
    public void What_is_damaged_is_none()
    {
        var good = Elf(TypeShared, true, false, Load, Interpreter);
        Assert.False(IsExecutable(good[..63]));
        Assert.False(IsExecutable("\u007fELF"u8.ToArray()));
        foreach (var offset in new long[] { -1, long.MaxValue, 5000, good.Length - 8 })
        {
            var bad = (byte[])good.Clone();
            BinaryPrimitives.WriteInt64LittleEndian(bad.AsSpan(32), offset);
            Assert.False(IsExecutable(bad));
        }

        var dynamic = Elf(TypeShared, true, false, Load, Dynamic, flags: Pie);
        BinaryPrimitives.WriteInt64LittleEndian(dynamic.AsSpan(64 + 56 + 8), long.MinValue);
        Assert.False(IsExecutable(dynamic));
        BinaryPrimitives.WriteInt64LittleEndian(dynamic.AsSpan(64 + 56 + 8), 1_000_000);
        Assert.False(IsExecutable(dynamic));
        BinaryPrimitives.WriteInt64LittleEndian(dynamic.AsSpan(64 + 56 + 32), long.MaxValue);
        Assert.False(IsExecutable(dynamic));
    }

    [Theory]
    [InlineData("run.sh", "#!/bin/sh\n", true)]
    [InlineData("run", "#!/usr/bin/env node", true)]
    [InlineData("run", "#", false)]
    [InlineData("run", "", false)]
    [InlineData("run", " #!/bin/sh", false)]
    [InlineData("data.bin", "MZ", false)]
    public void A_script_has_a_shebang(string name, string content, bool executable) =>
        Assert.Equal(executable, ExecutableFiles.IsExecutable(_folder.Write(name, content)));

    [Theory]
    [InlineData("App.dll")]
    [InlineData("App.PDB")]
    [InlineData("site.js")]
    [InlineData("app.deps.json")]
    public void Some_extensions_are_never_programs(string name) =>
        Assert.False(ExecutableFiles.IsExecutable(_folder.Write(name, Elf(TypeExecutable, true, false, Load))));

    [Fact]
    public void A_file_that_cannot_be_read_is_none() => Assert.False(ExecutableFiles.IsExecutable(Path.Combine(_folder.Path, "missing")));

    [Fact]
    public void The_mode_on_disk_does_not_matter()
    {
        if (OperatingSystem.IsWindows())
            return;
        var data = _folder.Write("data", "text");
        File.SetUnixFileMode(data, (UnixFileMode)0x1ff);
        Assert.False(ExecutableFiles.IsExecutable(data));
        var script = _folder.Write("script", "#!/bin/sh");
        File.SetUnixFileMode(script, UnixFileMode.UserRead);
        Assert.True(ExecutableFiles.IsExecutable(script));
    }

    [Fact]
    public void The_programs_and_libraries_of_this_machine_are_told_apart()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.True(ExecutableFiles.IsExecutable(Environment.ProcessPath!));
        Assert.True(ExecutableFiles.IsExecutable("/bin/ls"));
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        Assert.False(ExecutableFiles.IsExecutable(Path.Combine(runtime, "libcoreclr.so")));
        Assert.False(ExecutableFiles.IsExecutable(Path.Combine(runtime, "libSystem.Native.so")));
    }

    private bool IsExecutable(byte[] content) => ExecutableFiles.IsExecutable(_folder.Write("file", content));

    // System V ABI: the ELF header, the program headers, and where asked for a dynamic section with DT_FLAGS_1.
    private static byte[] Elf(ushort type, bool is64, bool bigEndian, int first = 0, int second = 0, long? flags = null)
    {
        var (headerSize, entrySize, word) = is64 ? (64, 56, 8) : (52, 32, 4);
        int[] types = [.. new[] { first, second }.Where(t => t != 0)];
        var dynamicAt = headerSize + (types.Length * entrySize);
        var file = new byte[dynamicAt + (4 * word) + 64];
        "\u007fELF"u8.CopyTo(file);
        file[4] = (byte)(is64 ? 2 : 1);
        file[5] = (byte)(bigEndian ? 2 : 1);
        Number(16, 2, type);
        Number(is64 ? 32 : 28, word, headerSize);
        Number(is64 ? 54 : 42, 2, entrySize);
        Number(is64 ? 56 : 44, 2, types.Length);
        for (var i = 0; i < types.Length; i++)
        {
            var at = headerSize + (i * entrySize);
            Number(at, 4, types[i]);
            Number(at + (is64 ? 8 : 4), word, dynamicAt);
            Number(at + (is64 ? 32 : 16), word, 4 * word);
        }

        Number(dynamicAt, word, 1); // DT_NEEDED
        Number(dynamicAt + word, word, 1);
        if (flags is { } value)
        {
            Number(dynamicAt + (2 * word), word, 0x6ffffffb); // DT_FLAGS_1
            Number(dynamicAt + (3 * word), word, value);
        }

        return file;

        void Number(int offset, int size, long number)
        {
            for (var i = 0; i < size; i++)
                file[offset + (bigEndian ? size - 1 - i : i)] = (byte)(number >> (8 * i));
        }
    }
}
