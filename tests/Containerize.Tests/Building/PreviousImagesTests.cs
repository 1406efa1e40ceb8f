using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>A machine that has never built the image takes over what the destination has of it.</summary>
public sealed class PreviousImagesTests : IDisposable
{
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_changed_on_a_fresh_machine_compresses_and_sends_nothing()
    {
        await using var registry = await StartAsync();
        var first = await PublishAsync(registry, Plan(registry), "first");
        registry.ClearRequests();

        var again = await PublishAsync(registry, Plan(registry), "second");

        Assert.Equal(first.Manifest.Document.Descriptor, again.Manifest.Document.Descriptor);
        Assert.Equal(
            [
                "GET /v2/base/manifests/1 → 200",
                $"GET /v2/base/blobs/{Config(registry)} → 200",
                "GET /v2/team/app/manifests/1.0 → 200",
                $"GET /v2/team/app/blobs/{first.Config.Document.Descriptor.Digest} → 200",
                // The other tag may have been moved meanwhile.
                "PUT /v2/team/app/manifests/latest → 201",
            ],
            registry.Requests.Select(request => request.Summary));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_folder["second/cache"], "*", SearchOption.AllDirectories),
            file => file.Contains("sha256", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_layer_that_somebody_else_compressed_keeps_his_bytes()
    {
        await using var registry = await StartAsync();
        var first = await PublishAsync(registry, Plan(registry), "first");
        // The same tars in other gzips, as another runtime's zlib makes them.
        var other = await RecompressAsync(registry, first);

        var again = await PublishAsync(registry, Plan(registry), "second");

        Assert.Equal(other, again.Layers.TakeLast(2).Select(layer => layer.Descriptor.Digest));
        Assert.Equal(first.Layers.Select(layer => layer.DiffId), again.Layers.Select(layer => layer.DiffId));
        Assert.All(again.Layers.TakeLast(2), layer => Assert.Equal(new BlobSource(registry.Host, "team/app"), layer.Source));
        using var client = Clients.Anonymous();
        var read = await RegistryPull.PullAsync(
            client, new ImageReference(registry.Host, "team/app", "1.0"), Plan(registry).Platform, RegistryAccess.Pull, null, default);
        foreach (var layer in read.Layers)
            await (await layer.OpenAsync(default)).CopyToAsync(Stream.Null);
    }

    [Fact]
    public async Task Of_several_tags_the_one_that_is_there_tells()
    {
        await using var registry = await StartAsync();
        await PublishAsync(registry, Plan(registry), "first");
        registry.ClearRequests();

        await PublishAsync(registry, Plan(registry) with { Tags = ["2.0", "latest"] }, "second");

        Assert.DoesNotContain(
            registry.Requests, request => request.Method == "PUT" && request.Path.Contains("/blobs/", StringComparison.Ordinal));
        Assert.Contains(registry.Requests, request => request.Summary == "GET /v2/team/app/manifests/latest → 200");
    }

    [Theory]
    [InlineData("no layers", """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}""")]
    [InlineData("no image", """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}""")]
    [InlineData("a config that is not there", """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":2},"layers":[]}""")]
    public async Task What_is_there_and_cannot_be_used_is_replaced(string what, string manifest)
    {
        await using var registry = await StartAsync();
        registry.CreateRepository("team/app");
        registry.PutManifest("team/app", "1.0", MediaTypes.OciManifest, System.Text.Encoding.UTF8.GetBytes(manifest));

        var image = await PublishAsync(registry, Plan(registry), what);

        Assert.Equal($"{image.Manifest.Document.Descriptor.Digest}", registry.FindManifest("team/app", "1.0")!.Digest);
    }

    [Fact]
    public async Task A_registry_that_may_not_be_read_is_pushed_to_all_the_same()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add(
            request => request.Method is "GET" or "HEAD" && request.Path.Value!.StartsWith("/v2/team/", StringComparison.Ordinal),
            FaultScript.Always,
            Fault.Status(403));
        await PublishAsync(registry, Plan(registry), "a");
        Assert.Equal(2, registry.Tags("team/app").Count);
    }

    [Fact]
    public async Task What_was_asked_ahead_is_not_asked_again()
    {
        await using var registry = await StartAsync();
        using var client = Clients.Anonymous();
        var tagged = new TagLookups(client);
        var previous = new PreviousImages(client, tagged);
        var plan = Plan(registry);
        await previous.PrefetchAsync(plan.Destinations, plan.Repository, plan.Tags, default);
        Assert.Null(await tagged.GetAsync(registry.Host, "team/app", "1.0", default));
        Assert.Equal(["GET /v2/team/app/manifests/1.0 → 404"], registry.Requests.Select(request => request.Summary));
    }

    private ImagePlan Plan(TestRegistry registry) =>
        _app.Plan($"{registry.Host}/base:1") with { Destinations = [new Destination(DestinationKind.Registry, registry.Host)] };

    private static async Task<TestRegistry> StartAsync()
    {
        var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec { Layers = [BaseImages.SmallRoot] });
        return registry;
    }

    private static string Config(TestRegistry registry) =>
        ImageManifest.Read(
            new ImageDocument(MediaTypes.OciManifest, registry.FindManifest("base", "1")!.Content.ToArray())).Config.Digest.ToString();

    // A machine has a cache of its own.
    private async Task<Image> PublishAsync(TestRegistry registry, ImagePlan plan, string machine)
    {
        using var client = Clients.Anonymous();
        var tagged = new TagLookups(client);
        var baseImage = await new BaseResolver(client).ResolveAsync(plan, default);
        var previous = await new PreviousImages(client, tagged).FindAsync(plan, default);
        Directory.CreateDirectory(_folder[machine + "/cache"]);
        var layers = new LayerBuilder(new LayerCache(_folder[machine + "/cache"]), 2, previous);
        var image = (await new ImageBuilder(layers).BuildAsync(plan, baseImage, null, null, default)).Image;
        await new ImagePublisher(client, tagged, new ScriptedProcesses())
            .PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);
        return image;
    }

    private static async Task<IReadOnlyList<Digest>> RecompressAsync(TestRegistry registry, Image image)
    {
        var descriptors = new List<Descriptor>(image.Manifest.Layers.SkipLast(2));
        foreach (var layer in image.Layers.TakeLast(2))
        {
            using var tar = new MemoryStream();
            await using (
                var gzip = new System.IO.Compression.GZipStream(
                    await layer.OpenAsync(default), System.IO.Compression.CompressionMode.Decompress))
                await gzip.CopyToAsync(tar);
            using var stored = new MemoryStream();
            await using (
                var gzip = new System.IO.Compression.GZipStream(
                    stored, System.IO.Compression.CompressionLevel.NoCompression, leaveOpen: true))
                await gzip.WriteAsync(tar.ToArray());
            registry.PutBlob("team/app", stored.ToArray());
            descriptors.Add(Descriptor.Of(MediaTypes.OciLayerGzip, stored.ToArray()));
        }

        var manifest = ImageManifest.Create(ImageFormat.Oci, image.Config.Document.Descriptor, descriptors);
        registry.PutManifest("team/app", "1.0", MediaTypes.OciManifest, manifest.Document.Content.Span);
        return [.. descriptors.TakeLast(2).Select(descriptor => descriptor.Digest)];
    }
}
