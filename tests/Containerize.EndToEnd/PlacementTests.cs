using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Applications in directories of the base: what engines then make of the base's own.</summary>
public sealed class PlacementTests
{
    [RequiresTheory(Server.Registry, Server.Docker, Server.Podman, Server.Ctr, Server.BaseRuntime)]
    [InlineData("/home/app/x", "home/app/x")]
    [InlineData("/tmp/x", "tmp/x")]
    [InlineData("/bin/x", "usr/bin/x")]
    [InlineData("/var/run/x", "run/x")]
    public async Task The_base_stays_as_it_is_in_every_engine_and_the_application_starts(string directory, string place)
    {
        using var workspace = await Workspace.CreateAsync("placement");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("placement"));
        var image = $"{registry}/{repository}:latest";
        // As CMD, so that engines run something else in its place.
        await workspace.PublishAsync(
            "HelloConsole",
            [.. Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime)), $"-p:ContainerWorkingDirectory={directory}", "-p:ContainerAppCommandInstruction=DefaultArgs"]);

        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(registry, repository, "latest"),
            new ImageValidationOptions { OwnLayers = 1, AllowedDirectory = path => path == place });
        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("pull", image)).EnsureSuccess();
            var seen = (await engine.RunAsync(
                "run", "--rm", "--network=none", image,
                "sh", "-c", $"stat -c '%a %u:%g %F' /tmp /home/app /var/run/ {directory}/; readlink /bin /var/run; readlink -f {directory}/HelloConsole.dll; pwd -P")).EnsureSuccess();
            Assert.Equal(
                ["1777 0:0 directory", "700 1654:1654 directory", "755 0:0 directory", "755 0:0 directory", "usr/bin", "/run", $"/{place}/HelloConsole.dll", $"/{place}"],
                seen.StandardOutput.Trim().Split('\n'));
            var said = (await engine.RunAsync("run", "--rm", "--network=none", image)).EnsureSuccess();
            Assert.Contains("Hello", said.StandardOutput, StringComparison.Ordinal);
            await engine.RunAsync("rmi", image);
        }

        await CheckInContainerdAsync(workspace, image, place);
    }

    // Mounted and not run: containerd lays a file system of its own over /run.
    private static async Task CheckInContainerdAsync(Workspace workspace, string image, string place)
    {
        var root = Directory.CreateDirectory(workspace.Sandbox.PathOf("root")).FullName;
        await ContainerdAsync("images", "pull", "--plain-http", image);
        try
        {
            await ContainerdAsync("images", "mount", image, root);
            try
            {
                var seen = (await workspace.Sandbox.RunAsync("sh", ["-c", $"stat -c '%a %u:%g %F' tmp home/app {place} {place}/HelloConsole.dll; readlink bin var/run"], workingDirectory: "root")).EnsureSuccess();
                Assert.Equal(
                    ["1777 0:0 directory", "700 1654:1654 directory", "755 0:0 directory", "644 0:0 regular file", "usr/bin", "/run"],
                    seen.StandardOutput.Trim().Split('\n'));
            }
            finally
            {
                await ContainerdAsync("images", "unmount", "--rm", root);
            }
        }
        finally
        {
            await ContainerdAsync("images", "remove", image);
        }

        async Task ContainerdAsync(params string[] arguments) =>
            (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Ctr), ["-n", "containerize-placement", .. arguments])).EnsureSuccess();
    }
}
