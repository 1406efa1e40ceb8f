using System.Formats.Tar;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using static Containerize.Tests.Testing.SampleImage;

namespace Containerize.Tests.Testing;

/// <summary>The places that an image is judged in, and what is wrong with a place itself.</summary>
public sealed class ImageValidatorSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("containerize-sources-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_registry_is_read_from_inside_and_by_http()
    {
        await using var registry = await TestRegistry.StartAsync();
        var index = BaseImages.PushIndex(registry, "a/base", "1", new BaseImageSpec(), new BaseImageSpec { Platform = "linux/arm64" });
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "a/base", "1"));
        var remote = await ImageUnderTest.FromRemoteAsync(registry.Host, "a/base", "1");
        Assert.Equal(index.MediaType, remote.MediaType);
        await ImageValidator.AssertValidAsync(remote);
        await Assert.ThrowsAsync<HttpRequestException>(() => ImageUnderTest.FromRemoteAsync(registry.Host, "a/base", "2"));
        Assert.Throws<FileNotFoundException>(() => ImageUnderTest.FromRegistry(registry, "a/base", "2"));

        await registry.SendAsync("DELETE", $"/v2/a/base/blobs/{index.Images[0].Layers[0].Digest}");
        foreach (var image in new[] { remote, ImageUnderTest.FromRegistry(registry, "a/base", "1") })
        {
            var result = await ImageValidator.ValidateAsync(image);
            Assert.All(result.Problems, problem => Assert.Contains("layer 0: cannot be read", problem, StringComparison.Ordinal));
            Assert.Equal(2, result.Problems.Count);
        }
    }

    [Fact]
    public async Task A_layout_is_read_by_name_or_digest()
    {
        var files = Layout(Oci());
        var layout = ImageUnderTest.FromLayout(Write(files));
        await ImageValidator.AssertValidAsync(layout);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(_folder.FullName, "1.0"));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(_folder.FullName, RegistryCalls.DigestOf(layout.Root)));
        Assert.Throws<InvalidOperationException>(() => ImageUnderTest.FromLayout(_folder.FullName, "2.0"));
    }

    [Fact]
    public async Task A_layout_s_own_files_are_checked()
    {
        await LayoutProblemAsync(files => files.Remove("oci-layout"), "oci-layout: is not there");
        await LayoutProblemAsync(
            files => files["oci-layout"] = "{\"imageLayoutVersion\":\"2\"}"u8.ToArray(),
            "oci-layout: imageLayoutVersion is '2'");
        await LayoutProblemAsync(files => files["oci-layout"] = "{}"u8.ToArray(), "oci-layout: has no imageLayoutVersion");
        await LayoutProblemAsync(
            files => files["blobs/sha256/" + new string('0', 64)] = [1], "does not have the digest that its name says");
        await LayoutProblemAsync(
            files => Alter(files, "index.json", index => index["schemaVersion"] = 1), "index.json: schemaVersion is 1");
        await LayoutProblemAsync(files => Alter(files, "index.json", index => index["mediaType"] = "a/b"), "index.json: mediaType is a/b");
        await LayoutProblemAsync(files => Alter(files, "index.json", index => index["manifests"]![0]!["size"] = 1), "root: has ");
    }

    [Fact]
    public async Task A_combined_archive_is_good()
    {
        var archive = ImageUnderTest.FromArchive(WriteTar(Combined(Oci())));
        Assert.Equal(["org/app:1.0"], archive.RepoTags);
        await ImageValidator.AssertValidAsync(archive);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(WriteTar(Combined(Docker())), "1.0"));
    }

    [Fact]
    public async Task A_combined_archive_may_hold_an_index()
    {
        var image = Oci();
        var arm = Oci();
        arm.Config["architecture"] = "arm64";
        var root = image.BuildIndex(alter: null, arm);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(WriteTar(Combined(image, root))));
    }

    [Fact]
    public async Task An_archive_without_manifest_json_is_one_only_if_that_is_said()
    {
        var path = WriteTar(Layout(Oci()));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(path, combined: false));
        await HasOneProblemAsync(ImageUnderTest.FromArchive(path), "manifest.json: is not there");
    }

    [Fact]
    public async Task Manifest_json_tells_of_the_same_image()
    {
        await ArchiveProblemAsync(files => files["manifest.json"] = "[]"u8.ToArray(), "is not an array with at least one image");
        await ArchiveProblemAsync(files => files["manifest.json"] = "{}"u8.ToArray(), "is not an array with at least one image");
        await ArchiveProblemAsync(files => AlterEntry(files, entry => entry.Remove("Config")), "manifest.json: has no Config");
        await ArchiveProblemAsync(
            files => AlterEntry(files, entry => entry["Layers"]!.AsArray().RemoveAt(0)), "config and layers are not those of a manifest");
        await ArchiveProblemAsync(
            files => AlterEntry(files, entry => entry["Config"] = (string)entry["Layers"]![0]!),
            "config and layers are not those of a manifest");
        var missing = await ImageValidator.ValidateAsync(
            ImageUnderTest.FromArchive(WriteTar(Altered(files => AlterEntry(files, entry => entry["Layers"]![0] = "x.tar")))));
        Assert.Contains(missing.Problems, problem => problem.Contains("'x.tar' is not in the archive", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_in_manifest_json_and_index_json_agree()
    {
        await ArchiveProblemAsync(
            files => AlterEntry(files, entry => entry["RepoTags"]!.AsArray().Add("app:2")), "RepoTags has 'app:2', which no descriptor");
        await ArchiveProblemAsync(
            files => AlterEntry(files, entry => entry["RepoTags"]!.AsArray().Add("app")), "'app', which is not of the form name:tag");
        await ArchiveProblemAsync(
            files => AlterEntry(files, entry => entry["RepoTags"] = new JsonArray()),
            "index.json has the name 'docker.io/org/app:1.0', and RepoTags has not");
        await ArchiveProblemAsync(
            files => Alter(
                files, "index.json", index => index["manifests"]![0]!["annotations"]!["org.opencontainers.image.ref.name"] = "2.0"),
            "index.json calls one image 'docker.io/org/app:1.0' and '2.0'");
        foreach (var (tag, name) in new[] { ("app:1.0", "docker.io/library/app:1.0"), ("localhost/app:1.0", "localhost/app:1.0"), ("host:5000/app:1.0", "host:5000/app:1.0") })
        {
            var files = Altered(files =>
            {
                AlterEntry(files, entry => entry["RepoTags"] = new JsonArray(tag));
                Alter(files, "index.json", index => index["manifests"]![0]!["annotations"]!["io.containerd.image.name"] = name);
            });
            await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(WriteTar(files)));
        }
    }

    [Fact]
    public async Task An_archive_is_a_good_tar()
    {
        var path = WriteTar(Combined(Oci()));
        var bytes = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, bytes[..^1024]);
        await HasOneProblemAsync(ImageUnderTest.FromArchive(path), "archive: its tar ends without the two blocks of zeros");

        var files = Combined(Oci()).ToList();
        await HasOneProblemAsync(ImageUnderTest.FromArchive(WriteTar([.. files, files[^1]])), "is there twice");
        await HasOneProblemAsync(
            ImageUnderTest.FromArchive(WriteTar([.. files, KeyValuePair.Create("./x", Array.Empty<byte>())])),
            "'./x' should be written 'x'");
    }

    [RequiresFact(Server.Registry)]
    public async Task A_docker_registry_is_read_by_http_and_judges_as_the_test_registry_does()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = Oci();
        var built = image.Build();
        var repository = $"judge-{Guid.NewGuid():n}";
        using var http = new HttpClient();
        foreach (var host in new[] { Testbed.Get(Server.Registry), registry.Host })
        {
            var early = await http.SendAsync(Put(host, repository, "1.0", built));
            Assert.Equal(HttpStatusCode.BadRequest, early.StatusCode);
            Assert.Contains("MANIFEST_BLOB_UNKNOWN", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            foreach (var content in image.Blobs.Values.Where(content => !content.AsSpan().SequenceEqual(built.Root)))
            {
                var begun = await http.PostAsync($"http://{host}/v2/{repository}/blobs/uploads/", content: null);
                Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
                var location = $"{begun.Headers.Location}&digest={RegistryCalls.DigestOf(content)}";
                Assert.Equal(HttpStatusCode.Created, (await http.PutAsync(location, new ByteArrayContent(content))).StatusCode);
            }
            Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(Put(host, repository, "1.0", built))).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"http://{host}/v2/{repository}/manifests/1.0")).StatusCode);
            await ImageValidator.AssertValidAsync(await ImageUnderTest.FromRemoteAsync(host, repository, "1.0"));
        }
    }

    [RequiresTheory(Server.BaseAspNet, Server.BaseAspNetMulti, Server.BaseRuntimeDocker, Server.BaseBusybox)]
    [InlineData(Server.BaseAspNet)]
    [InlineData(Server.BaseAspNetMulti)]
    [InlineData(Server.BaseRuntimeDocker)]
    [InlineData(Server.BaseBusybox)]
    public async Task A_real_base_image_has_no_problems(string key)
    {
        var parts = Testbed.Get(key).Split('/', 2);
        var colon = parts[1].LastIndexOf(':');
        var image = await ImageUnderTest.FromRemoteAsync(parts[0], parts[1][..colon], parts[1][(colon + 1)..]);
        await ImageValidator.AssertValidAsync(image, new() { OwnLayers = 0, RequireMediaType = false });
    }

    private static HttpRequestMessage Put(string host, string repository, string tag, ImageUnderTest image) =>
        new(HttpMethod.Put, $"http://{host}/v2/{repository}/manifests/{tag}")
        {
            Content = new ByteArrayContent(image.Root) { Headers = { ContentType = new(image.MediaType) } },
        };

    private async Task LayoutProblemAsync(Action<Dictionary<string, byte[]>> spoil, string expected)
    {
        var files = Layout(Oci());
        spoil(files);
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, Path.GetRandomFileName()));
        await HasOneProblemAsync(ImageUnderTest.FromLayout(Write(files, folder.FullName)), expected);
    }

    private async Task ArchiveProblemAsync(Action<Dictionary<string, byte[]>> spoil, string expected) =>
        await HasOneProblemAsync(ImageUnderTest.FromArchive(WriteTar(Altered(spoil))), expected);

    private static Dictionary<string, byte[]> Altered(Action<Dictionary<string, byte[]>> spoil)
    {
        var files = Combined(Oci());
        spoil(files);
        return files;
    }

    private static void AlterEntry(Dictionary<string, byte[]> files, Action<JsonObject> alter)
    {
        var manifest = JsonNode.Parse(files["manifest.json"])!;
        alter(manifest[0]!.AsObject());
        files["manifest.json"] = Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    private static void Alter(Dictionary<string, byte[]> files, string path, Action<JsonNode> alter)
    {
        var document = JsonNode.Parse(files[path])!;
        alter(document);
        files[path] = Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static Dictionary<string, byte[]> Layout(SampleImage image, ImageUnderTest? root = null)
    {
        root ??= image.Build();
        var descriptor = image.Descriptor(root.MediaType, root.Root);
        descriptor["annotations"] = new JsonObject
        {
            ["org.opencontainers.image.ref.name"] = "1.0",
            ["io.containerd.image.name"] = "docker.io/org/app:1.0",
        };
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = RegistryCalls.OciIndex, ["manifests"] = new JsonArray(descriptor) };
        var files = image.Blobs.ToDictionary(blob => "blobs/" + blob.Key.Replace(':', '/'), blob => blob.Value);
        files["index.json"] = Encoding.UTF8.GetBytes(index.ToJsonString());
        files["oci-layout"] = "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray();
        return files;
    }

    private static Dictionary<string, byte[]> Combined(SampleImage image, ImageUnderTest? root = null)
    {
        var files = Layout(image, root);
        var manifest = JsonNode.Parse(image.BuildManifest())!;
        static string PathOf(JsonNode descriptor) => "blobs/" + ((string)descriptor["digest"]!).Replace(':', '/');
        files["manifest.json"] = Encoding.UTF8.GetBytes(new JsonArray(new JsonObject
        {
            ["Config"] = PathOf(manifest["config"]!),
            ["RepoTags"] = new JsonArray("org/app:1.0"),
            ["Layers"] = new JsonArray([.. manifest["layers"]!.AsArray().Select(layer => JsonValue.Create(PathOf(layer!)))]),
        }).ToJsonString());
        return files;
    }

    private string Write(Dictionary<string, byte[]> files, string? folder = null)
    {
        folder ??= _folder.FullName;
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
        return folder;
    }

    private string WriteTar(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var path = Path.Combine(_folder.FullName, Path.GetRandomFileName() + ".tar");
        using var writer = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        foreach (var (name, content) in files)
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return path;
    }
}
