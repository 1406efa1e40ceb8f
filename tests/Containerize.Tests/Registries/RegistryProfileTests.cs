using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Registries.Profiles;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>The registries of the world, each with its habits: a base from there, images to there, and what it takes.</summary>
public sealed class RegistryProfileTests : IDisposable
{
    // Large enough to be asked for.
    private static readonly BaseImageSpec Base = new() { Layers = [BaseImages.SmallRoot, [TarItem.Directory(
        "data"), TarItem.File("data/large", Random(1_500_000))]] };
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    public static TheoryData<string> Names => [.. RegistryProfiles.All.Select(profile => profile.Name)];

    /// <summary>Without tokens and redirects: of the first push, of one more after a change.</summary>
    public static TheoryData<string, int, int> Budgets => new()
    {
        // 4, a mount for each of two layers, 2 for each of three blobs, 2 tags; then 3, 2 for each of two blobs, both tags at once tried,
        // and 2.
        { "Docker Hub", 14, 10 },
        // Nothing is mounted: the base's layers are fetched and sent, after the large one was asked for.
        { "Amazon ECR", 19, 10 },
        { "Google Artifact Registry", 14, 10 },
        { "Google Container Registry", 14, 10 },
        { "Azure Container Registry", 14, 10 },
        { "GitHub Container Registry", 14, 10 },
        { "GitLab", 14, 10 },
        { "Harbor", 14, 10 },
        { "Quay", 14, 10 },
        // A question more, since HEAD has no answer.
        { "Artifactory", 20, 10 },
    };

    [Theory]
    [MemberData(nameof(Budgets))]
    public async Task A_base_from_there_and_an_image_to_there(string name, int first, int second)
    {
        var profile = ProfileOf(name);
        await using var registry = await StartAsync(profile with { Options = profile.Options with { ImmutableTags = null } });
        BaseImages.PushImage(registry, "base", "1", Base);

        foreach (var (build, budget) in new[] { ("1", first), ("2", second) })
        {
            registry.ClearRequests();
            var image = await PublishAsync(profile, registry, build);

            Assert.All(
                ["1.0", "latest"],
                tag => Assert.Equal(
                    $"{image.Manifest.Document.Descriptor.Digest}", registry.FindManifest(RegistryProfiles.Existing, tag)!.Digest));
            await ImageValidator.AssertValidAsync(
                ImageUnderTest.FromRegistry(registry, RegistryProfiles.Existing, "1.0"), SampleApp.Validation);
            Assert.Equal(0, registry.OpenUploads(RegistryProfiles.Existing));
            Assert.Equal(budget, registry.Requests.Count(request => request.Status != 401 && request.Path != "/v2/"));
            Assert.DoesNotContain(registry.Requests, request => request.Status is (400 or 403 or 406) && request.Method != "HEAD");
            Assert.DoesNotContain(registry.BlobHostRequests, request => request.Status is not 200);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_index_with_its_images_to_there(string name)
    {
        var profile = ProfileOf(name);
        await using var registry = await StartAsync(profile);
        BaseImages.PushIndex(registry, "base", "1", Base, Base with { Platform = "linux/arm64" });
        using var harness = Logged(profile, registry);
        var images = new List<(ImagePlan Plan, Image Image)>();
        foreach (var platform in new[] { "linux-x64", "linux-arm64" })
        {
            var plan = Plan(registry, platform, "1");
            images.Add((plan, await _app.BuildAsync(plan, await new BaseResolver(harness.Client).ResolveAsync(plan, default))));
        }

        await new ImagePublisher(harness.Client, new TagLookups(harness.Client), new ScriptedProcesses())
            .PublishAsync(images[0].Plan, ImageSet.Of(ImageIndexBuilder.Build(images)), images[0].Plan.Destinations, default);

        Assert.All(
            ["1.0", "latest"],
            tag => Assert.Equal(ManifestMediaTypes.OciIndex, registry.FindManifest(RegistryProfiles.Existing, tag)!.MediaType));
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, RegistryProfiles.Existing, "1.0"), SampleApp.Validation);
        Assert.Equal(0, registry.OpenUploads(RegistryProfiles.Existing));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task From_Docker_Hub_to_there(string name)
    {
        var (hub, profile) = (RegistryProfiles.DockerHub(), ProfileOf(name));
        await using var from = await StartAsync(hub);
        await using var to = await StartAsync(profile);
        BaseImages.PushImage(from, "library/base", "1", Base);
        using var harness = new Harness();
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = RegistryProfile.Logins((hub, from.Host), (profile, to.Host));
        var plan = Plan(to, "linux-x64", "1") with { BaseImage = BaseImageName.Parse($"{from.Host}/library/base:1") };

        var image = await _app.BuildAsync(plan, await new BaseResolver(harness.Client).ResolveAsync(plan, default));
        await new ImagePublisher(harness.Client, new TagLookups(harness.Client), new ScriptedProcesses())
            .PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);

        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(to, RegistryProfiles.Existing, "1.0"), SampleApp.Validation);
        // Each password goes to its registry alone.
        Assert.DoesNotContain(from.TokenRequests, request => request.Status != 200);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_wrong_password_is_told_with_its_source_and_user(string name)
    {
        var profile = ProfileOf(name);
        await using var registry = await StartAsync(profile);
        BaseImages.PushImage(registry, "base", "1", Base);
        using var harness = Logged(
            profile with { Password = "wr0ng", IdentityToken = profile.IdentityToken is null ? null : "wr0ng" }, registry);
        var plan = Plan(registry, "linux-x64", "1");

        var e = await Assert.ThrowsAsync<ContainerizeException>(() => new BaseResolver(harness.Client).ResolveAsync(plan, default));

        Assert.Matches("^CTZ[24]00[0-9]$", e.Code);
        Assert.Contains(registry.Host, e.Message, StringComparison.Ordinal);
        Assert.Contains(
            profile.IdentityToken is null
                ? $"the user '{profile.User}' from DOCKER_AUTH_CONFIG"
                : "an identity token from DOCKER_AUTH_CONFIG",
            e.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", string.Join('\n', harness.Trace.Append(e.Message)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Amazon ECR")]
    [InlineData("Google Artifact Registry")]
    [InlineData("Harbor")]
    public async Task A_repository_that_has_to_be_created_first(string name)
    {
        var profile = ProfileOf(name);
        await using var registry = await TestRegistry.StartAsync(profile.Options);
        using var harness = Logged(profile, registry);

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("x")), registry.Host, RegistryProfiles.Existing, "1"));

        Assert.Equal(RefusalReason.RepositoryMissing, e.Reason);
    }

    [Theory]
    [InlineData("Amazon ECR")]
    [InlineData("Google Artifact Registry")]
    [InlineData("Harbor")]
    public async Task A_tag_that_does_not_move(string name)
    {
        var profile = ProfileOf(name);
        await using var registry = await StartAsync(profile);
        using var harness = Logged(profile, registry);
        await Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("x")), registry.Host, RegistryProfiles.Existing, "1", "2");
        // The same again is no move.
        await Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("x")), registry.Host, RegistryProfiles.Existing, "1", "2");

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("y")), registry.Host, RegistryProfiles.Existing, "1", "2"));

        Assert.Equal(RefusalReason.TagImmutable, e.Reason);
    }

    [Fact]
    public async Task A_token_server_that_hears_the_first_scope_alone_lets_the_push_through()
    {
        var options = new TestRegistryOptions
        {
            Auth = new TestRegistryAuth.Bearer { Users = new Dictionary<string, string> { ["ann"] = "secret" }, Anonymous = AnonymousAccess.Refused, Scopes = ScopeReading.First },
        };
        var profile = new RegistryProfile("one scope", options, "ann", "secret");
        await using var registry = await StartAsync(profile);
        BaseImages.PushImage(registry, "base", "1", Base);

        await PublishAsync(profile, registry, "1");

        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, RegistryProfiles.Existing, "1.0"), SampleApp.Validation);
        Assert.Equal(0, registry.OpenUploads(RegistryProfiles.Existing));
    }

    [Fact]
    public async Task Where_there_are_no_chunks_what_is_too_large_for_a_proxy_is_told()
    {
        var profile = RegistryProfiles.GoogleArtifactRegistry();
        await using var registry = await StartAsync(profile with { Options = profile.Options with { MaximumBody = 1_000_000 } });
        using var harness = Logged(profile, registry);
        var image = MemoryImages.Of(new MemoryLayer(TestLayer.Of(TarItem.File("large", Random(6_000_000)))));

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => Pushes.PushAsync(harness.Client, ImageSet.Of(image), registry.Host, RegistryProfiles.Existing, "1"));

        Assert.Contains("chunked upload is not supported", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, registry.OpenUploads(RegistryProfiles.Existing));
    }

    [Fact]
    public async Task Chunks_that_are_answered_with_201_go_on()
    {
        var profile = RegistryProfiles.AmazonEcr();
        await using var registry = await StartAsync(profile with { Options = profile.Options with { MaximumBody = 5 * 1024 * 1024 } });
        using var harness = Logged(profile, registry);
        var layer = TestLayer.Of(TarItem.File("large", Random(12_000_000)));

        await Pushes.PushAsync(
            harness.Client, ImageSet.Of(MemoryImages.Of(new MemoryLayer(layer))), registry.Host, RegistryProfiles.Existing, "1");

        Assert.Equal(layer.Gzip, registry.FindBlob(RegistryProfiles.Existing, layer.Digest));
        Assert.Equal([201, 201, 201], registry.Requests.Where(request => request.Method == "PATCH").Select(request => request.Status ?? 0));
    }

    [Fact]
    public async Task A_mount_from_a_project_that_is_gone_becomes_an_upload()
    {
        var profile = RegistryProfiles.Harbor();
        await using var registry = await StartAsync(profile);
        using var harness = Logged(profile, registry);
        var layer = new MemoryLayer(MemoryImages.Layer("x"), source: new BlobSource(registry.Host, "gone/base"));

        await Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of(layer)), registry.Host, RegistryProfiles.Existing, "1");

        Assert.NotNull(registry.FindBlob(RegistryProfiles.Existing, $"{layer.Descriptor.Digest}"));
    }

    private static RegistryProfile ProfileOf(string name) => RegistryProfiles.All.Single(profile => profile.Name == name);

    private static async Task<TestRegistry> StartAsync(RegistryProfile profile)
    {
        var registry = await TestRegistry.StartAsync(profile.Options);
        registry.CreateRepository(RegistryProfiles.Existing);
        return registry;
    }

    private static Harness Logged(RegistryProfile profile, TestRegistry registry)
    {
        var harness = new Harness();
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = profile.LoginTo(registry.Host);
        return harness;
    }

    private ImagePlan Plan(TestRegistry registry, string platform, string build) => _app.Plan($"{registry.Host}/base:1", platform) with
    {
        Repository = RegistryProfiles.Existing,
        Destinations = [new Destination(DestinationKind.Registry, registry.Host)],
        Layers = build == "1" ? _app.Layers : [_app.Layers[0], _app.Layers[1] with { Entries = [.. _app.Layers[1].Entries.SkipLast(1)] }],
    };

    private async Task<Image> PublishAsync(RegistryProfile profile, TestRegistry registry, string build)
    {
        using var harness = Logged(profile, registry);
        var plan = Plan(registry, "linux-x64", build);
        var image = await _app.BuildAsync(plan, await new BaseResolver(harness.Client).ResolveAsync(plan, default));
        await new ImagePublisher(harness.Client, new TagLookups(harness.Client), new ScriptedProcesses())
            .PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);
        return image;
    }

    private static byte[] Random(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
