using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Files and folders that other tools read.</summary>
public sealed class ArchiveAndLayoutTests
{
    [RequiresTheory(Server.Docker, Server.Podman, Server.Skopeo, Server.Ctr, Server.BaseRuntime, Server.BaseRuntimeDocker)]
    [InlineData(Server.BaseRuntime)]
    [InlineData(Server.BaseRuntimeDocker)]
    public async Task One_archive_is_read_by_docker_podman_containerd_and_skopeo(string baseKey)
    {
        using var workspace = await Workspace.CreateAsync("archive");
        var repository = Workspace.UniqueName("archive");
        var archive = workspace.PathOf("out", "image.tar");
        var published = await workspace.PublishAsync(
            "HelloConsole", Archive(repository, baseKey, archive, "-p:ContainerImageTag=1.0"));

        Assert.StartsWith(
            $"HelloConsole -> {archive} ({repository}:1.0@{published.Digest})", published.ResultLine, StringComparison.Ordinal);
        Assert.Contains("docker load", published.ResultLine, StringComparison.Ordinal);
        var image = ImageUnderTest.FromArchive(archive, "1.0");
        Assert.Equal([$"{repository}:1.0"], image.RepoTags);
        await ImageValidator.AssertValidAsync(image, new ImageValidationOptions { OwnLayers = 1 });

        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("load", "-i", archive)).EnsureSuccess();
            var said = (await engine.RunAsync("run", "--rm", "--network=none", $"{repository}:1.0", "Ada")).EnsureSuccess();
            Assert.Contains("Ada", said.StandardOutput, StringComparison.Ordinal);
            await engine.RunAsync("rmi", "-f", $"{repository}:1.0");
        }

        (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Ctr), ["images", "import", archive])).EnsureSuccess();
        var known = (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Ctr), ["images", "list", "-q"])).EnsureSuccess();
        Assert.Contains($"docker.io/{repository}:1.0", known.StandardOutput.Split('\n'));

        (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo),
                ["copy", $"oci-archive:{archive}:1.0", $"dir:{workspace.PathOf("out", "dir")}"])).EnsureSuccess();
        (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo),
                ["copy", $"docker-archive:{archive}:{repository}:1.0", $"dir:{workspace.PathOf("out", "dir2")}"])).EnsureSuccess();
    }

    [RequiresFact(Server.Docker, Server.Podman, Server.BaseRuntime)]
    public async Task An_archive_with_several_tags_arrives_under_all_of_them()
    {
        using var workspace = await Workspace.CreateAsync("tags");
        var repository = Workspace.UniqueName("tags");
        var archive = workspace.PathOf("out", "image.tar");
        await workspace.PublishAsync(
            "HelloConsole", Archive(repository, Server.BaseRuntime, archive, "-p:ContainerImageTags=\"1.0;stable\""));

        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("load", "-i", archive)).EnsureSuccess();
            foreach (var tag in new[] { "1.0", "stable" })
                (await engine.RunAsync("run", "--rm", "--network=none", $"{repository}:{tag}")).EnsureSuccess();
        }
    }

    [RequiresFact(Server.Umoci, Server.Skopeo, Server.BaseRuntime)]
    public async Task A_layout_is_read_by_skopeo_unpacked_by_umoci_and_started_by_runc()
    {
        using var workspace = await Workspace.CreateAsync("layout");
        var layout = workspace.PathOf("out", "layout");
        var published = await workspace.PublishAsync(
            "HelloConsole",
            $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}",
            $"-p:ContainerOciLayoutPath={layout}",
            "-p:ContainerImageTags=\"1.0;2.0\"",
            "-p:ContainerUser=root");

        foreach (var tag in new[] { "1.0", "2.0" })
        {
            await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(layout, tag), new ImageValidationOptions { OwnLayers = 1 });
            var inspected = (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Skopeo), ["inspect", $"oci:{layout}:{tag}"]))
                .EnsureSuccess();
            Assert.Equal(published.Digest, (string?)JsonNode.Parse(inspected.StandardOutput)!["Digest"]);
        }

        var bundle = workspace.PathOf("out", "bundle");
        (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Umoci), ["unpack", "--image", $"{layout}:1.0", bundle])).EnsureSuccess();
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, "config.json")))!;
        config["process"]!["terminal"] = false;
        config["process"]!["args"]!.AsArray().Add("DelayedCancellation");
        await File.WriteAllTextAsync(Path.Combine(bundle, "config.json"), config.ToJsonString());
        var said = (await workspace.Sandbox.RunAsync(
            "runc", ["--root", workspace.PathOf(
                "out", "runc"), "run", "--bundle", bundle, "containerize-e2e-" + Guid.NewGuid().ToString("N")[..8]])).EnsureSuccess();
        Assert.Contains("DelayedCancellation", said.StandardOutput, StringComparison.Ordinal);
    }

    [RequiresFact(Server.Docker, Server.Podman, Server.BaseRuntime)]
    public async Task Without_a_destination_the_engine_that_answers_gets_the_image()
    {
        using var workspace = await Workspace.CreateAsync("engine");
        foreach (var (name, engine) in new[] { ("Docker", Engine.Docker), ("Podman", Engine.Podman) })
        {
            var repository = Workspace.UniqueName("engine");
            workspace.Sandbox.Environment["PATH"] = engine.Folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
            var published = await workspace.PublishAsync(
                "HelloConsole",
                [$"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", $"-p:ContainerRepository={repository}", .. name == "Podman" ? ["-p:LocalRegistry=podman"] : Array.Empty<string>()]);

            Assert.Equal($"HelloConsole -> {repository}:latest in {name}", published.ResultLine);
            Assert.Contains(
                "Ada",
                (await engine.RunAsync("run", "--rm", "--network=none", $"{repository}:latest", "Ada")).EnsureSuccess().StandardOutput,
                StringComparison.Ordinal);
            var id = (await engine.RunAsync("inspect", "--format", "{{.Id}}", $"{repository}:latest"))
                .EnsureSuccess().StandardOutput.Trim();
            Assert.Equal(published.ImageId.Split(':')[1], id.Split(':')[^1]);
        }
    }

    [RequiresFact(Server.BaseRuntime)]
    public async Task Without_a_destination_and_without_an_engine_an_archive_lies_beside_the_publish_folder()
    {
        using var workspace = await Workspace.CreateAsync("beside");
        // A PATH with dotnet and git alone.
        var path = Directory.CreateDirectory(workspace.PathOf("bin")).FullName;
        workspace.Sandbox.Environment["PATH"] = path;
        var published = await workspace.PublishAsUserAsync(
            "HelloConsole", $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", "-p:ContainerRepository=team/hello");

        var archive = workspace.PathOf("HelloConsole", "bin", "Release", "net10.0", "team-hello.tar");
        Assert.Equal(
            $"HelloConsole -> {archive} (team/hello:latest@{published.Digest}); load it with: docker load --input \"{archive}\"",
            published.ResultLine);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive, "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }

    private static string[] Archive(string repository, string baseKey, string archive, string tags) =>
    [
        $"-p:ContainerBaseImage={Testbed.Get(baseKey)}",
        $"-p:ContainerRepository={repository}",
        $"-p:ContainerArchiveOutputPath={archive}",
        tags,
    ];
}
