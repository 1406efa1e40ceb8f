using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>What registries lose, what others may write, and what lies above a project: with real programs.</summary>
public sealed class TrustTests
{
    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task A_registry_that_has_lost_a_blob_has_it_again_after_the_next_publish()
    {
        using var workspace = await Workspace.CreateAsync("lost");
        using var registry = new OwnRegistry(workspace.PathOf("registry"));
        await registry.StartAsync();
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry.Host, "team/app", Testbed.Get(Server.BaseRuntime), "1"));
        var image = await RemoteImage.GetAsync(registry.Host, "team/app", "1");
        foreach (var layer in new[] { image.Layers[^1], image.Layers[0] })
        {
            // The blob itself, and the link that says that the repository has it.
            var blob = workspace.PathOf("registry", "data", "docker", "registry", "v2", "blobs", "sha256", layer[7..9], layer[7..]);
            Assert.True(Directory.Exists(blob), blob);
            Directory.Delete(blob, recursive: true);
            Directory.Delete(
                workspace.PathOf(
                    "registry", "data", "docker", "registry", "v2", "repositories", "team", "app", "_layers", "sha256", layer[7..]),
                recursive: true);
        }

        // Its memory would hide the loss.
        registry.Kill();
        await registry.StartAsync();
        var again = await workspace.PublishAsync(
            "HelloConsole", ["--no-build", .. Workspace.To(registry.Host, "team/app", Testbed.Get(Server.BaseRuntime), "2")]);

        var copied = await workspace.Sandbox.RunAsync(
            Testbed.Get(Server.Skopeo), ["copy", "--src-tls-verify=false", $"docker://{registry.Host}/team/app:2", $"oci:{workspace.PathOf("copy")}:2"]);
        Assert.True(copied.ExitCode == 0, copied.Output + again.Output);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Without_a_umask_nothing_of_ours_is_writable_by_everybody()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var workspace = await Workspace.CreateUnbuiltAsync("umask");
        var repository = Workspace.UniqueName("umask");
        var script = $"umask 000; exec '{DotnetSdk.Current.HostPath}' publish HelloConsole -nodeReuse:false "
            + "-p:UseSharedCompilation=false -p:ContainerPublish=true "
            + string.Join(
                ' ',
                [.. Workspace.To(
                    Testbed.Get(Server.Registry),
                    repository,
                    Testbed.Get(Server.BaseRuntime)), "-p:ContainerArchiveOutputPath=" + workspace.PathOf("image.tar")]);

        (
            await workspace.Sandbox.RunAsync(
                "/bin/sh",
                ["-c", script],
                new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = workspace.PathOf("caches") },
                workspace.Folder)).EnsureSuccess();

        var ours = Directory.EnumerateFileSystemEntries(workspace.PathOf("HelloConsole", "obj"), "*", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(workspace.PathOf(), path).Contains("/containerize", StringComparison.Ordinal))
            .Concat(Directory.EnumerateFileSystemEntries(workspace.PathOf("caches"), "*", SearchOption.AllDirectories))
            .Append(workspace.PathOf("image.tar"))
            .ToList();
        Assert.True(ours.Count > 10);
        // What MSBuild writes for us (lists for the SDK's clean) is as the umask has it.
        foreach (var path in ours.Where(path => !path.EndsWith(".txt", StringComparison.Ordinal)))
            Assert.True((File.GetUnixFileMode(path) & UnixFileMode.OtherWrite) == 0, path);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(workspace.PathOf("caches", "containerize")));
    }

    // Whoever may write above a project may make a repository of it.
    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task A_repository_above_the_project_starts_nothing()
    {
        using var workspace = await Workspace.CreateAsync("planted");
        var marker = workspace.PathOf("started");
        var script = $$"""
            set -e
            git init -q . && git -c user.name=n -c user.email=e -c commit.gpgsign=false commit -q --allow-empty -m m
            git config core.repositoryFormatVersion 1 && git config extensions.partialClone evil && git config remote.evil.promisor true
            git config remote.evil.url "ext::sh -c touch% {{marker}}" && git config protocol.ext.allow always && git config core.fsmonitor "touch {{marker}}; false"
            h=$(git rev-parse HEAD) && rm -f .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-)
            """;
        (await workspace.Sandbox.RunAsync("/bin/sh", ["-c", script], workingDirectory: workspace.Folder)).EnsureSuccess();

        await workspace.PublishAsUserAsync(
            "HelloConsole", Workspace.To(Testbed.Get(Server.Registry), Workspace.UniqueName("planted"), Testbed.Get(Server.BaseRuntime)));

        Assert.False(File.Exists(marker));
    }
}
