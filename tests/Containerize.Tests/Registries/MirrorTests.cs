using Containerize.Images;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>Bases that come from a mirror, and from the registry itself where the mirror does not do.</summary>
public sealed class MirrorTests
{
    private static readonly Platform Amd64 = new("linux", "amd64");
    private readonly List<string> _notices = [];

    [Fact]
    public async Task A_mirror_serves_what_is_then_called_by_its_own_name()
    {
        await using var mirror = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(mirror, "hub/team/base", "1");
        using var client = Client(new RegistryMirror("registry.invalid", mirror.Host + "/hub"));

        var image = await PullAsync(client, "registry.invalid/team/base:1");

        Assert.Equal(pushed.Digest, image.Manifest.Document.Descriptor.Digest.ToString());
        Assert.All(image.Layers, layer => Assert.Equal(new BlobSource("registry.invalid", "team/base"), layer.Source));
        await using (var stream = await image.Layers[0].OpenAsync(default))
            await stream.CopyToAsync(Stream.Null);
        Assert.Empty(_notices);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(501)]
    public async Task Where_the_mirror_fails_the_registry_is_asked(int status)
    {
        await using var mirror = await TestRegistry.StartAsync();
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "team/base", "1");
        mirror.Faults.Add("GET", "/", FaultScript.Always, Fault.Status(status));
        using var client = Client(new RegistryMirror(registry.Host, mirror.Host));

        var image = await PullAsync(client, $"{registry.Host}/team/base:1");

        Assert.NotEmpty(image.Layers);
        Assert.StartsWith(
            $"The mirror did not serve '{registry.Host}/team/base:1' as '{mirror.Host}/team/base:1': ",
            Assert.Single(_notices),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_the_mirror_has_lost_comes_from_the_registry()
    {
        await using var mirror = await TestRegistry.StartAsync();
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(mirror, "team/base", "1");
        var pushed = BaseImages.PushImage(registry, "team/base", "1");
        using var client = Client(new RegistryMirror(registry.Host, mirror.Host));
        var image = await PullAsync(client, $"{registry.Host}/team/base:1");
        mirror.Faults.Add("GET", "/blobs/", FaultScript.Always, Fault.Status(404));

        await using var stream = await image.Layers[0].OpenAsync(default);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content);

        Assert.Equal(registry.FindBlob("team/base", pushed.Layers[0].Digest), content.ToArray());
    }

    [Fact]
    public async Task A_mirror_that_is_damaged_is_no_source()
    {
        await using var mirror = await TestRegistry.StartAsync();
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(mirror, "team/base", "1");
        var pushed = BaseImages.PushImage(registry, "team/base", "1");
        mirror.Faults.Add("GET", "/manifests/", FaultScript.Always, Fault.FlipByte(30));
        using var client = Client(new RegistryMirror(registry.Host, mirror.Host));

        var image = await PullAsync(client, $"{registry.Host}/team/base@{pushed.Digest}");

        Assert.Equal(pushed.Digest, image.Manifest.Document.Descriptor.Digest.ToString());
        Assert.Single(_notices);
    }

    [Fact]
    public async Task Variables_that_name_no_host_are_not_shown_to_a_mirror()
    {
        await using var mirror = await TestRegistry.StartAsync(
            new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("user", "secret") });
        await using var registry = await TestRegistry.StartAsync(
            new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("user", "secret") });
        BaseImages.PushImage(registry, "team/base", "1");
        var environment = new EmptyEnvironment { ["DOTNET_CONTAINER_PULL_REGISTRY_UNAME"] = "user", ["DOTNET_CONTAINER_PULL_REGISTRY_PWORD"] = "secret" };
        using var client = Client(new RegistryMirror(registry.Host, mirror.Host), environment);

        await PullAsync(client, $"{registry.Host}/team/base:1");

        Assert.DoesNotContain(mirror.Requests, request => request.Header("Authorization") is not null);
        Assert.Contains(registry.Requests, request => request.Header("Authorization") is not null);
    }

    private static RegistryClient Client(RegistryMirror mirror, EmptyEnvironment? environment = null) => new(new RegistryClientOptions
    {
        Environment = environment ?? new EmptyEnvironment(),
        Processes = new ScriptedProcesses(),
        Mirrors = [mirror],
    });

    private Task<Image> PullAsync(RegistryClient client, string name) => ImageReference.TryParse(name, out var reference, out _)
        ? RegistryPull.PullAsync(client, reference, Amd64, RegistryAccess.Pull, _notices.Add, default)
        : throw new ArgumentException(name);
}
