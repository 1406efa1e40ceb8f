using System.Text.Json.Nodes;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Profiles;
using Containerize.Testing.Validation;

namespace Containerize.Tests.Testing;

/// <summary>Other people's clients find a registry in <see cref="TestRegistry"/>, and images in <see cref="BaseImages"/>.</summary>
public sealed class TestRegistryToolTests : IDisposable
{
    // The images here are bases: how the tools write them is their own affair.
    private static readonly ImageValidationOptions Foreign = new() { OwnLayers = 0, RequireMediaType = false };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("containerize-tools-");

    public void Dispose() => _folder.Delete(recursive: true);

    [RequiresFact(Server.Skopeo)]
    public async Task Skopeo_pulls_pushes_and_inspects_an_oci_image()
    {
        await using var registry = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(registry, "base/one", "1.0");
        await SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{registry.Host}/base/one:1.0", $"oci:{_folder}/layout:x");
        var layout = ImageUnderTest.FromLayout($"{_folder}/layout", "x");
        Assert.Equal(registry.FindManifest("base/one", "1.0")!.Content, layout.Root);
        await ImageValidator.AssertValidAsync(layout, Foreign);

        await SkopeoAsync("copy", "--dest-tls-verify=false", $"oci:{_folder}/layout:x", $"docker://{registry.Host}/x/y:z");
        Assert.Equal(["z"], registry.Tags("x/y"));
        Assert.Equal(pushed.Digest, registry.FindManifest("x/y", "z")!.Digest);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "x/y", "z"), Foreign);

        var inspected = JsonNode.Parse(await SkopeoAsync("inspect", "--tls-verify=false", $"docker://{registry.Host}/x/y:z"))!;
        Assert.Equal((pushed.Digest, "amd64"), ((string)inspected["Digest"]!, (string)inspected["Architecture"]!));
        Assert.Equal(["z"], inspected["RepoTags"]!.AsArray().Select(tag => (string)tag!));
    }

    [RequiresFact(Server.Skopeo)]
    public async Task Skopeo_copies_a_docker_manifest_list_with_all_its_images()
    {
        await using var from = await TestRegistry.StartAsync();
        await using var to = await TestRegistry.StartAsync();
        var index = BaseImages.PushIndex(
            from, "base", "1.0",
            new BaseImageSpec { Format = BaseImageFormat.Docker },
            new BaseImageSpec { Format = BaseImageFormat.Docker, Platform = "linux/arm64/v8", Layers = [[TarItem.File("arm", "64")]] });
        await SkopeoAsync(
            "copy",
            "--all",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            $"docker://{from.Host}/base:1.0",
            $"docker://{to.Host}/copy:2.0");
        Assert.Equal(index.Digest, to.FindManifest("copy", "2.0")!.Digest);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(to, "copy", "2.0"));
    }

    [RequiresFact(Server.Skopeo)]
    public async Task Skopeo_logs_in_with_tokens_and_follows_redirects()
    {
        var auth = new TestRegistryAuth.Bearer
        {
            Users = new Dictionary<string, string> { ["ann"] = "secret" },
            Anonymous = AnonymousAccess.Refused,
            OwnHost = true,
        };
        await using var registry = await TestRegistry.StartAsync(new() { Auth = auth, RedirectBlobs = true, AbsoluteLocations = false });
        BaseImages.PushImage(registry, "base", "1.0");
        await SkopeoAsync(
            "copy", "--src-tls-verify=false", "--src-creds=ann:secret", $"docker://{registry.Host}/base:1.0", $"oci:{_folder}/layout:x");
        Assert.NotEmpty(registry.BlobHostRequests);
        Assert.All(registry.BlobHostRequests, request => Assert.Equal(200, request.Status));
        await SkopeoAsync(
            "copy", "--dest-tls-verify=false", "--dest-creds=ann:secret", $"oci:{_folder}/layout:x", $"docker://{registry.Host}/x:1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "x", "1"), Foreign);
        Assert.All(registry.TokenRequests, request => Assert.Equal(("ann", 200), (request.User, request.Status)));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            SkopeoAsync("inspect", "--tls-verify=false", "--creds=ann:wrong", $"docker://{registry.Host}/x:1"));
    }

    [RequiresFact(Server.Skopeo)]
    public async Task Skopeo_logs_in_with_basic_and_mounts_between_repositories()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = new TestRegistryAuth.Basic("ann", "secret") });
        BaseImages.PushImage(registry, "one", "1", new BaseImageSpec { Format = BaseImageFormat.Docker });
        await SkopeoAsync(
            "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--src-creds=ann:secret", "--dest-creds=ann:secret",
            $"docker://{registry.Host}/one:1", $"docker://{registry.Host}/two:1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "two", "1"));
    }

    [RequiresFact(Server.Skopeo)]
    public async Task Skopeo_writes_an_archive_that_the_validator_reads()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1.0");
        await SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{registry.Host}/base:1.0", $"oci-archive:{_folder}/image.tar:x");
        var archive = ImageUnderTest.FromArchive($"{_folder}/image.tar", "x", combined: false);
        await ImageValidator.AssertValidAsync(archive, Foreign);
    }

    [RequiresFact(Server.Podman)]
    public async Task Podman_pulls_and_pushes()
    {
        await using var registry = await TestRegistry.StartAsync(new() { RedirectBlobs = true });
        BaseImages.PushIndex(registry, "base", "1.0", new BaseImageSpec(), new BaseImageSpec { Platform = "linux/arm64" });
        await PodmanAsync("pull", "--tls-verify=false", "--arch=amd64", $"{registry.Host}/base:1.0");
        await PodmanAsync("push", "--tls-verify=false", $"{registry.Host}/base:1.0", $"{registry.Host}/again:1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "again", "1"), Foreign);
    }

    public static TheoryData<string> Profiles => [.. RegistryProfiles.All.Select(profile => profile.Name)];

    [RequiresTheory(Server.Skopeo)]
    [MemberData(nameof(Profiles))]
    public async Task Skopeo_finds_its_way_with_every_profile(string name)
    {
        var (registry, login) = await StartAsync(name);
        await using var _ = registry;
        var pushed = BaseImages.PushIndex(registry, "base", "1", new BaseImageSpec(), new BaseImageSpec { Platform = "linux/arm64" });
        await SkopeoAsync(
            "copy",
            "--all",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--authfile",
            login,
            $"docker://{registry.Host}/base:1",
            $"docker://{registry.Host}/{RegistryProfiles.Existing}:1");
        Assert.Equal(pushed.Digest, registry.FindManifest(RegistryProfiles.Existing, "1")!.Digest);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, RegistryProfiles.Existing, "1"), Foreign);
    }

    [RequiresTheory(Server.Podman)]
    [MemberData(nameof(Profiles))]
    public async Task Podman_finds_its_way_with_every_profile(string name)
    {
        var (registry, login) = await StartAsync(name);
        await using var _ = registry;
        BaseImages.PushImage(registry, "base", "1");
        await PodmanAsync("pull", "--tls-verify=false", "--authfile", login, $"{registry.Host}/base:1");
        await PodmanAsync(
            "push", "--tls-verify=false", "--authfile", login, $"{registry.Host}/base:1", $"{registry.Host}/{RegistryProfiles.Existing}:1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, RegistryProfiles.Existing, "1"), Foreign);
    }

    private async Task<(TestRegistry Registry, string Login)> StartAsync(string name)
    {
        var profile = RegistryProfiles.All.Single(profile => profile.Name == name);
        var registry = await TestRegistry.StartAsync(profile.Options);
        registry.CreateRepository(RegistryProfiles.Existing);
        var login = Path.Combine(_folder.FullName, "auth.json");
        await File.WriteAllTextAsync(login, profile.LoginTo(registry.Host));
        return (registry, login);
    }

    private Task<string> PodmanAsync(params string[] arguments) => RunAsync(
        Testbed.Get(Server.Podman), ["--root", $"{_folder}/root", "--runroot", $"{_folder}/runroot", "--storage-driver=vfs", .. arguments]);

    private Task<string> SkopeoAsync(params string[] arguments) => RunAsync(Testbed.Get(Server.Skopeo), arguments);

    private async Task<string> RunAsync(string tool, string[] arguments)
    {
        // A home of its own: neither this machine's credentials nor its cache of blob locations take part.
        var home = new[] { "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME" }.ToDictionary(
            name => name, _ => (string?)_folder.FullName);
        var result = await ProcessRunner.RunAsync(new ProcessCommand(tool, arguments) { Environment = home });
        return result.ExitCode == 0 ? result.StandardOutput : throw new InvalidOperationException(result.ToString());
    }
}
