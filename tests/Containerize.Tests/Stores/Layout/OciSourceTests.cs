using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Stores.Layout;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Layout;

/// <summary>OCI layouts as bases, in a folder and in a tar: both are read alike.</summary>
public sealed class OciSourceTests : IDisposable
{
    private const string Location = "oci:base";
    private static readonly Platform Amd64 = new("linux", "amd64");
    private static readonly Platform Arm64 = new("linux", "arm64", "v8");
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal) { ["oci-layout"] = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray() };

    public void Dispose() => _folder.Dispose();

    public static TheoryData<bool> Kinds => [false, true];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_single_image_needs_no_name(bool tar)
    {
        Index(Named(AddImage("linux/amd64", "one", "two"), "latest", null));

        var image = await ReadAsync(tar);

        Assert.Equal(_files["blobs/sha256/" + image.Manifest.Document.Descriptor.Digest.Hex], image.Manifest.Document.Content.ToArray());
        Assert.Equal(MediaTypes.OciManifest, image.Manifest.Document.MediaType);
        Assert.Equal(
            [SavedImages.Layer("one").Gzip, SavedImages.Layer("two").Gzip],
            [await LayerBuilderTests.ReadAsync(image.Layers[0]), await LayerBuilderTests.ReadAsync(image.Layers[1])]);
        Assert.Equal(
            [SavedImages.Layer("one").DiffId, SavedImages.Layer("two").DiffId], image.Layers.Select(layer => layer.DiffId.ToString()));
        Assert.All(image.Layers, layer => Assert.Null(layer.Source));
        Assert.DoesNotContain(_folder.Everything(), path => path.StartsWith("cache", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_we_wrote_we_read(bool tar)
    {
        var image = MemoryImages.Of("one", "two", "one");
        await new OciLayout(_folder["base"])
            .WriteAsync(ImageSet.Of(image), new ImageNames("team/app", ["1.0", "latest"]), withLayers: true, default);
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("team/app", ["1.0", "latest"]), _folder["base.tar"], default);
        foreach (var name in new[] { null, "1.0", "latest", "team/app:1.0", "docker.io/team/app:1.0", image.Manifest.Document.Descriptor.Digest.ToString() })
        {
            var read = await ReadWrittenAsync(tar, name, Amd64);
            Assert.Equal(image.Manifest.Document.Content.ToArray(), read.Manifest.Document.Content.ToArray());
            Assert.Equal(await LayerBuilderTests.ReadAsync(image.Layers[2]), await LayerBuilderTests.ReadAsync(read.Layers[2]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_platform_is_taken_from_an_index(bool tar)
    {
        var index = AddIndex(
            Entry(AddImage("linux/arm64/v8", "arm"), "linux/arm64/v8"),
            Entry(AddImage("linux/amd64", "amd"), "linux/amd64"),
            Entry(AddImage("unknown/unknown", "attestation"), "unknown/unknown"));
        Index(Named(index, "latest", null));
        Assert.Equal(SavedImages.Layer("amd").DiffId, (await ReadAsync(tar)).Layers[0].DiffId.ToString());
        Assert.Equal(SavedImages.Layer("arm").DiffId, (await ReadAsync(tar, "latest", Arm64)).Layers[0].DiffId.ToString());
        var e = await Failing.WithAsync(
            ErrorCodes.BasePlatformMissing,
            () => ReadAsync(tar, platform: new Platform("linux", "s390x")),
            Location,
            "linux/s390x",
            "it offers linux/arm64/v8, linux/amd64.");
        Assert.DoesNotContain("unknown", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Platforms_may_stand_in_the_layouts_own_index()
    {
        Index(Entry(AddImage("linux/arm64/v8", "arm"), "linux/arm64/v8"), Entry(AddImage("linux/amd64", "amd"), "linux/amd64"));
        Assert.Equal(SavedImages.Layer("amd").DiffId, (await ReadAsync(false)).Layers[0].DiffId.ToString());
        // Or in the configs alone.
        Index(AddImage("linux/arm64/v8", "arm"), AddImage("linux/amd64", "amd"));
        Assert.Equal(SavedImages.Layer("arm").DiffId, (await ReadAsync(false, platform: Arm64)).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task An_exact_variant_goes_before_none()
    {
        Index(AddIndex(Entry(AddImage("linux/arm64", "none"), "linux/arm64"), Entry(AddImage("linux/arm64/v8", "v8"), "linux/arm64/v8")));
        Assert.Equal(SavedImages.Layer("v8").DiffId, (await ReadAsync(false, platform: Arm64)).Layers[0].DiffId.ToString());
        Index(AddIndex(Entry(AddImage("linux/amd64", "first"), "linux/amd64"), Entry(AddImage("linux/amd64", "second"), "linux/amd64")));
        Assert.Equal(SavedImages.Layer("first").DiffId, (await ReadAsync(false)).Layers[0].DiffId.ToString());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Several_images_want_a_name(bool tar)
    {
        var nameless = AddImage("linux/amd64", "3");
        Index(Named(AddImage("linux/amd64", "1"), "1.0", null), Named(AddImage("linux/amd64", "2"), "2.0", null), nameless);
        var digest = (string)nameless["digest"]!;
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () => ReadAsync(tar), Location, "several images for linux/amd64", $"1.0, 2.0, {digest}.");
        await Failing.WithAsync(ErrorCodes.BaseUnusable, () => ReadAsync(tar, "3.0"), "no image '3.0'", $"There is: 1.0, 2.0, {digest}.");
        Assert.Equal(SavedImages.Layer("2").DiffId, (await ReadAsync(tar, "2.0")).Layers[0].DiffId.ToString());
        Assert.Equal(SavedImages.Layer("3").DiffId, (await ReadAsync(tar, digest)).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task One_tag_of_two_images_is_told_apart_by_the_full_name()
    {
        Index(
            Named(AddImage("linux/amd64", "1"), "1.0", "docker.io/library/one:1.0"),
            Named(AddImage("linux/amd64", "2"), "1.0", "docker.io/library/two:1.0"));
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ReadAsync(false, "1.0"),
            "several images '1.0'",
            "docker.io/library/one:1.0, docker.io/library/two:1.0.");
        Assert.Equal(SavedImages.Layer("2").DiffId, (await ReadAsync(false, "two:1.0")).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task A_full_name_may_stand_where_the_tag_does()
    {
        // podman save --format oci-archive.
        Index(
            Named(AddImage("linux/amd64", "1"), "localhost/app:1.0", null), Named(AddImage("linux/amd64", "2"), "localhost/app:2.0", null));
        Assert.Equal(SavedImages.Layer("2").DiffId, (await ReadAsync(true, "localhost/app:2.0")).Layers[0].DiffId.ToString());
    }

    [Fact]
    public async Task What_is_not_there_is_told_of()
    {
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ReadWrittenAsync(false, null, Amd64),
            Location,
            $"no folder '{Path.Combine(_folder.Path, "base")}'");
        _folder.Write("base/file");
        await Failing.WithAsync(ErrorCodes.BaseUnusable, () => ReadWrittenAsync(false, null, Amd64), "no OCI layout");
        Index();
        await Failing.WithAsync(ErrorCodes.BaseUnusable, () => ReadAsync(false), "no image in it");
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () =>
                ReadWrittenAsync(_folder.Write("base.tar", TestLayer.Of(TarItem.File("manifest.json", "[]")).Tar)),
                "no index.json",
                "'docker-archive:'");
    }

    [Fact]
    public async Task An_artifact_is_no_base()
    {
        var config = AddBlob("{}"u8.ToArray());
        var manifest = $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{{config}}","size":2},"layers":[]}""";
        var digest = AddBlob(Encoding.UTF8.GetBytes(manifest));
        Index(Descriptor(MediaTypes.OciManifest, digest, manifest.Length));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ReadAsync(false), "artifact");
        Index(Entry(Descriptor(MediaTypes.OciManifest, digest, manifest.Length), "linux/amd64"));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ReadAsync(true), "helm", "artifact");
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "index is no JSON", "JSON" },
        { "index is a list", "object" },
        { "index without manifests", "'manifests'" },
        { "index with a number", "descriptor" },
        { "digest is a path", "sha256" },
        { "huge index", "too much" },
        { "no manifest", "there is no" },
        { "other manifest", "does not hold" },
        { "other config", "does not hold" },
        { "no config", "there is no" },
        { "no layer", "one of its layers" },
        { "short layer", "bytes instead of" },
        { "wrong size", "does not hold" },
        { "another platform in the config", "linux/s390x" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_is_damaged_is_refused(string damage, string says)
    {
        var entry = AddImage(damage.StartsWith("another", StringComparison.Ordinal) ? "linux/s390x" : "linux/amd64", "one");
        var manifest = "blobs/sha256/" + Digest.Parse((string)entry["digest"]!).Hex;
        var config = "blobs/sha256/" + ImageManifest.Read(new ImageDocument(MediaTypes.OciManifest, _files[manifest])).Config.Digest.Hex;
        var layer = "blobs/sha256/" + Digest.Parse(SavedImages.Layer("one").Digest).Hex;
        Index(entry);
        switch (damage)
        {
            case "index is no JSON": _files["index.json"] = "{"u8.ToArray(); break;
            case "index is a list": _files["index.json"] = "[]"u8.ToArray(); break;
            case "index without manifests": _files["index.json"] = "{}"u8.ToArray(); break;
            case "index with a number": Index(1); break;
            case "digest is a path": Index(Descriptor(MediaTypes.OciManifest, "sha256:../../../../etc/passwd", 1)); break;
            case "huge index": _files["index.json"] = Encoding.ASCII.GetBytes(new string(' ', 9 * 1024 * 1024)); break;
            case "no manifest": _files.Remove(manifest); break;
            case "other manifest": _files[manifest] = [.. _files[manifest], (byte)' ']; break;
            case "other config": _files[config] = [.. _files[config][..^1], (byte)' ']; break;
            case "no config": _files.Remove(config); break;
            case "no layer": _files.Remove(layer); break;
            case "short layer": _files[layer] = _files[layer][..^1]; break;
            case "wrong size": Index(Entry(Descriptor(MediaTypes.OciManifest, (string)entry["digest"]!, 1), "linux/amd64")); break;
            default: Index(Entry(entry, "linux/amd64")); break;
        }

        var code = damage.StartsWith("another", StringComparison.Ordinal) ? ErrorCodes.BasePlatformMissing : ErrorCodes.BaseContentInvalid;
        await Failing.WithAsync(code, () => ReadAsync(false), Location, says);
        await Failing.WithAsync(code, () => ReadAsync(true), Location, says);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_layer_is_checked_while_it_is_read(bool tar)
    {
        Index(AddImage("linux/amd64", "one"));
        var layer = _files["blobs/sha256/" + Digest.Parse(SavedImages.Layer("one").Digest).Hex];
        layer[^5] ^= 1;
        var image = await ReadAsync(tar);
        await Assert.ThrowsAsync<InvalidDataException>(() => LayerBuilderTests.ReadAsync(image.Layers[0]));
    }

    [Fact]
    public async Task Later_steps_find_the_layers_again()
    {
        Index(AddImage("linux/amd64", "one", "two"));
        var image = await ReadAsync(true);
        var layersOf = ImageArchive.LayersOf(_folder["base.tar"]);
        foreach (var layer in image.Layers)
            Assert.Equal(
                await LayerBuilderTests.ReadAsync(layer), await LayerBuilderTests.ReadAsync(layersOf(layer.Descriptor, layer.DiffId)));

        // The archive is another one meanwhile.
        _folder.Write("base.tar", TestLayer.Of(TarItem.File("index.json", "{}")).Tar);
        var gone = ImageArchive.LayersOf(_folder["base.tar"])(image.Layers[0].Descriptor, image.Layers[0].DiffId);
        Assert.Contains(
            "changed", (await Assert.ThrowsAsync<InvalidDataException>(() => gone.OpenAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Foreign_layers_need_not_be_there()
    {
        var layer = SavedImages.Layer("windows");
        var entry = AddImage("linux/amd64", MediaTypes.DockerForeignLayerGzip, [layer]);
        _files.Remove("blobs/sha256/" + Digest.Parse(layer.Digest).Hex);
        Index(entry);
        Assert.True(Assert.Single((await ReadAsync(false)).Layers).Descriptor.IsForeign);
    }

    private Task<Image> ReadAsync(bool tar, string? name = null, Platform? platform = null)
    {
        foreach (var old in Directory.Exists(_folder["base/x"][..^2]) ? Directory.GetFiles(Path.Combine(_folder.Path, "base"), "*", SearchOption.AllDirectories) : [])
            File.Delete(old);
        foreach (var (path, content) in _files)
            _folder.Write("base/" + path, content);
        _folder.Write("base.tar", TestLayer.Of(_files.Select(file => TarItem.File("./" + file.Key, file.Value))).Tar);
        return ReadWrittenAsync(tar, name, platform ?? Amd64);
    }

    private Task<Image> ReadWrittenAsync(bool tar, string? name, Platform platform) => tar
        ? ReadWrittenAsync(_folder["base.tar"], name, platform)
        : new OciLayout(Path.Combine(_folder.Path, "base")).ReadAsync(Location, name, platform, default);

    private Task<Image> ReadWrittenAsync(string archive, string? name = null, Platform? platform = null) =>
        ImageArchive.ReadAsync(
            archive, ArchiveKind.Oci, Location, name, platform ?? Amd64, new LayerImporter(new LayerCache(_folder["cache"]), 1), default);

    private void Index(params JsonNode[] entries) => _files["index.json"] = IndexOf(entries);

    private static byte[] IndexOf(IEnumerable<JsonNode> entries) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciIndex,
        ["manifests"] = new JsonArray([.. entries.Select(entry => entry.DeepClone())]),
    });

    private string AddBlob(byte[] content)
    {
        var digest = Digest.Of(content);
        _files["blobs/sha256/" + digest.Hex] = content;
        return digest.ToString();
    }

    private JsonObject AddImage(string platform, params string[] contents) =>
        AddImage(platform, MediaTypes.OciLayerGzip, [.. contents.Select(SavedImages.Layer)]);

    private JsonObject AddImage(string platform, string layerType, IReadOnlyList<TestLayer> layers)
    {
        var config = new SavedImage(platform, null, layers).Config;
        foreach (var layer in layers)
            AddBlob(layer.Gzip.ToArray());
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor(MediaTypes.OciConfig, AddBlob(config), config.Length),
            ["layers"] = new JsonArray([.. layers.Select(layer => Descriptor(layerType, layer.Digest, layer.Gzip.Length))]),
        });
        return Descriptor(MediaTypes.OciManifest, AddBlob(manifest), manifest.Length);
    }

    private JsonObject AddIndex(params JsonNode[] entries)
    {
        var content = IndexOf(entries);
        return Descriptor(MediaTypes.OciIndex, AddBlob(content), content.Length);
    }

    private static JsonObject Descriptor(string mediaType, string digest, long size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    private static JsonObject Entry(JsonObject descriptor, string platform)
    {
        var parts = platform.Split('/');
        var entry = (JsonObject)descriptor.DeepClone();
        entry["platform"] = new JsonObject { ["os"] = parts[0], ["architecture"] = parts[1] };
        if (parts.Length > 2)
            entry["platform"]!["variant"] = parts[2];
        return entry;
    }

    private static JsonObject Named(JsonObject descriptor, string refName, string? fullName)
    {
        var entry = (JsonObject)descriptor.DeepClone();
        entry["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = refName };
        if (fullName is not null)
            entry["annotations"]!["io.containerd.image.name"] = fullName;
        return entry;
    }
}
