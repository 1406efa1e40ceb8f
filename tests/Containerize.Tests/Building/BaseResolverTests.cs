using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class BaseResolverTests : IDisposable
{
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task Manifest_and_config_are_read_and_the_layers_are_not()
    {
        await using var registry = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushIndex(registry, "base", "1", new BaseImageSpec(), new BaseImageSpec { Platform = "linux/arm64" });
        var image = await ResolveAsync(registry, "base:1");
        Assert.Equal(
            [
                "GET /v2/base/manifests/1 → 200",
                $"GET /v2/base/manifests/{pushed.Images[0].Digest} → 200",
                $"GET /v2/base/blobs/{pushed.Images[0].ConfigDigest} → 200",
            ],
            registry.Requests.Select(request => request.Summary));
        Assert.Equal(pushed.Images[0].Digest, image.Manifest.Document.Descriptor.Digest.ToString());
        Assert.Equal(new BlobSource(registry.Host, "base"), Assert.Single(image.Layers).Source);
    }

    // From a registry to another one, bytes go from download to upload.
    [Theory]
    [InlineData("the base's registry", false, false)]
    [InlineData("another registry", false, true)]
    [InlineData("an archive", true, true)]
    public async Task Layers_come_to_lie_on_the_disk_only_for_what_needs_them_again(string place, bool whenSent, bool whenRead)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        using var folder = new TempFolder();
        using var client = Clients.Anonymous();
        var destination = place switch
        {
            "an archive" => new Destination(DestinationKind.Archive, folder["image.tar"]),
            "another registry" => new Destination(DestinationKind.Registry, "r.example"),
            _ => new Destination(DestinationKind.Registry, registry.Host),
        };
        var plan = _app.Plan($"{registry.Host}/base:1") with { Destinations = [destination] };
        var image = await new BaseResolver(client, layers: new SharedLayers(folder["layers"], TimeProvider.System))
            .ResolveAsync(plan, default);
        var layer = Assert.Single(image.Layers);

        await (await layer.OpenAsync(default)).CopyToAsync(Stream.Null);
        Assert.Equal(whenSent, File.Exists(folder["layers/" + layer.Descriptor.Digest.Hex]));

        await new BaseFileReader(Kept.Contents(null, folder["contents"], TimeProvider.System)).ReadAsync(plan, image, default);
        Assert.Equal(whenRead, File.Exists(folder["layers/" + layer.Descriptor.Digest.Hex]));
    }

    [Fact]
    public async Task A_digest_names_exactly_one_image()
    {
        await using var registry = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(registry, "base", null);
        var image = await ResolveAsync(registry, $"base:ignored@{pushed.Digest}");
        Assert.Equal(pushed.Digest, image.Manifest.Document.Descriptor.Digest.ToString());
    }

    [Fact]
    public async Task The_runtime_identifier_chooses_the_platform()
    {
        await using var registry = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushIndex(
            registry, "base", "1",
            new BaseImageSpec(), new BaseImageSpec { Platform = "linux/arm/v7" }, new BaseImageSpec { Platform = "linux/arm64/v8" });
        foreach (var (runtimeIdentifier, i) in new[] { ("linux-x64", 0), ("linux-musl-x64", 0), ("linux-arm", 1), ("linux-arm64", 2) })
            Assert.Equal(
                pushed.Images[i].Digest,
                (await ResolveAsync(registry, "base:1", runtimeIdentifier)).Manifest.Document.Descriptor.Digest.ToString());
    }

    [Theory]
    [InlineData("missing:1")]
    [InlineData("base:missing")]
    [InlineData("base@sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    public async Task What_is_not_there_is_told_of(string reference)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        await Failing.WithAsync(
            ErrorCodes.BaseNotFound, () => ResolveAsync(registry, reference), $"'{registry.Host}/{reference}'", "ContainerBaseImage");
    }

    [Fact]
    public async Task A_missing_platform_is_told_of_with_those_that_there_are()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushIndex(
            registry,
            "base",
            "index",
            new BaseImageSpec { Platform = "linux/arm64/v8" },
            new BaseImageSpec { Platform = "linux/arm/v7" },
            new BaseImageSpec { Platform = "unknown/unknown" });
        BaseImages.PushImage(registry, "base", "single", new BaseImageSpec { Platform = "linux/s390x" });
        var e = await Failing.WithAsync(
            ErrorCodes.BasePlatformMissing, () => ResolveAsync(registry, "base:index"),
            $"'{registry.Host}/base:index'", "linux/amd64", "linux/arm64/v8, linux/arm/v7");
        Assert.DoesNotContain("unknown", e.Message, StringComparison.Ordinal);
        await Failing.WithAsync(ErrorCodes.BasePlatformMissing, () => ResolveAsync(registry, "base:single"), "linux/amd64", "linux/s390x");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refusal_is_told_of(int status)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        registry.Faults.Add(
            "GET", "/v2/base/", FaultScript.Always, Fault.Status(status, headers: ("WWW-Authenticate", "Basic realm=\"x\"")));
        await Failing.WithAsync(ErrorCodes.BaseAccessDenied, () => ResolveAsync(registry, "base:1"), $"docker login {registry.Host}");
    }

    [Fact]
    public async Task A_registry_that_nobody_runs_is_told_of()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var host = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        using var client = Clients.Anonymous();
        await Failing.WithAsync(
            ErrorCodes.BaseRegistryUnreachable, () =>
                new BaseResolver(client).ResolveAsync(_app.Plan(host + "/base:1"), default), $"'{host}/base:1'", host);
    }

    [Fact]
    public async Task Another_answer_is_told_of()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("GET", "/v2/base/", FaultScript.Always, Fault.Status(400, """{"errors":[{"code":"TEAPOT","message":"short and stout"}]}"""));
        await Failing.WithAsync(ErrorCodes.BaseRegistryFailed, () => ResolveAsync(registry, "base:1"), "400", "short and stout");
    }

    [Theory]
    [InlineData("/manifests/1")]
    [InlineData("/manifests/sha256:")]
    [InlineData("/blobs/")]
    public async Task Documents_that_are_not_what_was_promised_are_refused(string path)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushIndex(registry, "base", "1", new BaseImageSpec());
        registry.Faults.Add("GET", path, FaultScript.Always, Fault.FlipByte(40));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:1"), $"'{registry.Host}/base:1'");
    }

    public static TheoryData<string, string> Unusable => new()
    {
        { "not json", MediaTypes.OciManifest },
        { "{}", MediaTypes.OciManifest },
        { """{"manifests":[{"mediaType":"x"}]}""", MediaTypes.OciIndex },
        { """{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}""", MediaTypes.OciManifest },
        { """{"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}""", MediaTypes.OciManifest },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task What_is_no_image_is_refused(string document, string mediaType)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("base", "{}"u8);
        registry.PutManifest("base", "1", mediaType, Encoding.UTF8.GetBytes(document));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:1"), $"'{registry.Host}/base:1'");
    }

    [Fact]
    public async Task Dockers_first_schema_is_refused()
    {
        const string schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("base", "1", MediaTypes.OciManifest, """{"schemaVersion":1,"fsLayers":[]}"""u8);
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, Fault.SetHeader("Content-Type", schema1));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:1"), schema1);
    }

    [Fact]
    public async Task A_config_that_does_not_fit_its_manifest_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(
            registry,
            "base",
            "few",
            new BaseImageSpec { ConfigDocument = new JsonObject { ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() } } });
        BaseImages.PushImage(registry, "base", "bad", new BaseImageSpec { ConfigDocument = new JsonObject { ["os"] = 1 } });
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:few"), "1 layers", "0");
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:bad"), "malformed");
    }

    [Fact]
    public async Task An_index_that_lists_what_is_not_there_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("base", "1", MediaTypes.OciIndex, Encoding.UTF8.GetBytes(
            $$$"""{"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Images.Documents.Hash('1')}}}","size":1,"platform":{"os":"linux","architecture":"amd64"}}]}"""));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ResolveAsync(registry, "base:1"), Images.Documents.Hash('1'));
    }

    private async Task<Image> ResolveAsync(TestRegistry registry, string reference, string runtimeIdentifier = "linux-x64")
    {
        using var client = Clients.Anonymous();
        return await new BaseResolver(client).ResolveAsync(_app.Plan($"{registry.Host}/{reference}", runtimeIdentifier), default);
    }
}
