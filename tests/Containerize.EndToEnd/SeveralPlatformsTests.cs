using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>One name, several platforms, in real registries and engines.</summary>
public sealed class SeveralPlatformsTests
{
    private static readonly string[] Platforms = ["-p:RuntimeIdentifiers=\"linux-x64;linux-arm64\"", "-p:UseAppHost=false"];

    [RequiresFact(Server.Registry, Server.Docker, Server.Podman, Server.Skopeo, Server.BaseAspNetMulti)]
    public async Task A_registry_holds_an_index_and_engines_take_theirs()
    {
        using var workspace = await Workspace.CreateAsync("platforms");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("platforms"));

        var published = await workspace.PublishAsUserAsync(
            "HelloConsole", [.. Platforms, .. Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNetMulti), "1.0")]);

        var name = $"{registry}/{repository}:1.0";
        var raw = (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo), ["inspect", "--raw", "--tls-verify=false", $"docker://{name}"])).EnsureSuccess();
        Assert.Equal(published.Digest, "sha256:" + RemoteImage.HashOf(raw.StandardOutput.Trim()));
        var manifests = JsonNode.Parse(raw.StandardOutput)!["manifests"]!.AsArray();
        Assert.Equal(
            ["""{"architecture":"amd64","os":"linux"}""", """{"architecture":"arm64","os":"linux","variant":"v8"}"""],
            manifests.Select(entry => entry!["platform"]!.ToJsonString()));
        var tags = (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo), ["list-tags", "--tls-verify=false", $"docker://{registry}/{repository}"])).EnsureSuccess();
        Assert.Equal("""["1.0"]""", JsonNode.Parse(tags.StandardOutput)!["Tags"]!.ToJsonString());
        foreach (var entry in manifests)
        {
            var image = await RemoteImage.GetAsync(registry, repository, (string)entry!["digest"]!);
            Assert.Equal((string?)entry["platform"]!["architecture"], (string?)image.Config["architecture"]);
            Assert.Equal("""["dotnet","/app/HelloConsole.dll"]""", image.Config["config"]!["Entrypoint"]!.ToJsonString());
        }

        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
            Assert.Contains(
                "Hello, world!",
                (await engine.RunAsync("run", "--rm", "--network=none", name)).EnsureSuccess().StandardOutput,
                StringComparison.Ordinal);
    }

    [RequiresFact(Server.Docker, Server.Podman, Server.Ctr, Server.Skopeo, Server.BaseAspNetMulti)]
    public async Task An_archive_holds_all_platforms_and_engines_take_theirs()
    {
        using var workspace = await Workspace.CreateAsync("platforms-archive");
        var repository = Workspace.UniqueName("platforms");
        var archive = workspace.PathOf("out", "image.tar");

        var published = await workspace.PublishAsync(
            "HelloConsole", [.. Platforms, $"-p:ContainerBaseImage={Testbed.Get(Server.BaseAspNetMulti)}", $"-p:ContainerRepository={repository}", $"-p:ContainerArchiveOutputPath={archive}"]);

        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive), new ImageValidationOptions { OwnLayers = 1 });
        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("load", "-i", archive)).EnsureSuccess();
            var run = (await engine.RunAsync("run", "--rm", "--network=none", $"docker.io/{repository}:latest")).EnsureSuccess();
            Assert.Contains("Hello, world!", run.StandardOutput, StringComparison.Ordinal);
        }

        (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Ctr), ["images", "import", archive])).EnsureSuccess();
        var listed = (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Ctr), ["images", "ls", $"name==docker.io/{repository}:latest"]))
            .EnsureSuccess();
        Assert.Contains(published.Digest, listed.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("linux/amd64,linux/arm64", listed.StandardOutput, StringComparison.Ordinal);
        (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo), ["inspect", "--override-arch=arm64", $"oci-archive:{archive}:latest"])).EnsureSuccess();
    }
}
