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
            [.. Workspace.To(
                registry,
                repository,
                Testbed.Get(Server.BaseRuntime)), $"-p:ContainerWorkingDirectory={directory}", "-p:ContainerAppCommandInstruction=DefaultArgs"]);

        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(registry, repository, "latest"),
            new ImageValidationOptions { OwnLayers = 1, AllowedDirectory = path => path == place });
        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            await engine.PullAsync(image);
            var seen = (await engine.RunAsync(
                "run", "--rm", "--network=none", image,
                "sh",
                "-c",
                $"stat -c '%a %u:%g %F' /tmp /home/app /var/run/ {directory}/; readlink /bin /var/run; "
                    + $"readlink -f {directory}/HelloConsole.dll; pwd -P")).EnsureSuccess();
            Assert.Equal(
                ["1777 0:0 directory", "700 1654:1654 directory", "755 0:0 directory", "755 0:0 directory", "usr/bin", "/run", $"/{place}/HelloConsole.dll", $"/{place}"],
                seen.StandardOutput.Trim().Split('\n'));
            var said = (await engine.RunAsync("run", "--rm", "--network=none", image)).EnsureSuccess();
            Assert.Contains("Hello", said.StandardOutput, StringComparison.Ordinal);
            await engine.RunAsync("rmi", image);
        }

        await CheckInContainerdAsync(workspace, image, place);
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.Podman, Server.Ctr, Server.BaseRuntime)]
    public async Task Files_below_directories_and_links_of_the_base_leave_them_as_they_are()
    {
        using var workspace = await Workspace.CreateAsync("below");
        workspace.Sandbox.Write("src/Directory.Build.targets", """
            <Project>
              <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloConsole'">
                <ContainerFile Include="Program.cs" Path="/tmp/seed/" />
                <ContainerFile Include="Program.cs" Path="/home/app/notes/own" Owner="app" Mode="0600" />
                <ContainerFile Include="Program.cs" Path="/bin/tool" Mode="0755" />
                <ContainerDirectory Include="/var/lib/hello" Owner="app:adm" Mode="2770" />
                <ContainerSymlink Include="/sbin/hello" LinkTarget="/bin/tool" />
                <ContainerSymlink Include="/srv/now" LinkTarget="/var/lib/now" />
                <ContainerFile Include="Program.cs" Path="/srv/now/" Owner="1000660000:2147483647" />
              </ItemGroup>
            </Project>
            """);
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("below"));
        var image = $"{registry}/{repository}:latest";
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime)));

        string[] expected =
        [
            "1777 0:0 tmp", "644 0:0 tmp/seed/Program.cs", "700 1654:1654 home/app", "600 1654:1654 home/app/notes/own",
            "755 0:0 usr/bin/tool", "2770 1654:4 var/lib/hello", "644 1000660000:2147483647 "
                + "var/lib/now/Program.cs", "usr/bin", "usr/sbin", "/bin/tool", "/var/lib/now",
        ];
        const string script = "stat -c '%a %u:%g %n' tmp tmp/seed/Program.cs home/app home/app/notes/own usr/bin/tool var/lib/hello "
            + "var/lib/now/Program.cs; readlink bin sbin usr/sbin/hello srv/now";
        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            await engine.PullAsync(image);
            var seen = (
                await engine.RunAsync(
                    "run",
                    "--rm",
                    "--network=none",
                    "--user=0",
                    "--workdir=/",
                    "--entrypoint=/bin/sh",
                    image,
                    "-c",
                    script)).EnsureSuccess();
            Assert.Equal(expected, seen.StandardOutput.Trim().Split('\n'));
            await engine.RunAsync("rmi", image);
        }

        await InContainerdAsync(workspace, image, script, expected);
    }

    private static Task CheckInContainerdAsync(Workspace workspace, string image, string place) => InContainerdAsync(
        workspace,
        image,
        $"stat -c '%a %u:%g %F' tmp home/app {place} {place}/HelloConsole.dll; readlink bin var/run",
        ["1777 0:0 directory", "700 1654:1654 directory", "755 0:0 directory", "644 0:0 regular file", "usr/bin", "/run"]);

    // Mounted and not run: containerd lays a file system of its own over /run.
    private static async Task InContainerdAsync(Workspace workspace, string image, string script, string[] expected)
    {
        var root = Directory.CreateDirectory(workspace.Sandbox.PathOf("root")).FullName;
        // The base stays, so that each image takes its own layer only.
        await ContainerdAsync("images", "pull", "--plain-http", Testbed.Get(Server.BaseRuntime));
        await ContainerdAsync("images", "pull", "--plain-http", image);
        try
        {
            await ContainerdAsync("images", "mount", image, root);
            try
            {
                var seen = (await workspace.Sandbox.RunAsync("sh", ["-c", script], workingDirectory: "root")).EnsureSuccess();
                Assert.Equal(expected, seen.StandardOutput.Trim().Split('\n'));
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
