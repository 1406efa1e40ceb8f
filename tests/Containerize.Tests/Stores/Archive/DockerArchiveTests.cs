using System.IO.Compression;
using System.Text;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Archive;

/// <summary>Archives that other tools have made, as bases.</summary>
public sealed class DockerArchiveTests : IDisposable
{
    private const string Location = "docker-archive:base.tar";
    private static readonly Platform Amd64 = new("linux", "amd64");
    private static readonly Platform Arm64 = new("linux", "arm64", "v8");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Forms => [.. SavedImages.Forms];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_is_read(string form)
    {
        var saved = SavedImages.Image("linux/amd64", ["app:1"], "one", "two", "one");
        var image = await ReadAsync(SavedImages.Archive(form, saved));

        Assert.Equal(saved.Config, image.Config.Document.Content.ToArray());
        Assert.Equal(
            (MediaTypes.DockerManifest, MediaTypes.DockerConfig), (image.Manifest.Document.MediaType, image.Manifest.Config.MediaType));
        Assert.Equal(saved.Layers.Select(layer => layer.DiffId), image.Layers.Select(layer => layer.DiffId.ToString()));
        Assert.Equal(image.Manifest.Layers, image.Layers.Select(layer => layer.Descriptor));
        foreach (var (layer, given) in image.Layers.Zip(saved.Layers))
        {
            Assert.Equal(MediaTypes.DockerLayerGzip, layer.Descriptor.MediaType);
            var bytes = await LayerBuilderTests.ReadAsync(layer);
            Assert.Equal(layer.Descriptor.Digest, Digest.Of(bytes));
            Assert.Equal(given.Tar, Unzip(bytes));
            // Whoever has compressed it: those are the bytes that a registry may have already.
            if (form == "gzip")
                Assert.Equal(given.Gzip, bytes);
        }
    }

    [Fact]
    public async Task All_forms_without_compression_give_the_same_image()
    {
        var saved = SavedImages.Image("linux/amd64", ["app:1"], "one", "two");
        var digests = new List<Digest>();
        foreach (var form in SavedImages.Forms.Except(["gzip"]))
            digests.Add((await ReadAsync(SavedImages.Archive(form, saved))).Manifest.Document.Descriptor.Digest);
        Assert.Single(digests.Distinct());
    }

    [Theory]
    [InlineData("docker 20", "gzip-6-net")]
    [InlineData("gzip", "as-it-came")]
    public async Task The_second_time_nothing_is_compressed(string form, string codec)
    {
        var archive = SavedImages.Archive(form, SavedImages.Image("linux/amd64", ["app:1"], "one"));
        var first = await ReadAsync(archive);
        var blob = Path.Combine(_folder["cache"], "sha256", first.Layers[0].Descriptor.Digest.Hex);
        Assert.StartsWith(
            codec, Path.GetFileName(Assert.Single(Directory.GetDirectories(_folder["cache/diffids"]))), StringComparison.Ordinal);
        File.SetLastWriteTimeUtc(blob, DateTime.UnixEpoch);

        var second = await ReadAsync(archive);

        Assert.Equal(first.Manifest.Document.Descriptor, second.Manifest.Document.Descriptor);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(blob));
    }

    [Fact]
    public async Task What_another_archive_left_in_the_cache_has_no_influence_on_the_digest()
    {
        var layer = SavedImages.Layer("one");
        var image = new SavedImage("linux/amd64", ["app:1"], layer);
        var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.NoCompression))
            gzip.Write(layer.Tar);
        var entries = SavedImages.Entries("gzip", image);
        List<TarItem> others = [.. entries.Select(
            item => item.Path.EndsWith(".gz", StringComparison.Ordinal) ? item with { Content = stored.ToArray() } : item)];

        Assert.Equal(layer.Digest, (await ReadAsync(TestLayer.Of(entries).Tar)).Layers[0].Descriptor.Digest.ToString());
        Assert.Equal(Digest.Of(stored.ToArray()), (await ReadAsync(TestLayer.Of(others).Tar)).Layers[0].Descriptor.Digest);
        Assert.Equal(layer.Digest, (await ReadAsync(TestLayer.Of(entries).Tar)).Layers[0].Descriptor.Digest.ToString());
    }

    [Fact]
    public async Task Our_own_archive_is_one_too()
    {
        var image = MemoryImages.Of("one", "two");
        var path = _folder["own.tar"];
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("team/app", ["1.0"]), path, default);

        var read = await ReadAsync(path, name: "team/app:1.0");

        Assert.Equal(image.Config.Document.Content.ToArray(), read.Config.Document.Content.ToArray());
        Assert.Equal(image.Layers.Select(layer => layer.Descriptor.Digest), read.Layers.Select(layer => layer.Descriptor.Digest));
    }

    [Fact]
    public async Task Images_that_share_layers_share_them_here()
    {
        var shared = SavedImages.Layer("shared");
        var archive = SavedImages.Archive(
            "docker 20",
            new SavedImage(
                "linux/amd64",
                ["one:1"],
                shared,
                SavedImages.Layer("1")), new SavedImage("linux/amd64", ["two:1"], shared, SavedImages.Layer("2")));
        var (one, two) = (await ReadAsync(archive, "one:1"), await ReadAsync(archive, "two:1"));
        Assert.Equal(one.Layers[0].Descriptor, two.Layers[0].Descriptor);
        Assert.Equal(shared.Tar, Unzip(await LayerBuilderTests.ReadAsync(two.Layers[0])));
        Assert.NotEqual(one.Layers[1].Descriptor, two.Layers[1].Descriptor);
    }

    [Theory]
    [InlineData("app:1")]
    [InlineData("docker.io/library/app:1")]
    [InlineData("app")]
    [InlineData("localhost:5000/team/app:1")]
    public async Task A_name_is_found_however_it_is_written(string name)
    {
        var archive = SavedImages.Archive(
            "podman",
            SavedImages.Image(
                "linux/amd64",
                ["docker.io/library/app:1", "app:latest", "localhost:5000/team/app:1"],
                "right"), SavedImages.Image("linux/amd64", ["other:1"], "wrong"));
        Assert.Equal(SavedImages.Layer("right").DiffId, (await ReadAsync(archive, name)).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task A_digest_is_a_name()
    {
        var wanted = SavedImages.Image("linux/amd64", null, "right");
        var archive = SavedImages.Archive("podman", SavedImages.Image("linux/amd64", null, "wrong"), wanted);
        Assert.Equal(
            SavedImages.Layer("right").DiffId, (await ReadAsync(archive, Digest.Of(wanted.Config).ToString())).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task Of_several_platforms_the_right_one_is_taken()
    {
        var archive = SavedImages.Archive(
            "docker 25",
            SavedImages.Image("linux/arm64/v8", ["app:arm"], "arm"),
            SavedImages.Image("linux/amd64", ["app:amd"], "amd"),
            SavedImages.Image("linux/s390x", null, "z"));
        Assert.Equal(SavedImages.Layer("amd").DiffId, (await ReadAsync(archive)).Layers[0].DiffId.ToString());
        Assert.Equal(SavedImages.Layer("arm").DiffId, (await ReadAsync(archive, platform: Arm64)).Layers[0].DiffId.ToString());
        await Failing.WithAsync(
            ErrorCodes.BasePlatformMissing, () =>
                ReadAsync(archive, platform: new Platform("linux", "riscv64")),
                Location,
                "linux/riscv64",
                "linux/arm64/v8, linux/amd64, linux/s390x");
        await Failing.WithAsync(ErrorCodes.BasePlatformMissing, () => ReadAsync(archive, "app:arm"), "it offers linux/arm64/v8.");
    }

    [Fact]
    public async Task Several_images_want_a_name()
    {
        var nameless = SavedImages.Image("linux/amd64", null, "2");
        var archive = SavedImages.Archive("docker 20", SavedImages.Image("linux/amd64", ["one:1", "one:latest"], "1"), nameless);
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ReadAsync(archive),
            Location,
            "several images for linux/amd64",
            $"one:1, {Digest.Of(nameless.Config)}.");
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ReadAsync(archive, "two:1"),
            "no image 'two:1'",
            $"There is: one:1, {Digest.Of(nameless.Config)}.");
    }

    [Fact]
    public async Task A_list_without_images_is_told_of() =>
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () => ReadAsync(TestLayer.Of(TarItem.File("manifest.json", "[]")).Tar), "no image in it");

    [Theory]
    [InlineData("index.json", "It holds index.json, so write 'oci-archive:'")]
    [InlineData("something", "not an image's archive")]
    public async Task An_archive_of_another_kind_is_told_of(string file, string says) =>
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ReadAsync(TestLayer.Of(TarItem.File(file, "{}")).Tar),
            "holds no manifest.json",
            says);

    // What an attacker, or a bad disk, could make of an archive.
    public static TheoryData<string, string> Damages => new()
    {
        { "empty", "not a tar" },
        { "noise", "not a" },
        { "cut in a layer", "cut off" },
        { "cut in a header", "whole tar" },
        { "no layer", "one of its layers" },
        { "no config", "there is no" },
        { "other config", "does not hold what its name says" },
        { "other layer", "diffID" },
        { "other layer in gzip", "diffID" },
        { "broken gzip", "The" },
        { "zstd", "zstd" },
        { "layer outside", "one of its layers" },
        { "link outside", "one of its layers" },
        { "link to itself", "one of its layers" },
        { "layer is a folder", "one of its layers" },
        { "too few layers", "lists 0 layers, its config 1" },
        { "list is no JSON", "JSON" },
        { "list is an object", "array" },
        { "list of numbers", "no image" },
        { "names are numbers", "text" },
        { "no Layers", "'Layers'" },
        { "huge list", "too much" },
        { "config is no JSON", "JSON" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_is_damaged_is_refused(string damage, string says)
    {
        var image = SavedImages.Image("linux/amd64", ["app:1"], "one");
        var entries = SavedImages.Entries(damage.Contains("gzip", StringComparison.Ordinal) ? "gzip" : "docker 20", image);
        var config = entries[0].Path;
        var layer = entries.Single(item => item.Path.Contains("tar", StringComparison.Ordinal)).Path;
        var archive = damage switch
        {
            "empty" => [],
            "noise" => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("this is no archive", 100))),
            "cut in a layer" => Cut(entries, layer, 512 + 100),
            "cut in a header" => Cut(entries, "manifest.json", 200),
            "no layer" => Without(layer),
            "no config" => Without(config),
            "other config" => With(config, item => item with { Content = [.. item.Content, (byte)' '] }),
            "other layer" => With(layer, item => item with { Content = SavedImages.Layer("two").Tar }),
            "other layer in gzip" => With(layer, item => item with { Content = SavedImages.Layer("two").Gzip }),
            "broken gzip" => With(layer, item => item with { Content = [0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }),
            "zstd" => With(layer, item => item with { Content = [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3] }),
            "layer outside" => List($$"""[{"Config":"{{config}}","RepoTags":null,"Layers":["../../../../etc/passwd"]}]"""),
            "link outside" => With(layer, _ => TarItem.Symlink(layer, "../../../../../etc/passwd")),
            "link to itself" => With(layer, _ => TarItem.Symlink(layer, "layer.tar")),
            "layer is a folder" => With(layer, _ => TarItem.Directory(layer)),
            "too few layers" => List($$"""[{"Config":"{{config}}","RepoTags":null,"Layers":[]}]"""),
            "list is no JSON" => List("[{"),
            "list is an object" => List("{}"),
            "list of numbers" => List("[1]"),
            "names are numbers" => List($$"""[{"Config":"{{config}}","RepoTags":[1],"Layers":[]}]"""),
            "no Layers" => List($$"""[{"Config":"{{config}}"}]"""),
            "huge list" => List(new string(' ', 9 * 1024 * 1024) + "[]"),
            "config is no JSON" => List("""[{"Config":"c.json","RepoTags":null,"Layers":[]}]""", TarItem.File("c.json", "{")),
            _ => throw new ArgumentOutOfRangeException(nameof(damage)),
        };

        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ReadAsync(archive), Location, says);
        Assert.DoesNotContain(
            _folder.Everything(), path => path.StartsWith("cache/", StringComparison.Ordinal) && File.Exists(_folder[path]));

        byte[] With(string path, Func<TarItem, TarItem> change) =>
            TestLayer.Of(entries.Select(item => item.Path == path ? change(item) : item)).Tar;
        byte[] Without(string path) => TestLayer.Of(entries.Where(item => item.Path != path)).Tar;
        byte[] List(string json, params TarItem[] more) =>
            TestLayer.Of([.. entries.Where(item => item.Path != "manifest.json"), TarItem.File("manifest.json", json), .. more]).Tar;
    }

    [Fact]
    public async Task A_later_entry_of_a_name_counts()
    {
        var entries = SavedImages.Entries("docker 20", SavedImages.Image("linux/amd64", ["app:1"], "one"));
        var layer = entries.FindIndex(item => item.Path.EndsWith("layer.tar", StringComparison.Ordinal));
        entries.Insert(layer, TarItem.File("./" + entries[layer].Path, "something else"));
        Assert.Equal(SavedImages.Layer("one").DiffId, (await ReadAsync(TestLayer.Of(entries).Tar)).Layers[0].DiffId.ToString());
    }

    private Task<Image> ReadAsync(byte[] archive, string? name = null, Platform? platform = null) =>
        ReadAsync(_folder.Write("base.tar", archive), name, platform);

    private Task<Image> ReadAsync(string path, string? name = null, Platform? platform = null) =>
        ImageArchive.ReadAsync(
            path, ArchiveKind.Docker, Location, name, platform ?? Amd64, new LayerImporter(new LayerCache(_folder["cache"]), 2), default);

    // The archive up to some bytes behind the beginning of an entry.
    private static byte[] Cut(List<TarItem> entries, string path, int length)
    {
        var before = TestLayer.Of(entries.TakeWhile(item => item.Path != path)).Tar.Length - 1024;
        return TestLayer.Of(entries).Tar[..(before + length)];
    }

    private static byte[] Unzip(byte[] bytes)
    {
        using var tar = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
            gzip.CopyTo(tar);
        return tar.ToArray();
    }
}
