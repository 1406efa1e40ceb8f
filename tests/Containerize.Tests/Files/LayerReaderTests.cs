using System.IO.Compression;
using System.Text;
using Containerize.Files;
using Containerize.Images;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Support;
using ZstdSharp;

namespace Containerize.Tests.Files;

public sealed class LayerReaderTests
{
    private static readonly TestLayer Root = TestLayer.Of(BaseImages.SmallRoot);

    [Theory]
    [InlineData(MediaTypes.OciLayer, true)]
    [InlineData(MediaTypes.OciLayerGzip, true)]
    [InlineData(MediaTypes.OciLayerZstd, true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true)]
    [InlineData(MediaTypes.DockerLayer, true)]
    [InlineData(MediaTypes.DockerLayerGzip, true)]
    [InlineData("application/vnd.docker.image.rootfs.diff.tar.zstd", true)]
    [InlineData(MediaTypes.DockerForeignLayerGzip, true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", false)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+xz", false)]
    [InlineData("application/vnd.oci.image.layer.v2.tar+gzip", false)]
    [InlineData("application/vnd.cncf.helm.chart.content.v1.tar+gzip", false)]
    [InlineData("", false)]
    public void Types_of_layers_are_known(string mediaType, bool known) => Assert.Equal(known, LayerReader.CanRead(mediaType));

    public static TheoryData<string> Forms =>
        ["tar", "gzip", "gzip members", "gzip padded", "zstd", "zstd frames", "zstd skippable", "zstd chunked"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_layer_is_read_in_every_form(string form)
    {
        var contents = await ReadAsync(Packed(Root.Tar, form));
        Assert.Equal(
            [
                "SymbolicLink bin > usr/bin 777 "
                    + "0:0", "Directory etc 755 0:0", "File etc/os-release 644 0:0", "File etc/passwd 644 0:0", "Directory home 755 0:0",
                "Directory home/app 700 1654:1654", "SymbolicLink lib > usr/lib 777 "
                    + "0:0", "Directory tmp 1777 0:0", "Directory usr 755 0:0", "Directory usr/bin 755 0:0",
                "File usr/bin/sh 755 0:0", "Directory usr/lib 755 0:0", "File usr/lib/libc.so.6 644 0:0",
            ],
            contents.Entries.Select(Line));
        Assert.Equal([0, 0, 8], contents.Entries.Take(3).Select(entry => entry.Size));
        Assert.StartsWith("root:x:0:0", contents.Texts["etc/passwd"], StringComparison.Ordinal);
    }

    /// <summary>Only at its end does a stream know whether it was what its digest says.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_layer_is_read_to_its_end(string form)
    {
        var layer = Packed([.. Root.Tar, .. new byte[100_000]], form);
        var digest = Digest.Of(layer);
        await LayerReader.ReadAsync(new VerifyingStream(new MemoryStream(layer), digest, layer.Length, "The layer"), default);

        // The last byte, which no format needs for the entries.
        var other = new VerifyingStream(new MemoryStream(layer), Digest.Of([]), layer.Length, "The layer");
        Assert.Contains(
            digest.ToString(),
            (await Assert.ThrowsAsync<InvalidDataException>(() => LayerReader.ReadAsync(other, default))).Message,
            StringComparison.Ordinal);
        var longer = new VerifyingStream(new MemoryStream([.. layer, 0]), digest, layer.Length, "The layer");
        await Assert.ThrowsAsync<InvalidDataException>(() => LayerReader.ReadAsync(longer, default));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_layer_that_is_cut_off_is_damaged(string form)
    {
        var layer = Packed(TestLayer.Of([.. BaseImages.SmallRoot, TarItem.File("noise", Noise(100_000))]).Tar, form);
        foreach (var length in new[] { 1, 300, layer.Length / 4, layer.Length / 2 })
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(layer[..length]));
        // gzip has a checksum of its own.
        if (form.StartsWith("gzip", StringComparison.Ordinal))
            await Assert.ThrowsAsync<InvalidDataException>(
                () => ReadAsync([.. layer[..(layer.Length / 2)], .. Noise(1000), .. layer[(layer.Length / 2 + 1000)..]]));
    }

    [Fact]
    public async Task Nothing_is_a_layer_without_entries() => Assert.Empty((await ReadAsync([])).Entries);

    [Fact]
    public async Task Paths_have_one_form()
    {
        var contents = await ReadAsync(new RawTar()
            .Add('5', "./").Add('5', "/").Add('5', "./a/").Add('0', "/a//b/./c").Add('0', "x/../y").Add('0', "..b/.c")
            .Add('2', "l", link: "../../out")
            .Add('1', "h", link: "./a/b/c").Add('\0', "old/").Add('0', "no/").ToArray());
        Assert.Equal(
            ["Directory ", "Directory ", "Directory a", "File a/b/c", "File y", "File ..b/.c", "SymbolicLink l > ../../out", "HardLink h > a/b/c", "Directory old", "File no"],
            contents.Entries.Select(entry => Line(entry).Replace(" 644 0:0", "", StringComparison.Ordinal)));
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "leads out", new RawTar().Add('0', "../x").ToArray() },
        { "leads out", new RawTar().Add('0', "a/../../x").ToArray() },
        { "the path '../[2J'", new RawTar().Add('0', "../\u001b[2J").ToArray() },
        { "leads out", new RawTar().Add('1', "a", link: "../x").ToArray() },
        { "holds a zero", new RawTar().AddPax(("path", "a\0b")).Add('0', "x").ToArray() },
        { "holds a zero", new RawTar().AddPax(("linkpath", "a\0b")).Add('2', "x").ToArray() },
        { "longer than", new RawTar().AddPax(("path", new string('p', 4097))).Add('0', "x").ToArray() },
        { "longer than", new RawTar().AddPax(("linkpath", new string('p', 4097))).Add('2', "x").ToArray() },
        { "removes nothing", new RawTar().Add('0', "a/.wh.").ToArray() },
        { "removes nothing", new RawTar().Add('0', "a/.wh..").ToArray() },
        { "removes nothing", new RawTar().Add('0', "a/.wh...").ToArray() },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_layer_that_is_made_to_do_damage_is_refused(string why, byte[] tar) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(tar))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_layer_that_unpacks_without_end_is_refused()
    {
        using var packed = new MemoryStream(RawTar.ZerosInZstd(5L << 30));
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LayerReader.ReadAsync(packed, default));
        Assert.Contains("The layer unpacks to more than 250 times its size, beyond 4 GiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_of_names_alone_is_refused_before_it_fills_the_memory()
    {
        var name = new string('p', 4000);
        await Assert.ThrowsAsync<InvalidDataException>(
            () => LayerReader.ReadAsync(
                new EndlessTar(new RawTar().AddPax(("path", name)).Add('0', "x").ToArray(withEnd: false)), default));
        await Assert.ThrowsAsync<InvalidDataException>(
            () => LayerReader.ReadAsync(new EndlessTar(new RawTar().Add('0', "x").ToArray(withEnd: false)), default));
    }

    [Fact]
    public async Task Whiteouts_name_what_is_gone()
    {
        var contents = await ReadAsync(new RawTar()
            .Add('0', "etc/.wh.passwd").Add('0', ".wh.root").Add('0', "a/b/.wh..wh..opq").Add('0', ".wh..wh..opq").Add('0', "c/.wh..hidden")
            // What AUFS kept for itself.
            .Add('0', ".wh..wh.aufs").Add('5', ".wh..wh.plnk/").Add('0', ".wh..wh.plnk/12.34").Add('5', ".wh..wh.orph/")
            // Names that say one thing and types that say another.
            .Add('5', ".wh.directory/").Add('0', ".wh.directory/x").Add('0', "d/.wh..wh..opq/x").Add('0', "e.wh.f").ToArray());
        Assert.Equal(
            [(ContentKind.Whiteout, "etc/passwd"), (
                ContentKind.Whiteout,
                "root"), (ContentKind.OpaqueDirectory, "a/b"), (
                    ContentKind.OpaqueDirectory, ""), (ContentKind.Whiteout, "c/.hidden"), (ContentKind.File, "e.wh.f")],
            contents.Entries.Select(entry => (entry.Kind, entry.Path)));
    }

    [Fact]
    public async Task Kinds_and_modes_are_the_tars_own()
    {
        var contents = await ReadAsync(new RawTar()
            .Add('3', "null").Add('4', "disk").Add('6', "pipe").Add('7', "contiguous", [1]).Add('V', "volume").Add('Z', "unknown", [1])
            .Add('0', "set-uid", change: header => RawTar.Put(header, 100, "0104755\0"))
            .Add('0', "odd", change: header => RawTar.Put(header, 100, "1777777\0"))
            .ToArray());
        Assert.Equal(
            ["Other null 644 0:0", "Other disk 644 0:0", "Other pipe 644 0:0", "File contiguous 644 0:0", "File set-uid 4755 0:0", "File odd 7777 0:0"],
            contents.Entries.Select(Line));
    }

    [Fact]
    public async Task The_texts_of_names_are_kept_and_no_others()
    {
        var contents = await ReadAsync(TestLayer.Of(
            TarItem.File("etc/passwd", "root:ü"), TarItem.File("./etc/group", "root:x:0:\n"), TarItem.File("etc/shadow", "secret"),
            TarItem.File("usr/etc/passwd", "other"), TarItem.File("last", "")).Tar);
        Assert.Equal(
            [("etc/group", "root:x:0:\n"), ("etc/passwd", "root:ü")], contents.Texts.Select(text => (text.Key, text.Value)).Order());
        Assert.Equal("last", contents.Entries[^1].Path);

        var large = await ReadAsync(
            TestLayer.Of(TarItem.File("etc/passwd", new byte[1024 * 1024]), TarItem.File("etc/group", new byte[1024 * 1024 + 1])).Tar);
        Assert.Equal(["etc/passwd"], large.Texts.Keys);
    }

    [Theory]
    [InlineData("lib/x86_64-linux-gnu/libc.so.6", true)]
    [InlineData("usr/lib/libm.so.6", true)]
    [InlineData("lib/libc-2.31.so", true)]
    [InlineData("lib/libm-2.31.so", true)]
    [InlineData("usr/lib/libstdc++.so.6", true)]
    [InlineData("usr/lib/libstdc++.so.6.0.33", true)]
    [InlineData("usr/lib/libssl.so.3", false)]
    [InlineData("libc.so.6/x", false)]
    [InlineData("lib/libc-2.31.so.bak", false)]
    public async Task Symbol_versions_of_the_system_libraries_are_kept(string path, bool kept)
    {
        var library = SymbolVersionReaderTests.Library(is64: true, isBigEndian: false);
        var contents = await ReadAsync(
            TestLayer.Of(
                TarItem.File(path, library), TarItem.File("usr/lib/libstdc++.so.6.none", "no library"), TarItem.File("last", "")).Tar);
        Assert.Equal(kept ? [path] : [], contents.SymbolVersions.Keys);
        if (kept)
            Assert.Equal(["GLIBC_2.2.5", "GLIBC_2.36"], contents.SymbolVersions[path]);
        Assert.Equal("last", contents.Entries[^1].Path);
    }

    [Fact]
    public async Task A_file_with_holes_has_its_size_and_no_text()
    {
        var contents = await ReadAsync(new RawTar()
            .AddPax(
                ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "etc/passwd"), ("GNU.sparse.realsize", "90000"))
            .Add('0', "etc/GNUSparseFile.0/passwd", "1\n0\n4\n"u8.ToArray()).ToArray());
        Assert.Equal([("etc/passwd", 90000L)], contents.Entries.Select(entry => (entry.Path, entry.Size)));
        Assert.Empty(contents.Texts);
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LayerReader.ReadAsync(new MemoryStream(Root.Gzip), cancelled.Token));
    }

    private static Task<FileList> ReadAsync(byte[] layer) => LayerReader.ReadAsync(new MemoryStream(layer), default);

    private static string Line(ContentEntry entry) =>
        $"{entry.Kind} {entry.Path}{(entry.LinkTarget is null ? "" : $" > {entry.LinkTarget}")} {Convert.ToString(entry.Mode, 8)} "
            + $"{entry.UserId}:{entry.GroupId}";

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Packed(byte[] tar, string form)
    {
        byte[] skippable = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        return form switch
        {
            "gzip" => Gzip(tar),
            "gzip members" => [.. Gzip(tar[..700]), .. Gzip([]), .. Gzip(tar[700..])],
            "gzip padded" => [.. Gzip(tar), .. new byte[100]],
            "zstd" => Zstd(tar),
            "zstd frames" => [.. Zstd(tar[..700]), .. Zstd(tar[700..])],
            "zstd skippable" => [.. skippable, .. Zstd(tar), .. skippable],
            // What podman writes: a frame for each file, and a table of contents where nobody else looks.
            "zstd chunked" => [.. Zstd(tar[..512]), .. skippable, .. Zstd(tar[512..]), .. skippable, .. skippable],
            _ => tar,
        };
    }

    private static byte[] Gzip(byte[] content)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
            gzip.Flush();
        }

        return output.ToArray();
    }

    private static byte[] Zstd(byte[] content)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(content).ToArray();
    }

    /// <summary>The same bytes again and again.</summary>
    private sealed class EndlessTar(byte[] bytes) : OnePassStream
    {
        private int _at;

        public override bool CanRead => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            _at = (_at + count) % bytes.Length;
            return ValueTask.FromResult(count);
        }
    }
}
