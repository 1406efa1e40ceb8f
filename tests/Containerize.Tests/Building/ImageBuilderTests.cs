using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning.Settings;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Stores.Layout;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class ImageBuilderTests : IDisposable
{
    private static readonly TarItem[] Second = [TarItem.Directory("etc"), TarItem.File("etc/second", "2")];
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    public static TheoryData<BaseImageFormat, bool, ImageFormat?> Bases
    {
        get
        {
            var data = new TheoryData<BaseImageFormat, bool, ImageFormat?>();
            foreach (var format in new[] { BaseImageFormat.Oci, BaseImageFormat.Docker })
            {
                foreach (var index in new[] { false, true })
                {
                    data.Add(format, index, null);
                    data.Add(format, index, ImageFormat.Oci);
                    data.Add(format, index, ImageFormat.Docker);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Bases))]
    public async Task An_image_on_any_base_is_valid_at_every_place(BaseImageFormat baseFormat, bool isIndex, ImageFormat? wanted)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        using var folder = new TempFolder();
        var spec = new BaseImageSpec { Format = baseFormat, Layers = [BaseImages.SmallRoot, Second] };
        var pushed = isIndex
            ? BaseImages.PushIndex(registry, "base", "1", spec with { Platform = "linux/arm64/v8", Layers = [BaseImages.SmallRoot] }, spec).Images[1]
            : BaseImages.PushImage(registry, "base", "1", spec);

        var plan = _app.Plan($"{registry.Host}/base:1", format: wanted);
        var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
        var names = new ImageNames(plan.Repository, plan.Tags);
        await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, plan.Repository, plan.Tags);
        await new OciLayout(folder["layout"]).WriteAsync(ImageSet.Of(image), names, withLayers: true, default);
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), names, folder["app.tar"], default);

        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "team/app", "latest"), SampleApp.Validation);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(folder["layout"], "latest"), SampleApp.Validation);
        var archive = ImageUnderTest.FromArchive(folder["app.tar"], "1.0");
        await ImageValidator.AssertValidAsync(archive, SampleApp.Validation);
        Assert.Equal(["team/app:1.0", "team/app:latest"], archive.RepoTags);

        var digest = image.Manifest.Document.Descriptor.Digest.ToString();
        Assert.Equal([digest, digest], plan.Tags.Select(tag => registry.FindManifest("team/app", tag)!.Digest));
        // The base's bytes are the base's bytes, whatever their type is called.
        Assert.Equal(pushed.Layers.Select(layer => layer.Digest), image.Manifest.Layers.Take(2).Select(layer => layer.Digest.ToString()));
        Assert.Equal(pushed.Layers.Select(layer => layer.DiffId), image.Config.DiffIds.Take(2).Select(id => id.ToString()));
        Assert.Equal(4, image.Config.LayersInHistory);
        Assert.Equal(pushed.Digest, image.Config.Labels["org.opencontainers.image.base.digest"]);

        var format = wanted ?? ImageFormat.Oci;
        Assert.Equal(format == ImageFormat.Docker ? MediaTypes.DockerManifest : MediaTypes.OciManifest, image.Manifest.Document.MediaType);
        Assert.Equal(format == ImageFormat.Docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, image.Manifest.Config.MediaType);
        Assert.All(
            image.Manifest.Layers,
            layer => Assert.Equal(format == ImageFormat.Docker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip, layer.MediaType));
    }

    [Fact]
    public async Task Scratch_is_a_base_too()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        foreach (var runtimeIdentifier in new[] { "linux-x64", "linux-arm64", "linux-arm" })
        {
            var plan = _app.Plan("scratch", runtimeIdentifier) with { Tags = [runtimeIdentifier] };
            var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
            Assert.Empty(registry.Requests);
            await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, "app", plan.Tags);
            await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "app", runtimeIdentifier), SampleApp.Validation);
            Assert.Equal(2, image.Layers.Count);
            Assert.DoesNotContain("org.opencontainers.image.base.digest", image.Config.Labels.Keys);
            Assert.Equal(plan.Platform.Architecture, image.Config.Platform.Architecture);
            registry.ClearRequests();
        }
    }

    [Fact]
    public async Task Two_builds_of_one_plan_are_one_image()
    {
        var baseImage = MemoryImages.Of("base");
        var first = await _app.BuildAsync(_app.Plan("example.invalid/base"), baseImage);
        using var folder = new TempFolder();
        var (second, _) = await new ImageBuilder(new LayerBuilder(new LayerCache(folder["cache"]), 1))
            .BuildAsync(_app.Plan("example.invalid/base"), baseImage, null, null, default);
        Assert.Equal(first.Manifest.Document.Content.ToArray(), second.Manifest.Document.Content.ToArray());
        Assert.Equal(first.Config.Document.Content.ToArray(), second.Config.Document.Content.ToArray());
    }

    [Fact]
    public async Task The_same_files_are_the_same_layers_on_another_base()
    {
        var first = await _app.BuildAsync(_app.Plan("example.invalid/a"), MemoryImages.Of("a"));
        var second = await _app.BuildAsync(_app.Plan("example.invalid/b"), MemoryImages.Of("b1", "b2"));
        Assert.Equal(
            first.Layers.TakeLast(2).Select(layer => layer.Descriptor), second.Layers.TakeLast(2).Select(layer => layer.Descriptor));
    }

    [Fact]
    public async Task Manifest_config_and_layers_agree()
    {
        var told = new List<string>();
        using var folder = new TempFolder();
        var (image, _) = await new ImageBuilder(new LayerBuilder(new LayerCache(folder["cache"]), 1))
            .BuildAsync(
                _app.Plan("example.invalid/a"),
                MemoryImages.Of("a"),
                null,
                (name, layer) => told.Add($"{name} {layer.DiffId}"),
                default);
        Assert.Equal(image.Manifest.Layers.Select(layer => layer.Digest), image.Layers.Select(layer => layer.Descriptor.Digest));
        Assert.Equal(image.Config.DiffIds, image.Layers.Select(layer => layer.DiffId));
        Assert.Equal(image.Manifest.Config, image.Config.Document.Descriptor);
        Assert.Equal([$"packages {image.Layers[1].DiffId}", $"application {image.Layers[2].DiffId}"], told);
    }

    [Fact]
    public async Task Base_layers_are_not_opened()
    {
        var layer = new MemoryLayer(MemoryImages.Layer("base"));
        await _app.BuildAsync(_app.Plan("example.invalid/a"), MemoryImages.Of(layer));
        Assert.Equal(0, layer.Opened);
    }

    [Fact]
    public async Task A_layer_without_a_docker_type_fits_no_docker_image()
    {
        var zstd = new MemoryLayer(MemoryImages.Layer("zstd"), MediaTypes.OciLayerZstd);
        await Failing.WithAsync(
            ErrorCodes.BaseContentInvalid,
            () => _app.BuildAsync(_app.Plan("example.invalid/base", format: ImageFormat.Docker), MemoryImages.Of(zstd)),
            "'example.invalid/base'", MediaTypes.OciLayerZstd, "Docker");
        var oci = await _app.BuildAsync(_app.Plan("example.invalid/base"), MemoryImages.Of(zstd));
        Assert.Equal(MediaTypes.OciLayerZstd, oci.Manifest.Layers[0].MediaType);
    }

    [Fact]
    public async Task What_a_descriptor_of_the_base_says_besides_survives()
    {
        var layer = MemoryImages.Layer("base");
        var descriptor = Descriptor.Read(Images.Documents.Element(
            $$$"""{"mediaType":"{{{MediaTypes.OciLayerGzip}}}","digest":"{{{layer.Digest}}}","size":{{{layer.Gzip.Length}}},"annotations":{"stargz":"toc"}}"""));
        var image = await _app.BuildAsync(
            _app.Plan("example.invalid/base"), MemoryImages.Of(
                new MemoryLayer(descriptor, Digest.Parse(layer.DiffId), () => new MemoryStream(layer.Gzip))));
        Assert.Contains("\"annotations\":{\"stargz\":\"toc\"}", Images.Documents.Text(image.Manifest.Document), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_keeps_dockers_format_where_the_base_has_it()
    {
        const string config = """{"architecture":"amd64","os":"linux","config":{"Healthcheck":{"Test":["CMD","true"]}},"rootfs":{"type":"layers","diff_ids":[]}}""";
        var docker = await _app.BuildAsync(_app.Plan("example.invalid/base"), MemoryImages.WithConfig(config, ImageFormat.Docker));
        Assert.Equal(MediaTypes.DockerManifest, docker.Manifest.Document.MediaType);
        var oci = await _app.BuildAsync(_app.Plan("example.invalid/base"), MemoryImages.WithConfig(config, ImageFormat.Oci));
        Assert.Equal(MediaTypes.OciManifest, oci.Manifest.Document.MediaType);
        var asked = await _app.BuildAsync(
            _app.Plan("example.invalid/base", format: ImageFormat.Oci), MemoryImages.WithConfig(config, ImageFormat.Docker));
        Assert.Equal(MediaTypes.OciManifest, asked.Manifest.Document.MediaType);
    }
}
