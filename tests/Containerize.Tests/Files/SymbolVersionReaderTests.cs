using Containerize.Files;

namespace Containerize.Tests.Files;

public sealed class SymbolVersionReaderTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Versions_are_read_in_either_width_and_order(bool is64, bool isBigEndian) => Assert.Equal(
        ["GLIBC_2.2.5", "GLIBC_2.36"],
        SymbolVersionReader.Defined(Library(is64, isBigEndian)));

    [Fact]
    public void The_c_library_of_this_machine_has_its_versions()
    {
        var libc = Directory.EnumerateFiles("/lib", "libc.so.6", new EnumerationOptions { RecurseSubdirectories = true }).First();
        var versions = SymbolVersionReader.Defined(File.ReadAllBytes(libc));
        Assert.Contains("GLIBC_2.17", versions);
        Assert.Contains("GLIBC_PRIVATE", versions);
        Assert.DoesNotContain("libc.so.6", versions);
        Assert.Equal(versions.Count, versions.Distinct().Count());
    }

    [Fact]
    public void What_is_no_library_has_none()
    {
        Assert.Empty(SymbolVersionReader.Defined([]));
        Assert.Empty(SymbolVersionReader.Defined("libc"u8));
        Assert.Empty(SymbolVersionReader.Defined("\u007fELF\u0002\u0001\u0001 and no more of it, though long enough to be looked at"u8));
        Assert.Empty(SymbolVersionReader.Defined(new byte[1000]));
    }

    /// <summary>Each byte on its own, set to its extremes: nothing may be thrown, whatever is read.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damage_is_no_failure(bool is64)
    {
        var library = Library(is64, isBigEndian: false);
        for (var at = 4; at < library.Length; at++)
        {
            foreach (var value in new byte[] { 0, 0x7f, 0xff })
            {
                var damaged = (byte[])library.Clone();
                damaged[at] = value;
                Assert.InRange(SymbolVersionReader.Defined(damaged).Count, 0, 1000);
            }

            Assert.InRange(SymbolVersionReader.Defined(library.AsSpan(0, at)).Count, 0, 2);
        }
    }

    [Fact]
    public void A_chain_that_never_ends_is_left()
    {
        var library = Library(is64: true, isBigEndian: false);
        // Each definition is a byte behind the last: that leads through the whole file.
        var large = new byte[1_000_000];
        library.CopyTo(large, 0);
        large.AsSpan(library.Length).Fill(1);
        BitConverter.GetBytes(1000L).CopyTo(large, 0x200 + 16 * 2 + 8);
        Assert.InRange(SymbolVersionReader.Defined(large).Count, 0, 1000);
    }

    /// <summary>
    /// A shared library as small as it can be: header, a PT_LOAD that maps the file to 0x1000, PT_DYNAMIC at 0x200, strings at 0x300,
    /// definitions at 0x400: the file's own name and two versions.
    /// </summary>
    internal static byte[] Library(bool is64, bool isBigEndian)
    {
        var file = new byte[0x500];
        var width = is64 ? 8 : 4;
        void Write(int at, int length, long value)
        {
            for (var i = 0; i < length; i++)
                file[isBigEndian ? at + length - 1 - i : at + i] = (byte)(value >> (8 * i));
        }

        void Segment(int at, int type, int offset, int address, int size)
        {
            Write(at, 4, type);
            Write(at + (is64 ? 8 : 4), width, offset);
            Write(at + (is64 ? 16 : 8), width, address);
            Write(at + (is64 ? 32 : 16), width, size);
        }

        void Definition(int at, int flags, int name, int next)
        {
            Write(at, 2, 1);
            Write(at + 2, 2, flags);
            Write(at + 6, 2, 1);
            Write(at + 12, 4, 20);
            Write(at + 16, 4, next);
            Write(at + 20, 4, name);
        }

        byte[] start = [0x7f, (byte)'E', (byte)'L', (byte)'F', (byte)(is64 ? 2 : 1), (byte)(isBigEndian ? 2 : 1), 1];
        start.CopyTo(file, 0);
        Write(is64 ? 32 : 28, width, 0x80);
        Write(is64 ? 54 : 42, 2, 0x40);
        Write(is64 ? 56 : 44, 2, 2);
        Segment(0x80, 1, 0, 0x1000, file.Length);
        Segment(0xc0, 2, 0x200, 0x1200, 0x100);
        (long Tag, long Value)[] tags = [(5, 0x1300), (10, 0x100), (0x6ffffffc, 0x1400), (0x6ffffffd, 3)];
        for (var i = 0; i < tags.Length; i++)
        {
            Write(0x200 + i * 2 * width, width, tags[i].Tag);
            Write(0x200 + i * 2 * width + width, width, tags[i].Value);
        }

        "\0libc.so.6\0GLIBC_2.2.5\0GLIBC_2.36\0"u8.CopyTo(file.AsSpan(0x300));
        Definition(0x400, 1, 1, 0x20);
        Definition(0x420, 0, 11, 0x20);
        Definition(0x440, 0, 23, 0);
        return file;
    }
}
