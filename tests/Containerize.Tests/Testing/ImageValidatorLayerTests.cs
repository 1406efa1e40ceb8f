using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using static Containerize.Tests.Testing.SampleImage;

namespace Containerize.Tests.Testing;

/// <summary>Every rule on layers speaks on a bad layer and is silent on a good one.</summary>
public sealed class ImageValidatorLayerTests
{
    private static readonly ImageValidationOptions TopIsOwn = new() { OwnLayers = 1 };

    [Fact]
    public async Task A_good_layer_has_no_problems()
    {
        await ImageValidator.AssertValidAsync(Oci(BaseImages.SmallRoot,
        [
            TarItem.Directory("app", 755, 1654, 1654),
            TarItem.File("app/a", "a"),
            TarItem.HardLink("app/b", "app/a"),
            TarItem.Symlink("app/c", "../etc/passwd"),
            TarItem.File("app/" + new string('ü', 80), "long and not ASCII"),
            TarItem.Whiteout("etc/os-release"),
            TarItem.Directory("home/app", 700, 1654, 1654),
            TarItem.File("home/app/x", "x"),
            TarItem.Directory("tmp", 1777),
            TarItem.File("tmp/x", "x"),
            TarItem.File("usr/bin/b", "b"),
            TarItem.Symlink("bin", "usr/bin"),
        ]).Build(), new() { OwnLayers = 1, AllowedDirectory = path => path == "app" });
    }

    [Theory]
    [InlineData("app/x", "app/x", "is there twice")]
    [InlineData("app/x", "./app/x", "is there twice")]
    [InlineData("app/x", "/app/x", "is there twice")]
    [InlineData("app/x", "app//x", "is there twice")]
    public async Task A_path_is_there_once(string first, string second, string expected)
    {
        var result = await ImageValidator.ValidateAsync(Oci([TarItem.File(first, "1"), TarItem.File(second, "2")]).Build());
        Assert.Contains(result.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        var mixed = await ImageValidator.ValidateAsync(Oci([TarItem.Directory("app/y"), TarItem.File("app/y", "2")]).Build());
        Assert.Contains(mixed.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/app/x", "is an absolute name")]
    [InlineData("../x", "leads out of the image")]
    [InlineData("app/../x", "leads out of the image")]
    public async Task No_name_leads_out(string name, string expected)
    {
        await HasOneProblemAsync(Oci([TarItem.File(name, "x")]).Build(), expected);
        await HasOneProblemAsync(Oci([TarItem.File(name, "x")]).Build(), expected, new() { OwnLayers = 0 });
    }

    [Theory]
    [InlineData("./app/x", "should be written 'app/x'")]
    [InlineData("app//x", "should be written 'app/x'")]
    [InlineData("app\\x", "has a backslash")]
    public async Task Names_have_one_form(string name, string expected)
    {
        await HasOneProblemAsync(Oci([TarItem.File(name, "x")]).Build(), expected);
        await ImageValidator.AssertValidAsync(Oci([TarItem.File(name, "x")]).Build(), new() { OwnLayers = 0 });
    }

    [Fact]
    public async Task Directories_end_with_a_slash_and_the_root_is_the_base_s()
    {
        await HasOneProblemAsync(Oci([new TarItem(TarEntryType.Directory, "app")]).Build(), "'app' should be written 'app/'");
        await HasOneProblemAsync(Oci([TarItem.Directory("./")]).Build(), "is an entry for the root itself");
    }

    [Fact]
    public async Task Only_allowed_directories_have_entries()
    {
        var image = Oci(BaseImages.SmallRoot, [TarItem.Directory("app"), TarItem.Directory("var"), TarItem.Directory("tmp", 1777)]);
        await HasOneProblemAsync(
            image.Build(),
            "'var/' is an entry for a directory that is not the image's own",
            new() { OwnLayers = 1, AllowedDirectory = path => path == "app" });
        await ImageValidator.AssertValidAsync(image.Build(), TopIsOwn);
    }

    [Fact]
    public async Task Owners_have_no_names_and_no_other_times_are_told()
    {
        var named = new UstarTarEntry(
            TarEntryType.RegularFile, "a") { UserName = "root", GroupName = "wheel", ModificationTime = DateTimeOffset.UnixEpoch };
        await HasOneProblemAsync(OfEntries(named).Build(), "'a' has its owner by name (root:wheel)");
        await ImageValidator.AssertValidAsync(OfEntries(named).Build(), new() { OwnLayers = 0 });
        var timed = new GnuTarEntry(TarEntryType.RegularFile, "a") { AccessTime = DateTimeOffset.UtcNow };
        await HasOneProblemAsync(OfEntries(timed).Build(), "'a' tells of access or change");
    }

    [Fact]
    public async Task Pax_headers_tell_no_process_id()
    {
        var entry = new PaxTarEntry(TarEntryType.RegularFile, "a") { ModificationTime = DateTimeOffset.UnixEpoch };
        var result = await ImageValidator.ValidateAsync(OfEntries(entry).Build());
        Assert.Contains($"PaxHeaders.{Environment.ProcessId}", Assert.Single(result.Problems), StringComparison.Ordinal);
        await ImageValidator.AssertValidAsync(OfEntries(entry).Build(), new() { OwnLayers = 0 });

        // The same with a name that does not change, as Go writes it.
        var tar = TarOf(entry);
        var name = Encoding.ASCII.GetString(tar, 0, 100).TrimEnd('\0');
        tar.AsSpan(0, 100).Clear();
        Encoding.ASCII.GetBytes(name.Replace($".{Environment.ProcessId}", ".0"), tar);
        WriteChecksum(tar, 0);
        await ImageValidator.AssertValidAsync(OfTar(tar).Build());
    }

    [Theory]
    [InlineData("app/a", "app/later")]
    [InlineData("app/a", "etc/passwd")]
    [InlineData("app/a", "app")]
    public async Task A_hard_link_leads_to_an_earlier_file_of_its_layer(string link, string target)
    {
        var image = Oci(BaseImages.SmallRoot, [TarItem.Directory("app"), TarItem.HardLink(link, target), TarItem.File("app/later", "x")]);
        await HasOneProblemAsync(image.Build(), $"'{link}' is a hard link to '{target}'");
    }

    [Theory]
    [InlineData(".wh.", "", "is a whiteout of nothing")]
    [InlineData("etc/.wh..", "", "is a whiteout of nothing")]
    [InlineData("etc/.wh..wh.plnk", "", "is a whiteout of nothing")]
    [InlineData("etc/.wh.x", "content", "is no empty file")]
    [InlineData("etc/.wh.x/y", "", "reserved prefix")]
    public async Task Whiteouts_are_well_formed(string name, string content, string expected) =>
        await HasOneProblemAsync(Oci([TarItem.File(name, content)]).Build(), expected);

    [Fact]
    public async Task An_opaque_whiteout_is_one_too()
    {
        await ImageValidator.AssertValidAsync(Oci(BaseImages.SmallRoot, [TarItem.File("usr/lib/.wh..wh..opq", "")]).Build());
        var ofAll = await ImageValidator.ValidateAsync(Oci(BaseImages.SmallRoot, [TarItem.File(".wh..wh..opq", "")]).Build());
        Assert.Equal(["bin", "lib"], ofAll.Problems.Select(problem => problem.Split('\'')[3]));
    }

    [Fact]
    public async Task Nothing_lies_below_a_file_of_its_own_layer() =>
        await HasOneProblemAsync(
            Oci([TarItem.File("a", "a"), TarItem.File("a/b", "b")]).Build(), "'a/b' lies below 'a', which is no directory");

    [Fact]
    public async Task A_tar_ends_as_it_should()
    {
        var good = TestLayer.Of(TarItem.File("a", "a")).Tar;
        await ImageValidator.AssertValidAsync(OfTar([.. good, .. new byte[512]]).Build());
        await HasOneProblemAsync(OfTar(good[..^1024]).Build(), "without the two blocks of zeros");
        await HasOneProblemAsync(OfTar(good[..^512]).Build(), "one block of zeros instead of two");
        await HasOneProblemAsync(OfTar([.. good, .. new byte[100]]).Build(), "not a multiple of 512");
        await HasOneProblemAsync(OfTar([.. good, .. Encoding.ASCII.GetBytes(new string('x', 512))]).Build(), "something after its end");
        await ImageValidator.AssertValidAsync(OfTar(good[..^1024]).Build(), new() { OwnLayers = 0 });
        var spoilt = good.ToArray();
        spoilt[0] = (byte)'b';
        await HasOneProblemAsync(OfTar(spoilt).Build(), "wrong check sum");
    }

    [Fact]
    public async Task A_tar_that_is_none_is_found()
    {
        var result = await ImageValidator.ValidateAsync(
            OfTar(Encoding.ASCII.GetBytes(new string('x', 2048))).Build(), new() { OwnLayers = 0 });
        Assert.Contains("its tar cannot be read beyond entry 0", Assert.Single(result.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gzip_says_nothing_of_time_and_system()
    {
        await HasOneProblemAsync(WithGzip(gzip => gzip[4] = 1).Build(), "has MTIME 1, not 0");
        await HasOneProblemAsync(WithGzip(gzip => gzip[9] = 3).Build(), "has OS 3, not 255");
        await ImageValidator.AssertValidAsync(WithGzip(gzip => gzip[9] = 3).Build(), new() { OwnLayers = 0 });
        var layer = TestLayer.Of(TarItem.File("a", "a"));
        byte[] withName = [.. layer.Gzip[..3], 8, .. layer.Gzip[4..10], (byte)'n', 0, .. layer.Gzip[10..]];
        await HasOneProblemAsync(OfBlob(withName, layer.DiffId).Build(), "has flags 0x08");
    }

    [Fact]
    public async Task Gzip_has_one_member()
    {
        var layer = TestLayer.Of(TarItem.File("a", "a"));
        var (first, second) = (Gzip(layer.Tar[..512]), Gzip(layer.Tar[512..]));
        var empty = Gzip([]);
        await HasOneProblemAsync(OfBlob([.. first, .. second], layer.DiffId).Build(), "more than one member");
        await HasOneProblemAsync(OfBlob([.. layer.Gzip, .. empty], layer.DiffId).Build(), "more than one member");
        await HasOneProblemAsync(OfBlob([.. empty, .. layer.Gzip], layer.DiffId).Build(), "more than one member");
        await ImageValidator.AssertValidAsync(OfBlob([.. first, .. second], layer.DiffId).Build(), new() { OwnLayers = 0 });
    }

    [Fact]
    public async Task What_is_no_gzip_or_broken_is_found()
    {
        var layer = TestLayer.Of(TarItem.File("a", "a"));
        await HasOneProblemAsync(OfBlob(layer.Tar, layer.DiffId).Build(), "is not gzip");
        var wrongSum = layer.Gzip.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(wrongSum.AsSpan(wrongSum.Length - 8), 1);
        await HasOneProblemAsync(OfBlob(wrongSum, layer.DiffId).Build(), "cannot be unpacked");
    }

    [Fact]
    public async Task A_plain_tar_and_a_decoded_zstd_are_layers_too()
    {
        var layer = TestLayer.Of(TarItem.File("a", "a"));
        var plain = OfBlob(layer.Tar, layer.DiffId);
        plain.LayerType = "application/vnd.oci.image.layer.v1.tar";
        await ImageValidator.AssertValidAsync(plain.Build());

        var zstd = OfBlob(Encoding.ASCII.GetBytes("whatever"), layer.DiffId);
        zstd.LayerType = "application/vnd.oci.image.layer.v1.tar+zstd";
        await ImageValidator.AssertValidAsync(zstd.Build());
        await ImageValidator.AssertValidAsync(zstd.Build(), new() { ZstdDecoder = _ => new MemoryStream(layer.Tar) });
        await HasOneProblemAsync(
            zstd.Build(),
            "where the config's diff_id is",
            new() { ZstdDecoder = _ => new MemoryStream(TestLayer.Of().Tar) });
    }

    [Fact]
    public async Task A_foreign_layer_may_lie_elsewhere()
    {
        var image = Oci();
        image.AlterManifest = manifest =>
        {
            var layer = manifest["layers"]![0]!;
            layer["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
            layer["urls"] = new System.Text.Json.Nodes.JsonArray("https://example.invalid/layer");
            image.Blobs.Remove((string)layer["digest"]!);
        };
        await ImageValidator.AssertValidAsync(image.Build(), TopIsOwn);
    }

    [Theory]
    [InlineData("bin/b", "'bin/b' lies below 'bin', a symbolic link to 'usr/bin' in a lower layer")]
    [InlineData("etc/passwd/x", "lies below 'etc/passwd', which is a file in a lower layer")]
    [InlineData("tmp/x", "'tmp/x' lies in 'tmp' without an entry for it: 01777 0:0 of a lower layer becomes 0755 0:0")]
    [InlineData("home/app/x", "'home/app/x' lies in 'home/app' without an entry for it: 0700 1654:1654")]
    [InlineData("usr", "'usr' hides a directory of a lower layer")]
    [InlineData("lib", "'lib' hides the symbolic link 'lib' to 'usr/lib'")]
    public async Task A_file_hides_nothing_below(string path, string expected)
    {
        await HasOneProblemAsync(Oci(BaseImages.SmallRoot, [TarItem.File(path, "x")]).Build(), expected);
        await HasOneProblemAsync(Oci(BaseImages.SmallRoot, [TarItem.File(path, "x")]).Build(), expected, TopIsOwn);
        await ImageValidator.AssertValidAsync(Oci(BaseImages.SmallRoot, [TarItem.File(path, "x")]).Build(), new() { OwnLayers = 0 });
    }

    [Fact]
    public async Task A_directory_or_a_link_hides_nothing_below()
    {
        await HasOneProblemAsync(
            Oci(BaseImages.SmallRoot, [TarItem.Directory("lib"), TarItem.File("lib/x", "x")]).Build(),
            "'lib/' hides the symbolic link 'lib'");
        await HasOneProblemAsync(
            Oci(BaseImages.SmallRoot, [TarItem.Directory("etc/passwd")]).Build(), "is a directory where a lower layer has a file");
        await HasOneProblemAsync(
            Oci(BaseImages.SmallRoot, [TarItem.Symlink("lib", "usr/lib64")]).Build(), "'lib' hides the symbolic link 'lib'");
        await HasOneProblemAsync(
            Oci(BaseImages.SmallRoot, [TarItem.Directory("tmp")]).Build(), "'tmp/' is 0755 0:0 where a lower layer has it as 01777 0:0");
        await ImageValidator.AssertValidAsync(
            Oci(BaseImages.SmallRoot, [TarItem.Directory("tmp")]).Build(),
            new() { AllowedDirectory = path => path is "tmp" or "etc" or "home" or "home/app" or "usr" or "usr/bin" or "usr/lib" });
    }

    [Fact]
    public async Task A_whiteout_hides_no_symbolic_link()
    {
        await HasOneProblemAsync(Oci(BaseImages.SmallRoot, [TarItem.Whiteout("bin")]).Build(), "'.wh.bin' hides the symbolic link 'bin'");
        IReadOnlyList<TarItem> deep = [TarItem.Directory("opt"), TarItem.Directory("opt/x"), TarItem.Symlink("opt/x/l", "y")];
        await HasOneProblemAsync(Oci(deep, [TarItem.Whiteout("opt/x")]).Build(), "hides the symbolic link 'opt/x/l'");
        await ImageValidator.AssertValidAsync(Oci(BaseImages.SmallRoot, [TarItem.Whiteout("etc/passwd")]).Build());
    }

    [Fact]
    public async Task What_is_hidden_already_is_no_longer_below()
    {
        var image = Oci(
            BaseImages.SmallRoot,
            [TarItem.Whiteout("bin"), TarItem.Whiteout("tmp")],
            [TarItem.File("bin/b", "b"), TarItem.File("tmp/x", "x")]);
        await ImageValidator.AssertValidAsync(image.Build(), TopIsOwn);
        var opaque = Oci(
            [TarItem.Directory("a"), TarItem.Directory("a/b", 700)], [TarItem.File("a/.wh..wh..opq", "")], [TarItem.File("a/b/c", "c")]);
        await ImageValidator.AssertValidAsync(opaque.Build(), TopIsOwn);
        var replaced = Oci(
            [TarItem.Directory("a"), TarItem.Directory("a/b", 700)], [TarItem.File("a", "now a file")], [TarItem.File("a/b/c", "c")]);
        await HasOneProblemAsync(replaced.Build(), "lies below 'a', which is a file in a lower layer", TopIsOwn);
    }

    [Fact]
    public async Task Our_own_lower_layers_count_as_below()
    {
        var image = Oci([TarItem.Directory("app", 750)], [TarItem.File("app/x", "x")]);
        await HasOneProblemAsync(image.Build(), "layer 1: 'app/x' lies in 'app' without an entry for it");
    }

    private static byte[] TarOf(params TarEntry[] entries)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (var entry in entries)
                writer.WriteEntry(entry);
        }
        return buffer.ToArray();
    }

    private static SampleImage OfEntries(params TarEntry[] entries) => OfTar(TarOf(entries));

    private static SampleImage OfTar(byte[] tar)
    {
        var layer = TestLayer.OfTar(tar);
        return OfBlob(layer.Gzip, layer.DiffId);
    }

    private static SampleImage OfBlob(byte[] blob, string diffId)
    {
        var image = Oci([TarItem.File("a", "a")]);
        image.Layers[0] = (blob, diffId);
        return image;
    }

    private static SampleImage WithGzip(Action<byte[]> alter)
    {
        var layer = TestLayer.Of(TarItem.File("a", "a"));
        alter(layer.Gzip);
        return OfBlob(layer.Gzip, layer.DiffId);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        var bytes = buffer.ToArray();
        if (bytes.Length == 0)
            bytes = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[9] = 255;
        return bytes;
    }

    private static void WriteChecksum(byte[] tar, int header)
    {
        tar.AsSpan(header + 148, 8).Fill((byte)' ');
        var sum = tar.Skip(header).Take(512).Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", tar.AsSpan(header + 148));
    }
}
