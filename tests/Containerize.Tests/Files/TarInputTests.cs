using System.Text;
using Containerize.Tests.Layers;
using Containerize.Files;
using Containerize.Tests.Support;
using ICSharpCode.SharpZipLib.Tar;
using TarHeader = Containerize.Files.TarHeader;

namespace Containerize.Tests.Files;

public sealed class TarInputTests : IDisposable
{
    // A file with holes: GNU's header has room for four pieces, and this one has sixty.
    private const string Tree = """
        mkdir -p in/d/sub && cd in && chmod 755 d && chmod 1777 d/sub
        printf hello > d/a && chmod 640 d/a
        printf run > d/run && chmod 4755 d/run
        ln d/a d/hard && ln -s ../a d/sub/sym && printf x > d/ünï && chmod 644 d/ünï
        for i in $(seq 60); do truncate -s $((i * 131072)) d/sparse && printf data >> d/sparse; done
        truncate -s 8000000 d/sparse && chmod 644 d/sparse
        printf end > d/zend && chmod 644 d/zend
        """;

    private static readonly string Long = "d/" + new string('n', 150);

    private static readonly string LongTree = Tree + $"""

        printf long > {Long} && chmod 644 {Long} && ln -s {Long} d/longlink && ln {Long} d/zlonghard && mkfifo d/fifo && chmod 666 d/fifo
        """;

    private static readonly string[] Expected =
    [
        "5 d/ 755 1654:70000",
        "0 d/a 640 1654:70000 hello",
        "1 d/hard > d/a 640 1654:70000",
        "0 d/run 4755 1654:70000 run",
        "0 d/sparse 644 1654:70000 8000000 bytes",
        "5 d/sub/ 1777 1654:70000",
        "2 d/sub/sym > ../a 777 1654:70000",
        "0 d/zend 644 1654:70000 end",
        "0 d/ünï 644 1654:70000 x",
    ];

    private static readonly string[] ExpectedLong =
    [
        .. Expected[..2],
        "6 d/fifo 666 1654:70000",
        "1 d/hard > d/a 640 1654:70000",
        $"2 d/longlink > {Long} 777 1654:70000",
        $"0 {Long} 644 1654:70000 long",
        .. Expected[3..7],
        "0 d/zend 644 1654:70000 end",
        $"1 d/zlonghard > {Long} 644 1654:70000",
        Expected[8],
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Each form that GNU tar writes, the holes of a file in four ways.</summary>
    [Theory]
    [InlineData("--format=v7", false)]
    [InlineData("--format=ustar", false)]
    [InlineData("--format=oldgnu", true)]
    [InlineData("--format=gnu", true)]
    [InlineData("--format=posix", true)]
    [InlineData("--format=posix --pax-option=globexthdr.name=g,comment=hi,uid=77", true)]
    [InlineData("--format=gnu -S", true)]
    [InlineData("--format=posix -S --sparse-version=0.0", true)]
    [InlineData("--format=posix -S --sparse-version=0.1", true)]
    [InlineData("--format=posix -S --sparse-version=1.0", true)]
    public async Task Every_form_of_tar_is_read_whole(string options, bool longNames)
    {
        Shell.Run(
            _folder.Path,
            $"{(longNames ? LongTree : Tree)} && tar --sort=name --owner=1654 --group=70000 --numeric-owner {options} -cf ../x.tar d");
        var headers = await ReadAsync(File.ReadAllBytes(_folder["x.tar"]));
        Assert.Equal((longNames ? ExpectedLong : Expected).Order(StringComparer.Ordinal), headers.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Why there is a reader of our own. Where both libraries read all of these, it may go.
    /// </summary>
    [Fact]
    public async Task Neither_library_reads_all_of_them()
    {
        Shell.Run(
            _folder.Path,
            $"{LongTree} && tar --format=gnu -S -cf ../gnu.tar d && tar --format=posix -S --sparse-version=0.0 -cf ../pax.tar d");
        byte[][] tars = [File.ReadAllBytes(_folder["gnu.tar"]), File.ReadAllBytes(_folder["pax.tar"]), Odd()];
        foreach (var tar in tars)
        {
            // Names are what both tell alike.
            var expected = (await HeadersAsync(tar)).Select(header => header.Name).ToList();
            Assert.NotEqual(expected, Names(() => Tars.Read(tar).Select(entry => entry.Name)));
        }

        Assert.NotEqual((await HeadersAsync(Odd())).Select(header => header.Name), Names(() => WithSharpZipLib(Odd())));

        static byte[] Odd() => new RawTar()
            .AddPax(("path", "real"), ("size", "600"))
            .Add('0', "x", new byte[600], change: header => RawTar.Put(header, 124, "00000000000\0"))
            .Add('1', "hard", link: "real", change: header => RawTar.Put(header, 124, "00000000600\0"))
            .Add('0', "last").ToArray();

        static List<string> Names(Func<IEnumerable<string>> read)
        {
            try
            {
                return [.. read()];
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                return [e.GetType().Name];
            }
        }

        static IEnumerable<string> WithSharpZipLib(byte[] tar)
        {
            using var input = new TarInputStream(new MemoryStream(tar), Encoding.UTF8);
            while (input.GetNextEntry() is { } entry)
                yield return entry.Name;
        }
    }

    [Fact]
    public async Task Numbers_come_in_octal_with_spaces_or_binary()
    {
        var tar = new RawTar()
            .Add('0', "spaces", change: header => RawTar.Put(header, 100, "   644 \0"))
            .Add('0', "none", change: header => header.AsSpan(100, 24).Clear())
            .Add('0', "type", change: header => RawTar.Put(header, 100, "100755 \0"))
            .Add('0', "size", new byte[600], change: header => RawTar.PutBinary(header, 124, 12, 600))
            .Add('0', "ids", change: header =>
            {
                RawTar.PutBinary(header, 108, 8, 3_000_000);
                RawTar.PutBinary(header, 116, 8, 4_294_967_294);
            })
            .Add('0', "nobody", change: header => RawTar.PutBinary(header, 108, 8, -2))
            .ToArray();
        Assert.Equal(
            [("spaces", "644", 0, 0, 0), (
                "none",
                "0",
                0,
                0,
                0), ("type", "100755", 0, 0, 0), ("size", "644", 0, 0, 600), ("ids", "644", 3_000_000, -2, 0), ("nobody", "644", -2, 0, 0)],
            (await HeadersAsync(tar))
                .Select(header => (header.Name, Convert.ToString(header.Mode, 8), header.UserId, header.GroupId, (int)header.Size)));
    }

    [Fact]
    public async Task Records_of_pax_go_before_the_header_and_the_last_one_counts()
    {
        var tar = new RawTar()
            .AddPax(
                ("path", "first"),
                ("path", "ä/real"),
                ("size", "600"),
                ("uid", "70000"),
                ("gid", "4294967295"),
                ("SCHILY.xattr.user.x", "a\0b"))
            .Add('0', "short", new byte[600], change: header => RawTar.Put(header, 124, "00000000000\0"))
            .AddPax(("linkpath", "ü"), ("mtime", "1.5"))
            .Add('2', "link", link: "x")
            .AddPax(("path", "taken back")).AddPax(("path", ""))
            .Add('0', "plain").ToArray();
        var headers = await HeadersAsync(tar);
        Assert.Equal([("ä/real", ""), ("link", "ü"), ("plain", "")], headers.Select(header => (header.Name, header.LinkName)));
        Assert.Equal((70000, -1, 600), (headers[0].UserId, headers[0].GroupId, headers[0].Size));
        Assert.Equal(0, headers[2].UserId);
    }

    [Fact]
    public async Task A_name_may_begin_in_the_prefix_of_ustar_and_of_star()
    {
        var tar = new RawTar()
            .Add('0', "name", change: header => RawTar.Put(header, 345, "a/prefix"))
            .Add('0', "star", change: header =>
            {
                RawTar.Put(header, 345, "b/prefix");
                RawTar.Put(header, 476, "00000000000 00000000000 ");
                RawTar.Put(header, 508, "tar\0");
            })
            .Add('0', "gnu", change: header =>
            {
                RawTar.Put(header, 257, "ustar  \0");
                RawTar.Put(header, 345, "00000000000\0");
            })
            .Add('0', "v7", change: header =>
            {
                header.AsSpan(257, 8).Clear();
                RawTar.Put(header, 345, "rubbish");
            })
            .ToArray();
        Assert.Equal(["a/prefix/name", "b/prefix/star", "gnu", "v7"], (await HeadersAsync(tar)).Select(header => header.Name));
    }

    [Fact]
    public async Task What_has_no_content_by_its_type_has_none_whatever_its_size_says()
    {
        var tar = new RawTar();
        foreach (var type in "123456")
            tar.Add(type, $"n{type}", link: "x", change: header => RawTar.Put(header, 124, "00000001000\0"));
        tar.Add('\0', "v7/", change: header => RawTar.Put(header, 124, "00000001000\0"));
        Assert.Equal(
            ["n1", "n2", "n3", "n4", "n5", "n6", "v7/"],
            (await HeadersAsync(tar.Add('0', "last").ToArray())).SkipLast(1).Select(header => header.Name));
    }

    [Fact]
    public async Task Unknown_types_are_told_and_their_content_is_passed_over()
    {
        var tar = new RawTar().Add('V', "volume", new byte[700]).Add('Z', "mine", [1, 2]).Add('7', "contiguous", [1]).Add('0', "last")
            .ToArray();
        Assert.Equal(
            [("V", false), ("Z", false), ("7", true), ("0", true)],
            (await HeadersAsync(tar)).Select(header => ($"{header.Type}", header.IsFile)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_end_may_be_missing_or_short(int blocks)
    {
        var tar = new RawTar().Add('0', "a", [1]).AddBytes(new byte[512 * blocks]).ToArray(withEnd: false);
        Assert.Equal(["a"], (await HeadersAsync(tar)).Select(header => header.Name));
        Assert.Empty(await HeadersAsync(new byte[512 * blocks]));
    }

    [Fact]
    public async Task Content_can_be_read_in_part_or_not_at_all()
    {
        var tar = new TarInput(
            new MemoryStream(new RawTar().Add('0', "a", [1, 2, 3]).Add('0', "b", [4]).Add('0', "c", [5, 6]).ToArray()), 1000);
        var buffer = new byte[2];
        await tar.NextAsync(default);
        Assert.Equal(2, await tar.ReadAsync(buffer, default));
        await tar.NextAsync(default);
        await tar.NextAsync(default);
        Assert.Equal(2, await tar.ReadAsync(buffer, default));
        Assert.Equal([5, 6], buffer);
        Assert.Equal(0, await tar.ReadAsync(buffer, default));
        Assert.Null(await tar.NextAsync(default));
    }

    public static TheoryData<string, byte[]> DamagedTars => new()
    {
        { "checksum", Changed(new RawTar().Add('0', "a").ToArray(), 0) },
        { "no tar", Encoding.ASCII.GetBytes(new string('x', 2000)) },
        { "within a header", new RawTar().Add('0', "a").ToArray(withEnd: false)[..300] },
        { "within a file", new RawTar().Add('0', "a", new byte[600]).ToArray(withEnd: false)[..1200] },
        { "within a record", new RawTar().AddPax(("path", new string('p', 600))).ToArray(withEnd: false)[..600] },
        { "within the holes", new RawTar().Add('S', "a", change: header => header[482] = 1).ToArray(withEnd: false) },
        { "after the end", new RawTar().Add('0', "a").AddBytes(new byte[512]).Add('0', "b").ToArray() },
        { "number", new RawTar().Add('0', "a", change: header => RawTar.Put(header, 124, "0000000009\0")).ToArray() },
        { "negative", new RawTar().Add('0', "a", change: header => RawTar.PutBinary(header, 124, 12, -1)).ToArray() },
        { "too large", new RawTar().Add('0', "a", change: header => header.AsSpan(124, 12).Fill(0xbf)).ToArray() },
        { "largest", new RawTar().Add('0', "a", change: header => RawTar.PutBinary(header, 124, 12, long.MaxValue)).ToArray() },
        { "owner", new RawTar().AddPax(("uid", "4294967296")).Add('0', "a").ToArray() },
        { "pax size", new RawTar().AddPax(("size", "x")).Add('0', "a").ToArray() },
        { "pax form", new RawTar().Add('x', "p", Encoding.ASCII.GetBytes("12 path=a\n")).Add('0', "a").ToArray() },
        { "pax length", new RawTar().Add('x', "p", Encoding.ASCII.GetBytes("path=a\n")).Add('0', "a").ToArray() },
        { "long record", new RawTar().Add('L', "././@LongLink", new byte[1024 * 1024 + 1]).Add('0', "a").ToArray() },
    };

    [Theory]
    [MemberData(nameof(DamagedTars))]
    public async Task A_damaged_tar_is_told_of(string how, byte[] tar)
    {
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => HeadersAsync(tar));
        Assert.StartsWith("The layer's tar is damaged: ", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(how);
    }

    /// <summary>What the headers of a tar say, and the content of small files.</summary>
    private static async Task<List<string>> ReadAsync(byte[] bytes)
    {
        var tar = new TarInput(new TrickleStream(bytes), 1000);
        var lines = new List<string>();
        while (await tar.NextAsync(default) is { } header)
        {
            var content = new byte[100];
            var text = !header.IsFile
                ? ""
                : header.Size > 100
                ? $" {header.Size} bytes"
                : " " + Encoding.UTF8.GetString(content, 0, await tar.ReadAsync(content, default));
            var target = header.LinkName.Length == 0 ? "" : $" > {header.LinkName}";
            lines.Add(
                $"{(header.IsFile ? '0' : header.Type)} {header.Name}{target} {Convert.ToString(header.Mode, 8)} "
                    + $"{header.UserId}:{header.GroupId}{text}");
        }

        return lines;
    }

    private static async Task<List<TarHeader>> HeadersAsync(byte[] bytes)
    {
        var tar = new TarInput(new TrickleStream(bytes), 1000);
        var headers = new List<TarHeader>();
        while (await tar.NextAsync(default) is { } header)
            headers.Add(header);
        return headers;
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes[at]++;
        return bytes;
    }

    /// <summary>Gives what it has in small and uneven pieces, as a network does.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        private int _turn;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + _turn++ % 7 * 300)], cancellationToken);
    }
}
