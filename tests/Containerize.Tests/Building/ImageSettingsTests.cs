using System.Text.Json.Nodes;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Stores.Layout;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Containerize.Tests.Images;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>Formats, annotations, removals and symbols of images.</summary>
public sealed class ImageSettingsTests : IDisposable
{
    private static readonly HealthcheckPlan Check = new(["CMD", "/app/App"]);
    private static readonly HealthcheckPlan None = new(["NONE"]);
    private static readonly Annotation OnManifest = new("org.acme.team", "web");
    private static readonly Annotation OnIndex = new("org.acme.index", "x", AnnotationScope.Index);
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, string, ImageFormat?, ImageFormat> Formats => new()
    {
        // the project | the base | asked for → the format
        { "", "oci", null, ImageFormat.Oci },
        { "", "docker", null, ImageFormat.Oci },
        { "", "docker check", null, ImageFormat.Docker },
        { "", "oci check", null, ImageFormat.Oci },
        { "check", "oci", null, ImageFormat.Docker },
        { "check", "docker check", null, ImageFormat.Docker },
        { "none", "oci", null, ImageFormat.Oci },
        { "none", "docker check", null, ImageFormat.Oci },
        { "annotations", "oci", null, ImageFormat.Oci },
        { "annotations", "docker check", null, ImageFormat.Oci },
        { "check annotations", "oci", null, ImageFormat.Oci },
        { "check index", "oci", null, ImageFormat.Oci },
        { "check", "oci zstd", null, ImageFormat.Oci },
        { "check", "oci", ImageFormat.Oci, ImageFormat.Oci },
        { "check to a layout", "oci", null, ImageFormat.Oci },
        { "to an archive", "docker check", null, ImageFormat.Oci },
        { "check to a layout", "docker", ImageFormat.Docker, ImageFormat.Docker },
        { "check to an engine", "docker", null, ImageFormat.Docker },
        { "annotations", "oci", ImageFormat.Docker, ImageFormat.Docker },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_format_is_the_one_that_carries_what_the_image_says(
        string project, string on, ImageFormat? wanted, ImageFormat expected)
    {
        var plan = _app.Plan("example.invalid/base", format: wanted);
        plan = plan with
        {
            Config = plan.Config with { Healthcheck = project.Contains(
                "check", StringComparison.Ordinal) ? Check : project == "none" ? None : null },
            Annotations = project.Contains("annotations", StringComparison.Ordinal)
                ? [OnManifest]
                : project.Contains("index", StringComparison.Ordinal) ? [OnIndex] : [],
        };
        if (project.Contains(" to ", StringComparison.Ordinal) || project.StartsWith("to ", StringComparison.Ordinal))
        {
            plan = plan with
            {
                Destinations =
                [
                    new Destination(DestinationKind.Registry, "r.example"),
                    new Destination(
                        project.EndsWith("layout", StringComparison.Ordinal) ? DestinationKind.OciLayout
                            : project.EndsWith("archive", StringComparison.Ordinal) ? DestinationKind.Archive : DestinationKind.Engine,
                        "x"),
                ],
            };
        }

        var layer = new MemoryLayer(
            MemoryImages.Layer("base"), on.Contains("zstd", StringComparison.Ordinal) ? MediaTypes.OciLayerZstd : MediaTypes.OciLayerGzip);
        var check = on.Contains("check", StringComparison.Ordinal) ? "{\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}}" : "{}";
        var image = await _app.BuildAsync(plan, MemoryImages.WithConfig(
            $$$"""{"architecture":"amd64","os":"linux","config":{{{check}}},"rootfs":{"type":"layers","diff_ids":["{{{layer.DiffId}}}"]}}""",
            on.StartsWith("docker", StringComparison.Ordinal) ? ImageFormat.Docker : ImageFormat.Oci,
            layer));

        var docker = expected == ImageFormat.Docker;
        Assert.Equal(docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest, image.Manifest.Document.MediaType);
        Assert.Equal(docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, image.Manifest.Config.MediaType);
        Assert.Equal(
            docker
                ? MediaTypes.DockerLayerGzip
                : on.Contains("zstd", StringComparison.Ordinal) ? MediaTypes.OciLayerZstd : MediaTypes.OciLayerGzip,
            image.Manifest.Layers[0].MediaType);
        Assert.Equal(
            !docker && project.Contains("annotations", StringComparison.Ordinal) ? """{"org.acme.team":"web"}""" : null,
            JsonNode.Parse(image.Manifest.Document.Content.Span)!["annotations"]?.ToJsonString());
    }

    [Fact]
    public async Task Annotations_stand_in_the_manifest_that_is_pushed()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var plan = _app.Plan("scratch") with
        {
            Annotations = [new("a.b", "x;y:z=\"q\"\nü", AnnotationScope.Manifest | AnnotationScope.Index), OnIndex, new("z", "")],
        };
        var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
        await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, "app", ["latest"]);

        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "app", "latest"), SampleApp.Validation);
        var annotations = JsonNode.Parse(registry.FindManifest("app", "latest")!.Content)!["annotations"]!.AsObject();
        Assert.Equal([("a.b", "x;y:z=\"q\"\nü"), ("z", "")], annotations.Select(annotation => (annotation.Key, (string?)annotation.Value)));
    }

    [Fact]
    public async Task What_is_removed_is_gone_from_the_base_and_may_come_back()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        BaseImages.PushImage(
            registry,
            "base",
            "1",
            new BaseImageSpec { Layers = [BaseImages.SmallRoot, [TarItem.Directory(
                "etc/shop"), TarItem.File("etc/shop/old", "old"), TarItem.File("etc/motd", "hello")]] });
        var source = _folder.Write("new", "new");
        var plan = _app.Plan($"{registry.Host}/base:1") with
        {
            Layers =
            [
                new LayerPlan(
                    "removed",
                    [new LayerEntry(
                        "etc/shop", LayerEntryKind.Whiteout, "", 0), new LayerEntry("etc/motd", LayerEntryKind.Whiteout, "", 0)]),
                new LayerPlan(
                    "files",
                    [LayerEntry.Directory("etc/shop"), new LayerEntry("etc/shop/new", LayerEntryKind.File, source, LayerEntry.FileMode)]),
            ],
        };
        var baseImage = await new BaseResolver(client).ResolveAsync(plan, default);
        var baseFiles = await new BaseFileReader(Kept.Contents(null, _folder["contents"], TimeProvider.System))
            .ReadAsync(plan, baseImage, default);
        var image = await _app.BuildAsync(plan, baseImage, baseFiles);
        await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, "app", ["latest"]);

        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 2 });
        var removed = Tars.Read(await DecompressAsync(image.Layers[2]));
        Assert.Equal([("etc/.wh.motd", 0), ("etc/.wh.shop", 0)], removed.Select(entry => (entry.Name, entry.Content.Length)));
        Assert.Equal(["Containerize: removed", "Containerize: files"], History(image.Config).TakeLast(2));
    }

    [Theory]
    [InlineData(ImageFormat.Oci)]
    [InlineData(ImageFormat.Docker)]
    public async Task The_symbols_image_has_one_layer_and_no_base(ImageFormat format)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var plan = _app.Plan("example.invalid/base");
        plan = plan with
        {
            Config = plan.Config with { Labels = [new(
                "org.opencontainers.image.base.name", "example.invalid/base"), new("org.opencontainers.image.title", "App")] },
            Symbols = new LayerPlan(
                "symbols",
                [LayerEntry.Directory("app"), new LayerEntry(
                    "app/App.pdb", LayerEntryKind.File, _folder.Write("App.pdb", "BSJB"), LayerEntry.FileMode)]),
        };
        var builder = new ImageBuilder(new LayerBuilder(new LayerCache(_folder["cache"]), 1));
        var symbols = await builder.BuildSymbolsAsync(plan, null, format, default);
        await Pushes.PushAsync(client, ImageSet.Of(symbols!), registry.Host, "app", ["latest-symbols"]);

        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, "app", "latest-symbols"), SampleApp.Validation with { OwnLayers = 1 });
        Assert.Equal(
            format == ImageFormat.Docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest, symbols!.Manifest.Document.MediaType);
        Assert.Equal(
            [("app/", ""), ("app/App.pdb", "BSJB")],
            Tars.Read(await DecompressAsync(Assert.Single(symbols.Layers)))
                .Select(entry => (entry.Name, System.Text.Encoding.UTF8.GetString(entry.Content))));
        Assert.Equal(new Dictionary<string, string> { ["org.opencontainers.image.title"] = "App" }, symbols.Config.Labels);
        Assert.Null(symbols.Config.Entrypoint);
        Assert.Equal(["Containerize: symbols"], History(symbols.Config));

        Assert.Null(await builder.BuildSymbolsAsync(plan with { Symbols = null }, null, format, default));
    }

    private static IEnumerable<string?> History(ImageConfig config) =>
        JsonNode.Parse(Documents.Text(config.Document))!["history"]!.AsArray().Select(line => (string?)line!["created_by"]);

    private static async Task<byte[]> DecompressAsync(ILayer layer)
    {
        await using var gzip = new System.IO.Compression.GZipStream(
            await layer.OpenAsync(default), System.IO.Compression.CompressionMode.Decompress);
        using var tar = new MemoryStream();
        await gzip.CopyToAsync(tar);
        return tar.ToArray();
    }
}
