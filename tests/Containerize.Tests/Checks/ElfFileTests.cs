using Containerize.Checks.Elf;
using Containerize.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Checks;

public sealed class ElfFileTests
{
    public static TheoryData<bool, bool> Kinds => new() { { true, false }, { false, false }, { true, true }, { false, true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Everything_is_read(bool is64, bool bigEndian)
    {
        var elf = Read(new ElfBytes
        {
            Is64 = is64,
            BigEndian = bigEndian,
            Machine = 0x1234,
            Type = 3,
            Interpreter = "/lib/ld.so.1",
            Needed = ["libc.so.6", "libä.so"],
            SoName = "libown.so.2",
            RPath = "$ORIGIN",
            RunPath = "$ORIGIN/../lib:/opt/lib",
            Pie = true,
            Versions = [(
                "libc.so.6",
                ["GLIBC_2.4", "GLIBC_2.38?", "GLIBC_2.34"]), ("libstdc++.so.6", ["GLIBCXX_3.4.30"]), ("libweak.so", ["WEAK_1?"])],
        }.ToArray())!;
        Assert.Equal(
            (ElfType.Shared, 0x1234, is64, bigEndian, true, true),
            (elf.Type, elf.Machine, elf.Is64, elf.IsBigEndian, elf.IsPie, elf.IsProgram));
        Assert.True(
            ElfFile.IsProgramAt(new MemoryStream(new ElfBytes { Is64 = is64, BigEndian = bigEndian, Type = 3, Pie = true }.ToArray())));
        Assert.Equal("/lib/ld.so.1", elf.Interpreter);
        Assert.Equal(["libc.so.6", "libä.so"], elf.Needed);
        Assert.Equal(("libown.so.2", "$ORIGIN", "$ORIGIN/../lib:/opt/lib"), (elf.SoName, elf.RPath, elf.RunPath));
        Assert.Equal(["libc.so.6", "libstdc++.so.6"], elf.VersionNeeds.Select(need => need.File));
        Assert.Equal(["GLIBC_2.4", "GLIBC_2.34"], elf.VersionNeeds[0].Versions);
        Assert.Equal(["GLIBCXX_3.4.30"], elf.VersionNeeds[1].Versions);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_not_there_stays_empty(bool is64, bool bigEndian)
    {
        var elf = Read(new ElfBytes { Is64 = is64, BigEndian = bigEndian }.ToArray())!;
        Assert.Empty(elf.Needed);
        Assert.Empty(elf.VersionNeeds);
        Assert.Equal((null, null, null, null, false), (elf.Interpreter, elf.SoName, elf.RPath, elf.RunPath, elf.IsProgram));
    }

    [Theory]
    [InlineData(1, ElfType.Relocatable, false)]
    [InlineData(2, ElfType.Executable, true)]
    [InlineData(3, ElfType.Shared, false)]
    [InlineData(4, ElfType.Core, false)]
    [InlineData(0, ElfType.Other, false)]
    [InlineData(0xfe00, ElfType.Other, false)]
    public void Types_are_told_apart(int type, ElfType expected, bool isProgram)
    {
        var bytes = new ElfBytes { Type = type }.ToArray();
        Assert.Equal((expected, isProgram), (Read(bytes)!.Type, Read(bytes)!.IsProgram));
        Assert.Equal(isProgram, ElfFile.IsProgramAt(new MemoryStream(bytes)));
    }

    [Fact]
    public void Other_files_are_none()
    {
        Assert.Null(Read([]));
        Assert.Null(Read("\u007fELF"u8.ToArray()));
        Assert.Null(Read(new byte[200]));
        Assert.Null(Read("#!/bin/sh\n"u8.ToArray()));
        Assert.False(ElfFile.IsProgramAt(new MemoryStream("#!/bin/sh\n"u8.ToArray())));
        var elf = new ElfBytes { Needed = ["libc.so.6"] }.ToArray();
        Assert.Null(Read(elf[..63]));
        elf[4] = 3; // Neither 32 nor 64 bits.
        Assert.Null(Read(elf));
        Assert.Null(ElfFile.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));
        Assert.Null(ElfFile.Read(Path.GetTempPath()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damage_leaves_things_out_and_harms_nothing(bool is64, bool bigEndian)
    {
        var good = new ElfBytes
        {
            Is64 = is64,
            BigEndian = bigEndian,
            Interpreter = "/lib/ld.so.1",
            Needed = ["libc.so.6"],
            SoName = "x",
            RunPath = "y",
            Versions = [("libc.so.6", ["GLIBC_2.4", "GLIBC_2.34"]), ("libm.so.6", ["GLIBC_2.29"])],
        }.ToArray();
        for (var length = 0; length < good.Length; length++)
        {
            Assert.True(Read(good[..length]) is null or { Needed.Count: <= 1, VersionNeeds.Count: <= 2 });
            Assert.Equal(Read(good[..length]) is { IsProgram: true }, ElfFile.IsProgramAt(new MemoryStream(good, 0, length)));
        }

        foreach (var value in new byte[] { 0x00, 0x7f, 0x80, 0xff })
        {
            for (var at = 6; at < good.Length; at++)
            {
                var bad = (byte[])good.Clone();
                bad[at] = value;
                if (at + 1 < bad.Length)
                    bad[at + 1] = value;
                Assert.Equal(Read(bad)!.IsProgram, ElfFile.IsProgramAt(new MemoryStream(bad)));
            }
        }
    }

    [Fact]
    public void The_files_of_this_machine_are_read()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var coreclr = ElfFile.Read(Path.Combine(runtime, "libcoreclr.so"))!;
        Assert.Equal("libcoreclr.so", coreclr.SoName);
        Assert.False(coreclr.IsProgram);
        Assert.Contains(coreclr.Needed, name => name.StartsWith("libstdc++.so.6", StringComparison.Ordinal));
        var host = ElfFile.Read(Environment.ProcessPath!)!;
        Assert.True(host.IsProgram);
        Assert.True(File.Exists(host.Interpreter));
        Assert.Equal(
            ElfMachine.Of(
                Platform.FromRuntimeIdentifier(
                    "linux-" + System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant())!)!.Number,
            host.Machine);
        // Musl has no versions of symbols.
        if (host.Interpreter!.Contains("musl", StringComparison.Ordinal))
            Assert.Empty(host.VersionNeeds);
        else
            Assert.Contains(
                host.VersionNeeds, need => need.Versions.Any(version => version.StartsWith("GLIBC_2.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("linux-x64", 62)]
    [InlineData("linux-arm64", 183)]
    [InlineData("linux-arm", 40)]
    [InlineData("linux-x86", 3)]
    [InlineData("linux-s390x", 22)]
    [InlineData("linux-ppc64le", 21)]
    [InlineData("linux-riscv64", 243)]
    [InlineData("linux-loongarch64", 258)]
    public void Every_platform_has_its_machine(string runtimeIdentifier, int machine)
    {
        var platform = Platform.FromRuntimeIdentifier(runtimeIdentifier)!;
        Assert.Equal(machine, ElfMachine.Of(platform)!.Number);
        Assert.Equal(platform.Architecture, ElfMachine.NameOf(machine));
    }

    [Fact]
    public void Other_machines_have_numbers()
    {
        Assert.Equal("machine 8", ElfMachine.NameOf(8));
        Assert.Null(ElfMachine.Of(new Platform("linux", "mips")));
    }

    private static ElfFile? Read(byte[] content)
    {
        using var stream = new MemoryStream(content);
        return ElfFile.Read(stream);
    }
}
