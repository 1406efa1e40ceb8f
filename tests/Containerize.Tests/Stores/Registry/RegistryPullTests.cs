using Containerize.Images;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Registry;

public sealed class RegistryPullTests
{
    private static readonly Platform Amd64 = new("linux", "amd64");
    private readonly TestLayer _own = MemoryImages.Layer("own");

    [Fact]
    public async Task Of_the_same_registry_base_layers_are_mounted()
    {
        await using var registry = await TestRegistry.StartAsync();
        var (image, baseLayers) = await OnBaseAsync(registry, "base");
        await PushAsync(registry, image, "team/app", "1", "latest");

        var config = image.Config.Document.Descriptor.Digest;
        var requests = registry.Requests.Select(request => request.Summary).ToList();
        // Layers and config go side by side, each in its own order; tags come after all of them.
        Assert.Equal(
            new[]
            {
                "GET /v2/team/app/manifests/1 → 404",
                $"HEAD /v2/team/app/manifests/{image.Manifest.Document.Descriptor.Digest} → 404",
                $"POST /v2/team/app/blobs/uploads/?mount={baseLayers[0]}&from=base → 201",
                $"POST /v2/team/app/blobs/uploads/?mount={baseLayers[1]}&from=base → 201",
                $"POST /v2/team/app/blobs/uploads/?mount={_own.Digest}&from=team%2Fapp → 202",
                $"PUT /v2/team/app/blobs/uploads/{{id}}?digest={_own.Digest} → 201",
                $"POST /v2/team/app/blobs/uploads/?mount={config}&from=team%2Fapp → 202",
                $"PUT /v2/team/app/blobs/uploads/{{id}}?digest={config} → 201",
            }.Order(StringComparer.Ordinal),
            requests[..^2].Order(StringComparer.Ordinal));
        Assert.Equal(["PUT /v2/team/app/manifests/1 → 201", "PUT /v2/team/app/manifests/latest → 201"], requests[^2..]);
        await ValidateAsync(registry, "team/app", "latest");
    }

    [Fact]
    public async Task In_the_same_repository_nothing_is_asked_about_base_layers()
    {
        await using var registry = await TestRegistry.StartAsync();
        var (image, baseLayers) = await OnBaseAsync(registry, "app");
        await PushAsync(registry, image, "app", "new");
        Assert.DoesNotContain(
            registry.Requests, request => baseLayers.Any(layer => request.Summary.Contains(layer, StringComparison.Ordinal)));
        await ValidateAsync(registry, "app", "new");
    }

    [Theory]
    [InlineData(MountBehaviour.Ignored)]
    [InlineData(MountBehaviour.Refused)]
    public async Task Where_mounting_does_not_work_base_layers_are_copied(MountBehaviour mount)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Mount = mount });
        var (image, baseLayers) = await OnBaseAsync(registry, "base");
        await PushAsync(registry, image, "app", "1");
        Assert.All(baseLayers, layer => Assert.Equal(registry.FindBlob("base", layer), registry.FindBlob("app", layer)));
        Assert.Equal(0, registry.OpenUploads("app"));
        await ValidateAsync(registry, "app", "1");
    }

    [Fact]
    public async Task To_another_registry_base_layers_are_copied_as_they_are()
    {
        await using var source = await TestRegistry.StartAsync();
        await using var target = await TestRegistry.StartAsync();
        var (image, baseLayers) = await OnBaseAsync(source, "base");
        await PushAsync(target, image, "app", "1");

        Assert.Equal(
            baseLayers.Select(layer => $"GET /v2/base/blobs/{layer} → 200").Order(StringComparer.Ordinal),
            source.Requests.Select(request => request.Summary).Order(StringComparer.Ordinal));
        Assert.All(baseLayers, layer => Assert.Equal(source.FindBlob("base", layer), target.FindBlob("app", layer)));
        Assert.DoesNotContain(target.Requests, request => request.Target.Contains("from=base", StringComparison.Ordinal));
        await ValidateAsync(target, "app", "1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_push_uploads_nothing(bool otherRegistry)
    {
        await using var source = await TestRegistry.StartAsync();
        await using var other = await TestRegistry.StartAsync();
        var target = otherRegistry ? other : source;
        var (image, _) = await OnBaseAsync(source, "base");
        await PushAsync(target, image, "app", "1");
        source.ClearRequests();
        target.ClearRequests();

        await PushAsync(target, image, "app", "2");
        var uploads = target.Requests.Where(
            request => request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal)
                && !request.Target.Contains("mount=", StringComparison.Ordinal));
        Assert.Empty(uploads);
        Assert.Equal(image.Manifest.Document.Content.Length, target.Requests.Sum(request => request.BodyLength));
        Assert.DoesNotContain(
            source.Requests, request => request.Method == "GET" && request.Path.Contains("/blobs/", StringComparison.Ordinal));
        Assert.Equal(["1", "2"], target.Tags("app"));
    }

    [Fact]
    public async Task What_stands_in_an_image_twice_is_sent_once()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = MemoryImages.Of("same", "other", "same");
        await PushAsync(registry, image, "app", "1");
        Assert.Equal(
            3, registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/blobs/", StringComparison.Ordinal)));
        Assert.Equal([1, 1, 0], image.Layers.Select(layer => ((MemoryLayer)layer).Opened));
    }

    [Fact]
    public async Task Foreign_layers_are_not_pushed()
    {
        await using var registry = await TestRegistry.StartAsync();
        var foreign = new MemoryLayer(MemoryImages.Layer("foreign"), MediaTypes.DockerForeignLayerGzip);
        using var client = Clients.Anonymous();
        registry.Faults.Add("PUT", "/manifests/", 1, Fault.Status(201)); // The test registry would miss the blob.
        await Pushes.PushAsync(client, ImageSet.Of(MemoryImages.Of(foreign)), registry.Host, "app", ["1"]);
        Assert.Equal(0, foreign.Opened);
        Assert.DoesNotContain(
            registry.Requests, request => request.Target.Contains(foreign.Descriptor.Digest.Hex, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tags_are_moved_in_their_order_and_none_after_a_failure()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/manifests/second", FaultScript.Always, Fault.Status(400));
        var e = await Assert.ThrowsAsync<RegistryException>(
            () => PushAsync(registry, MemoryImages.Of("x"), "app", "first", "second", "third"));
        Assert.Equal(RegistryFailure.Rejected, e.Failure);
        Assert.Equal(["first"], registry.Tags("app"));
    }

    [Fact]
    public async Task A_layer_that_cannot_be_read_moves_no_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        var broken = new MemoryLayer(
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("x"u8), 1), Digest.Of("x"u8), () =>
                throw new InvalidDataException("damaged"));
        var e = await Assert.ThrowsAsync<InvalidDataException>(
            () => PushAsync(registry, MemoryImages.Of(new MemoryLayer(MemoryImages.Layer("good")), broken), "app", "1"));
        Assert.Equal("damaged", e.Message);
        Assert.Empty(registry.Manifests("app"));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task Cancelling_moves_no_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var cancellation = new CancellationTokenSource();
        using var client = Clients.Anonymous();
        registry.Faults.Add("PUT", "/blobs/", FaultScript.Always, async (context, _) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new RegistryPush(client, new TagLookups(client), ImageSet.Of(MemoryImages.Of("x")), registry.Host, "app")
                .UploadAsync("1", cancellation.Token));
        Assert.Empty(registry.Manifests("app"));
    }

    // A refused mount opens a session, which the upload then goes on with; the failure comes between the two.
    [Fact]
    public async Task A_failure_elsewhere_closes_what_a_refused_mount_has_opened()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var cancellation = new CancellationTokenSource();
        using var client = Clients.Anonymous();
        registry.Faults.Add("HEAD", "/blobs/", FaultScript.Always, async (context, _) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var large = new MemoryLayer(
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("x"u8), 2 * 1024 * 1024),
            Digest.Of("x"u8),
            () => throw new InvalidDataException("read"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new RegistryPush(client, new TagLookups(client), ImageSet.Of(MemoryImages.Of(large)), registry.Host, "app")
                .UploadAsync(null, cancellation.Token));
        Assert.Contains(registry.Requests, request => request.Method == "DELETE");
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task A_pulled_layer_is_checked_while_it_is_read()
    {
        await using var registry = await TestRegistry.StartAsync();
        var (image, baseLayers) = await OnBaseAsync(registry, "base");
        Assert.Equal(registry.FindBlob("base", baseLayers[0]), await Layers.LayerBuilderTests.ReadAsync(image.Layers[0]));
        registry.Faults.Add("GET", "/blobs/", FaultScript.Always, Fault.FlipByte(3));
        await Assert.ThrowsAsync<InvalidDataException>(() => Layers.LayerBuilderTests.ReadAsync(image.Layers[1]));
    }

    // An image of our own on a base of two layers. The client that the base's layers are read with lives as long as the test.
    private async Task<(Image Image, IReadOnlyList<string> BaseLayers)> OnBaseAsync(TestRegistry registry, string repository)
    {
        var pushed = BaseImages.PushImage(
            registry,
            repository,
            "1",
            new BaseImageSpec { Layers = [BaseImages.SmallRoot, [TarItem.Directory("data"), TarItem.File("data/x", "x")]] });
        var client = Clients.Anonymous();
        var reference = new ImageReference(registry.Host, repository, "1");
        var below = await RegistryPull.PullAsync(client, reference, Amd64, RegistryAccess.Pull, null, default);
        var own = new MemoryLayer(_own);
        var config = below.Config.With(
            edit =>
            {
                edit.CompleteHistory(2);
                edit.AddLayer(own.DiffId, DateTimeOffset.UnixEpoch, "own", "own");
            },
            ImageFormat.Oci);
        registry.ClearRequests();
        return (
            new Image(
                ImageManifest.Create(ImageFormat.Oci, config.Document.Descriptor, [.. below.Manifest.Layers, own.Descriptor]),
                config,
                [.. below.Layers, own]),
            [.. pushed.Layers.Select(layer => layer.Digest)]);
    }

    private static async Task PushAsync(TestRegistry registry, Image image, string repository, params string[] tags)
    {
        using var client = Clients.Anonymous();
        await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, repository, tags);
    }

    private static Task ValidateAsync(TestRegistry registry, string repository, string tag) =>
        ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, repository, tag), new ImageValidationOptions { OwnLayers = 1 });
}
