using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>One build, and several places that have its image afterwards.</summary>
public sealed class DestinationTests
{
    [RequiresFact(Server.Docker, Server.Podman, Server.Skopeo, Server.Registry, Server.Registry2, Server.BaseRuntime)]
    public async Task Registries_files_and_engines_at_once()
    {
        using var workspace = await Workspace.CreateAsync("many");
        var repository = Workspace.UniqueName("many");
        var (one, two) = (Testbed.Get(Server.Registry), Testbed.Get(Server.Registry2));
        workspace.Sandbox.Environment["PATH"] = Engine.Docker.Folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        workspace.Sandbox.Write("src/HelloConsole/Directory.Build.targets", $"""
            <Project>
              <ItemGroup>
                <ContainerDestination Include="{one}/{repository}:1.0" />
                <ContainerDestination Include="{two}/{repository}" Tags="1.0;stable" />
                <ContainerDestination Include="docker-archive:../out/hello.tar.gz" />
                <ContainerDestination Include="oci:../out/layout:nightly" />
                <ContainerDestination Include="docker-daemon:" />
                <ContainerDestination Include="podman-daemon:localhost/{repository}:dev" />
              </ItemGroup>
            </Project>
            """);

        var published = await workspace.PublishAsUserAsync(
            "HelloConsole", $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", $"-p:ContainerRepository={repository}");

        foreach (var (registry, tag) in new[] { (one, "1.0"), (two, "1.0"), (two, "stable") })
            Assert.Equal(published.Digest, (await RemoteImage.GetAsync(registry, repository, tag)).Digest);
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromLayout(workspace.PathOf("out", "layout"), "nightly"), new ImageValidationOptions { OwnLayers = 1 });
        Assert.Equal(
            [$"{one}/{repository}:1.0", $"{two}/{repository}:1.0", $"{two}/{repository}:stable", $"{repository}:latest", $"{repository}:nightly", $"localhost/{repository}:dev"],
            published.References.Select(reference => reference.Split('@')[0]));

        foreach (var (engine, name) in new[] { (Engine.Docker, $"{repository}:latest"), (Engine.Podman, $"localhost/{repository}:dev") })
        {
            var said = (await engine.RunAsync("run", "--rm", "--network=none", name, "Ada")).EnsureSuccess();
            Assert.Contains("Ada", said.StandardOutput, StringComparison.Ordinal);
            await engine.RunAsync("rmi", "-f", name);
        }

        // The name tells the truth. Not all tools read it: skopeo 1.9 does not as docker-archive, ctr 1.6 not at all.
        var archive = workspace.PathOf("out", "hello.tar.gz");
        Assert.Equal([0x1f, 0x8b], (await File.ReadAllBytesAsync(archive))[..2]);
        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("load", "-i", archive)).EnsureSuccess();
            (await engine.RunAsync("run", "--rm", "--network=none", $"{repository}:latest")).EnsureSuccess();
            await engine.RunAsync("rmi", "-f", $"{repository}:latest");
        }

        (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo),
                ["copy", $"oci-archive:{archive}:latest", $"dir:{workspace.PathOf("out", "dir")}"])).EnsureSuccess();
    }
}
