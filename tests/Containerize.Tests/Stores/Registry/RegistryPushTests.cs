using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Registry;

/// <summary>How few requests and bytes a push takes, alone and beside others.</summary>
public sealed class RegistryPushTests : IDisposable
{
    private static readonly BaseImageSpec Base = new() { Layers = [BaseImages.SmallRoot, [TarItem.Directory(
        "data"), TarItem.File("data/x", "x")]] };
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task A_first_push_takes_four_requests_one_for_each_base_layer_two_for_each_new_blob_and_one_for_each_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        var below = BaseImages.PushImage(registry, "base", "1", Base);

        var image = await PublishAsync(registry, Plan(registry));

        var own = image.Layers.TakeLast(2).Select(layer => layer.Descriptor.Digest).ToList();
        Assert.Equal(
            [
                "GET /v2/base/manifests/1 → 200",
                $"GET /v2/base/blobs/{below.ConfigDigest} → 200",
                "GET /v2/team/app/manifests/1.0 → 404",
                $"HEAD /v2/team/app/manifests/{image.Manifest.Document.Descriptor.Digest} → 404",
            ],
            Summaries(registry).Take(4));
        Assert.Equal(
            below.Layers.Select(layer => $"POST /v2/team/app/blobs/uploads/?mount={layer.Digest}&from=base → 201")
                .Concat(own.Append(image.Config.Document.Descriptor.Digest).SelectMany(digest => new[]
                {
                    $"POST /v2/team/app/blobs/uploads/?mount={digest}&from=team%2Fapp → 202",
                    $"PUT /v2/team/app/blobs/uploads/{{id}}?digest={digest} → 201",
                }))
                .Order(StringComparer.Ordinal),
            Summaries(registry).Skip(4).SkipLast(2).Order(StringComparer.Ordinal));
        Assert.Equal(["PUT /v2/team/app/manifests/1.0 → 201", "PUT /v2/team/app/manifests/latest → 201"], Summaries(registry).TakeLast(2));
        Assert.Equal(4 + 2 + (2 * 3) + 2, registry.Requests.Count);
    }

    [Fact]
    public async Task A_changed_layer_takes_two_requests_and_what_is_there_none()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", Base);
        await PublishAsync(registry, Plan(registry));
        registry.ClearRequests();

        var changed = Plan(registry) with { Config = Plan(
            registry).Config with { Labels = [new(
                "org.acme.build",
                "2")] }, Layers = [_app.Layers[0], _app.Layers[1] with { Entries = [.. _app.Layers[1].Entries.SkipLast(1)] }] };
        var image = await PublishAsync(registry, changed);

        var requests = Summaries(registry).Skip(2).ToList();
        Assert.Equal("GET /v2/team/app/manifests/1.0 → 200", requests[0]);
        Assert.Equal(
            new[]
            {
                $"POST /v2/team/app/blobs/uploads/?mount={image.Layers[^1].Descriptor.Digest}&from=team%2Fapp → 202",
                $"PUT /v2/team/app/blobs/uploads/{{id}}?digest={image.Layers[^1].Descriptor.Digest} → 201",
                $"POST /v2/team/app/blobs/uploads/?mount={image.Config.Document.Descriptor.Digest}&from=team%2Fapp → 202",
                $"PUT /v2/team/app/blobs/uploads/{{id}}?digest={image.Config.Document.Descriptor.Digest} → 201",
            }.Order(StringComparer.Ordinal),
            requests[1..5].Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                // Nobody knows yet whether the registry takes both at once.
                $"PUT /v2/team/app/manifests/{image.Manifest.Document.Descriptor.Digest}?tag=1.0&tag=latest → 201",
                "PUT /v2/team/app/manifests/1.0 → 201",
                "PUT /v2/team/app/manifests/latest → 201",
            ],
            requests[5..]);
    }

    [Fact]
    public async Task Several_tags_take_one_request_where_the_registry_knows_that()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { TagsTogether = true });
        BaseImages.PushImage(registry, "base", "1", Base);
        // More than a registry has to take at once.
        var many = Plan(registry) with { Tags = [.. Enumerable.Range(0, 12).Select(i => $"1.{i}")] };
        await PublishAsync(registry, many);
        Assert.Equal(12, Puts().Count);
        registry.ClearRequests();

        var image = await PublishAsync(registry, many with { Config = many.Config with { Labels = [new("org.acme.build", "2")] } });

        var digest = image.Manifest.Document.Descriptor.Digest;
        Assert.Equal(
            [
                $"PUT /v2/team/app/manifests/{digest}?{string.Join('&', many.Tags.Take(10).Select(tag => $"tag={tag}"))} → 201",
                $"PUT /v2/team/app/manifests/{digest}?tag=1.10&tag=1.11 → 201",
            ],
            Puts());
        Assert.All(many.Tags, tag => Assert.Equal($"{digest}", registry.FindManifest("team/app", tag)!.Digest));

        List<string> Puts() =>
            [.. Summaries(registry).Where(request => request.StartsWith("PUT /v2/team/app/manifests/", StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData("overlooked", 3, 2)]
    [InlineData("refused", 3, 3)]
    [InlineData("done for one", 2, 2)]
    public async Task Where_it_does_not_each_tag_has_its_own_and_that_is_remembered(string how, int puts, int putsLater)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { TagsTogether = how == "done for one" });
        BaseImages.PushImage(registry, "base", "1", Base);
        await PublishAsync(registry, Plan(registry));
        if (how == "refused")
            registry.Faults.Add(request => request.Query.ContainsKey("tag"), FaultScript.Always, Fault.Status(400));
        if (how == "done for one")
            registry.Faults.Add(request => request.Query.ContainsKey("tag"), FaultScript.Always, Fault.SetHeader("OCI-Tag", "latest"));
        using var folder = new TempFolder();

        foreach (var (build, expected) in new[] { ("2", puts), ("3", putsLater) })
        {
            registry.ClearRequests();
            using var client = new RegistryClient(
                new RegistryClientOptions { Environment = new EmptyEnvironment(), Processes = new ScriptedProcesses(), Notes = new RegistryHints(folder.Path, TimeProvider.System) });
            var plan = Plan(registry) with { Config = Plan(registry).Config with { Labels = [new("org.acme.build", build)] } };
            var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
            await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, "team/app", "1.0", "latest");

            Assert.Equal(
                expected,
                registry.Requests.Count(
                    request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal)));
            Assert.All(
                ["1.0", "latest"],
                tag => Assert.Equal($"{image.Manifest.Document.Descriptor.Digest}", registry.FindManifest("team/app", tag)!.Digest));
        }
    }

    [Fact]
    public async Task Under_a_new_tag_layers_that_are_there_are_mounted_and_not_sent()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", Base);
        await PublishAsync(registry, Plan(registry));
        registry.ClearRequests();

        var next = Plan(registry) with { Tags = ["2.0"], Config = Plan(registry).Config with { Labels = [new("org.acme.build", "2")] } };
        var image = await PublishAsync(registry, next);

        // Its config alone is new.
        Assert.Equal(
            [$"PUT /v2/team/app/blobs/uploads/{{id}}?digest={image.Config.Document.Descriptor.Digest} → "
                + "201", "PUT /v2/team/app/manifests/2.0 → 201"],
            Summaries(registry).Where(request => request.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Equal(0, registry.OpenUploads("team/app"));
    }

    [Fact]
    public async Task A_base_that_one_process_has_brought_another_one_mounts()
    {
        await using var source = await TestRegistry.StartAsync();
        await using var target = await TestRegistry.StartAsync();
        var below = BaseImages.PushImage(source, "base", "1", Base);
        using var folder = new TempFolder();

        await Parallel.ForEachAsync(Enumerable.Range(0, 4), async (i, _) =>
        {
            // Each with what a process has: nothing in common but the folder.
            using var client = new RegistryClient(
                new RegistryClientOptions { Environment = new EmptyEnvironment(), Processes = new ScriptedProcesses(), Notes = new RegistryHints(folder.Path, TimeProvider.System) });
            var image = await new BaseResolver(client).ResolveAsync(_app.Plan($"{source.Host}/base:1"), default);
            await Pushes.PushAsync(client, ImageSet.Of(image), target.Host, $"app{i}", "1");
        });

        foreach (var layer in below.Layers)
        {
            Assert.Equal(1, source.Requests.Count(request => request.Summary == $"GET /v2/base/blobs/{layer.Digest} → 200"));
            Assert.Equal(
                1,
                target.Requests.Count(
                    request => request.Method == "PUT" && request.Summary.Contains(layer.Digest, StringComparison.Ordinal)));
            Assert.Equal(
                3,
                target.Requests.Count(
                    request =>
                        request.Summary.Contains($"?mount={layer.Digest}", StringComparison.Ordinal)
                            && request.Summary.EndsWith("→ 201", StringComparison.Ordinal)));
            Assert.All(Enumerable.Range(0, 4), i => Assert.NotNull(target.FindBlob($"app{i}", layer.Digest)));
        }
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("No Name")]
    [InlineData("")]
    public async Task What_is_said_of_a_base_and_does_not_hold_costs_nothing(string holder)
    {
        await using var source = await TestRegistry.StartAsync();
        await using var target = await TestRegistry.StartAsync();
        var below = BaseImages.PushImage(source, "base", "1", Base);
        using var folder = new TempFolder();
        var notes = new RegistryHints(folder.Path, TimeProvider.System);
        foreach (var layer in below.Layers)
            await notes.AddHolderAsync(target.Host, holder, Digest.Parse(layer.Digest), default);
        using var client = new RegistryClient(
            new RegistryClientOptions { Environment = new EmptyEnvironment(), Processes = new ScriptedProcesses(), Notes = notes });
        var image = await new BaseResolver(client).ResolveAsync(_app.Plan($"{source.Host}/base:1"), default);

        await Pushes.PushAsync(client, ImageSet.Of(image), target.Host, "app", "1");

        // The two questions, POST and PUT for each blob, the tag.
        Assert.Equal(2 + (2 * (below.Layers.Count + 1)) + 1, target.Requests.Count);
        Assert.All(below.Layers, layer => Assert.Equal("app", notes.HolderOf(target.Host, Digest.Parse(layer.Digest))));
        Assert.Null(notes.HolderOf("elsewhere.example", Digest.Parse(below.Layers[0].Digest)));
    }

    [Fact]
    public async Task What_was_said_of_a_base_three_months_ago_is_forgotten()
    {
        using var folder = new TempFolder();
        var notes = new RegistryHints(folder.Path, TimeProvider.System);
        var (old, current) = (Digest.Of("old"u8), Digest.Of("current"u8));
        await notes.AddHolderAsync("r.example", "app", old, default);
        File.SetLastWriteTimeUtc(
            Directory.GetFiles(folder.Path, old.Hex, SearchOption.AllDirectories).Single(), DateTime.UtcNow.AddDays(-91));
        await notes.AddHolderAsync("r.example", "app", current, default);
        Assert.Equal((null, "app"), (notes.HolderOf("r.example", old), notes.HolderOf("r.example", current)));
    }

    [Theory]
    [InlineData(MountBehaviour.Ignored)]
    [InlineData(MountBehaviour.Refused)]
    public async Task Where_nothing_is_mounted_large_layers_are_asked_for_before_they_are_sent_again(MountBehaviour mount)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Mount = mount });
        using var client = Clients.Anonymous();
        var (large, small) = (Random(2_000_000, 1), Random(1000, 2));
        await Pushes.PushAsync(client, ImageSet.Of(MemoryImages.Of(large, small)), registry.Host, "app", "1");
        registry.ClearRequests();

        using var another = Clients.Anonymous();
        var image = MemoryImages.Of(large, small, Random(1000, 3));
        await Pushes.PushAsync(another, ImageSet.Of(image), registry.Host, "app", "2");

        Assert.Contains($"HEAD /v2/app/blobs/{large.Descriptor.Digest} → 200", Summaries(registry));
        Assert.DoesNotContain(registry.Requests, request => request.BodyLength >= large.Descriptor.Size);
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task Of_several_platforms_the_index_that_is_there_tells_of_their_layers()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushIndex(
            registry, "base", "1", new BaseImageSpec { Platform = "linux/amd64" }, new BaseImageSpec { Platform = "linux/arm64" });
        await PushIndexAsync(registry, "1");
        registry.ClearRequests();

        await PushIndexAsync(registry, "2");

        Assert.DoesNotContain(registry.Requests, request => request.Target.Contains("from=base", StringComparison.Ordinal));
        Assert.Equal(
            2,
            registry.Requests.Count(
                request => request.Method == "PUT" && request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_that_push_the_same_at_the_same_time_send_it_once()
    {
        await using var registry = await TestRegistry.StartAsync();
        var gate = new TaskCompletionSource();
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.WaitFor(gate.Task));
        using var client = Clients.Anonymous();
        var (one, two) = (MemoryImages.Of(Random(100_000, 1)), MemoryImages.Of(Random(100_000, 1)));

        var first = Pushes.PushAsync(client, ImageSet.Of(one), registry.Host, "app", "1");
        var second = Pushes.PushAsync(client, ImageSet.Of(two), registry.Host, "app", "2");
        gate.SetResult();
        await Task.WhenAll(first, second);

        Assert.Equal(["1", "2"], registry.Tags("app"));
        var sent = registry.Requests.Where(
            request => request.Method == "PUT" && request.Path.Contains("/uploads/", StringComparison.Ordinal)).Select(request =>
                request.Summary).ToList();
        Assert.Equal(2, sent.Count); // Layer and config.
        Assert.Equal(sent.Distinct(), sent);
    }

    [Fact]
    public async Task Who_waits_for_another_that_fails_does_it_itself()
    {
        await using var registry = await TestRegistry.StartAsync();
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        registry.Faults.Add("PUT", "/uploads/", 1, async (context, next) =>
        {
            reached.SetResult();
            await gate.Task;
            await Fault.Status(400)(context, next);
        });
        using var client = Clients.Anonymous();
        var layer = Random(100_000, 1);

        var first = Pushes.PushAsync(client, ImageSet.Of(MemoryImages.Of(layer)), registry.Host, "app", "1");
        await reached.Task;
        var second = Pushes.PushAsync(client, ImageSet.Of(MemoryImages.Of(layer)), registry.Host, "app", "2");
        gate.SetResult();

        await Assert.ThrowsAsync<RegistryException>(() => first);
        await second;
        Assert.Equal(["2"], registry.Tags("app"));
    }

    [Fact]
    public async Task What_another_repository_of_the_build_has_got_is_mounted_from_there()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var image = MemoryImages.Of(Random(100_000, 1));
        foreach (var project in Enumerable.Range(1, 8))
            await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, $"team/app{project}", "1");

        Assert.Equal(
            2, registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/uploads/", StringComparison.Ordinal)));
        Assert.All(Enumerable.Range(1, 8), project => Assert.Equal(2, registry.Blobs($"team/app{project}").Count));
    }

    [Fact]
    public async Task No_more_than_four_uploads_go_to_one_registry_at_once_however_many_push()
    {
        await using var registry = await TestRegistry.StartAsync();
        var (running, most) = (0, 0);
        registry.Faults.Add("PUT", "/uploads/", FaultScript.Always, async (context, next) =>
        {
            var now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            await Task.Delay(20);
            await next(context);
            Interlocked.Decrement(ref running);
        });
        using var client = Clients.Anonymous();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(project => Pushes.PushAsync(
            client,
            ImageSet.Of(MemoryImages.Of([.. Enumerable.Range(0, 4).Select(i => Random(1000, (10 * project) + i))])),
            registry.Host,
            $"app{project}",
            "1")));

        Assert.InRange(most, 2, 4);
    }

    private ImagePlan Plan(TestRegistry registry) =>
        _app.Plan($"{registry.Host}/base:1") with { Destinations = [new Destination(DestinationKind.Registry, registry.Host)] };

    private async Task<Image> PublishAsync(TestRegistry registry, ImagePlan plan)
    {
        using var client = Clients.Anonymous();
        var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
        await new ImagePublisher(client, new TagLookups(client), new ScriptedProcesses())
            .PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);
        return image;
    }

    private async Task PushIndexAsync(TestRegistry registry, string build)
    {
        using var client = Clients.Anonymous();
        var images = new List<(ImagePlan, Image)>();
        foreach (var runtime in new[] { "linux-x64", "linux-arm64" })
        {
            var plan = _app.Plan($"{registry.Host}/base:1", runtime);
            plan = plan with { Config = plan.Config with { Labels = [new("org.acme.build", build)] } };
            images.Add((plan, await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default))));
        }

        await Pushes.PushAsync(client, ImageSet.Of(ImageIndexBuilder.Build(images)), registry.Host, "app", "latest");
    }

    private static IEnumerable<string> Summaries(TestRegistry registry) => registry.Requests.Select(request => request.Summary);

    private static MemoryLayer Random(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return new MemoryLayer(TestLayer.Of(TarItem.File("content", bytes)));
    }
}
