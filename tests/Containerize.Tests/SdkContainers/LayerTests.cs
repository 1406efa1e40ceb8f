using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Planning;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>Layers and archives, as the .NET SDK's own tests have them.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Publish => Path.Combine(_folder.Path, "publish");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_and_the_directory_that_it_lies_in()
    {
        _folder.Write("publish/TestFile.txt", "content");

        var tar = Tars.Read(Inflate(await ReadAsync(await BuildAsync("cache"))));

        Assert.Equal(
            [("app/", TarEntryType.Directory), ("app/TestFile.txt", TarEntryType.RegularFile)],
            tar.Select(entry => (entry.Name, entry.Type)));
    }

    [Fact]
    public async Task Hidden_files_and_directories_are_there()
    {
        _folder.Write("publish/App.dll");
        _folder.Write("publish/.env");
        _folder.Write("publish/pages/.well-known/security.txt");

        var tar = Tars.Read(Inflate(await ReadAsync(await BuildAsync("cache"))));

        Assert.Equal(
            ["app/", "app/.env", "app/App.dll", "app/pages/", "app/pages/.well-known/", "app/pages/.well-known/security.txt"],
            tar.Select(entry => entry.Name));
    }

    // In the SDK a numeric ContainerUser, 1234 say, owns all entries. Here root does, whoever runs the application
    // (docs/coming-from-sdk-containers.md).
    [Fact]
    public async Task Every_entry_belongs_to_root()
    {
        _folder.Write("publish/App.dll");
        _folder.Write("publish/sub/x");

        var tar = Tars.Read(Inflate(await ReadAsync(await BuildAsync("cache"))));

        Assert.All(tar, entry => Assert.Equal((0, 0, ""), (entry.Uid, entry.Gid, entry.OwnerNames)));
    }

    [Fact]
    public async Task Size_digest_and_diff_id_are_those_of_the_bytes()
    {
        _folder.Write("publish/App.dll", new byte[200_000]);

        var layer = await BuildAsync("cache");

        var bytes = await ReadAsync(layer);
        Assert.Equal((bytes.Length, Digest.Of(bytes)), (layer.Descriptor.Size, layer.Descriptor.Digest));
        Assert.Equal(Digest.Of(Inflate(bytes)), layer.DiffId);
    }

    [Fact]
    public async Task The_same_content_is_the_same_layer_whatever_its_time_and_the_culture()
    {
        _folder.Write("publish/App.dll", "content");
        _folder.Write("publish/sub/ümläut.txt", "content");
        var first = await BuildAsync("first");
        foreach (var file in Directory.EnumerateFiles(Publish, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NegativeSign = "~" }, DateTimeFormat = new DateTimeFormatInfo { TimeSeparator = "#" } };
            var second = await BuildAsync("second");

            Assert.Equal((first.Descriptor, first.DiffId), (second.Descriptor, second.DiffId));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        _folder.Write("publish/App.dll", "Content");
        Assert.NotEqual(first.DiffId, (await BuildAsync("third")).DiffId);
    }

    // In the SDK every entry has SOURCE_DATE_EPOCH as its time. Here the time is fixed, so that a layer does not change because a commit
    // did; the epoch is in the config (docs/design/file-times.md).
    [Fact]
    public async Task Every_entry_has_one_time_and_none_tells_a_process_id()
    {
        _folder.Write("publish/App.dll");
        _folder.Write("publish/" + new string('n', 150) + ".txt");

        var tar = Inflate(await ReadAsync(await BuildAsync("cache")));

        Assert.All(Tars.Read(tar), entry => Assert.Equal(new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc), entry.Time));
        Assert.DoesNotContain("PaxHeaders", Encoding.Latin1.GetString(tar), StringComparison.Ordinal);
    }

    // These count as unset in the SDK. Here they are none either, and the build warns (CTZ1027).
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("text")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("0x10")]
    [InlineData("1,636,000,000")]
    [InlineData("9223372036854775808")]
    [InlineData("253402300800")]
    public void No_epoch(string text) => Assert.False(CreationTime.TryParseEpoch(text, out _));

    // The SDK writes either Docker's form (manifest.json, *.json, */layer.tar) or OCI's (oci-layout, index.json, blobs). Here one file is
    // both.
    [Fact]
    public async Task An_archive_holds_both_manifests_and_besides_blobs_only()
    {
        var image = MemoryImages.Of("one", "two", "three");
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("app", ["latest"]), _folder["app.tar"], default);

        var files = Tars.Read(await File.ReadAllBytesAsync(_folder["app.tar"])).Where(entry => entry.Type == TarEntryType.RegularFile)
            .ToDictionary(entry => entry.Name);

        var blobs = files.Keys.Where(name => name.StartsWith("blobs/sha256/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["index.json", "manifest.json", "oci-layout"], files.Keys.Except(blobs).Order(StringComparer.Ordinal));
        Assert.Equal(5, blobs.Count); // Three layers, the config and the manifest.
        Assert.All(blobs, name => Assert.Equal("blobs/sha256/" + Digest.Of(files[name].Content).Hex, name));
        var docker = Assert.Single(JsonNode.Parse(files["manifest.json"].Content)!.AsArray())!;
        Assert.Equal(["app:latest"], docker["RepoTags"]!.AsArray().Select(tag => (string?)tag));
        Assert.Contains((string)docker["Config"]!, blobs);
        Assert.Equal(3, docker["Layers"]!.AsArray().Select(layer => (string)layer!).Intersect(blobs).Count());
        var oci = Assert.Single(JsonNode.Parse(files["index.json"].Content)!["manifests"]!.AsArray())!;
        Assert.Equal("docker.io/library/app:latest", (string?)oci["annotations"]!["io.containerd.image.name"]);
        Assert.Equal("latest", (string?)oci["annotations"]!["org.opencontainers.image.ref.name"]);
    }

    private async Task<ILayer> BuildAsync(string cache)
    {
        var layers = new LayerPlanner("app", RuntimeIdentifierGraph.For(null, "linux-x64"), _folder["work"]).Plan(Publish, []).Layers;
        return await new LayerBuilder(new LayerCache(_folder[cache]), 1)
            .BuildAsync(Assert.Single(layers).Entries, ImageFormat.Oci, default);
    }

    private static async Task<byte[]> ReadAsync(ILayer layer)
    {
        await using var stream = await layer.OpenAsync(default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static byte[] Inflate(byte[] gzip)
    {
        using var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
