using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Layers that are compressed in other ways, where real engines unpack them.</summary>
public sealed class CompressionTests
{
    [RequiresTheory(Server.Registry, Server.Podman, Server.Skopeo, Server.BaseRuntime)]
    [InlineData("podman", "zstd", "", "application/vnd.oci.image.layer.v1.tar+zstd")]
    [InlineData("podman", "zstd", "19", "application/vnd.oci.image.layer.v1.tar+zstd")]
    [InlineData("podman", "none", "", "application/vnd.oci.image.layer.v1.tar")]
    [InlineData("docker", "none", "", "application/vnd.oci.image.layer.v1.tar")]
    [InlineData("docker", "gzip", "9", "application/vnd.oci.image.layer.v1.tar+gzip")]
    public async Task What_is_compressed_so_runs(string engine, string compression, string level, string mediaType)
    {
        using var workspace = await Workspace.CreateAsync("compression");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("compression"));
        await workspace.PublishAsync(
            "HelloConsole",
            [$"-p:ContainerCompression={compression}", $"-p:ContainerCompressionLevel={level}", .. Workspace.To(
                registry, repository, Testbed.Get(Server.BaseRuntime))]);

        var image = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal(mediaType, (string?)image.Manifest["layers"]!.AsArray()[^1]!["mediaType"]);
        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(
                registry, repository, "latest"), new ImageValidationOptions { OwnLayers = image.OwnLayers.Count });
        (await Engine.Named(engine).RunAsync("pull", $"{registry}/{repository}:latest")).EnsureSuccess();
        Assert.Contains(
            "Hello",
            (await Engine.Named(engine).RunAsync("run", "--rm", $"{registry}/{repository}:latest")).EnsureSuccess().StandardOutput,
            StringComparison.Ordinal);
    }

    // The testbed's is Docker 20.10; those from 23 on read it.
    [RequiresFact(Server.Docker, Server.BaseRuntime)]
    public async Task An_old_Docker_s_refusal_of_zstd_is_told()
    {
        using var workspace = await Workspace.CreateAsync("zstd");
        workspace.Sandbox.Environment["PATH"] = Engine.Docker.Folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        // A layer that Docker has, in whatever way it was compressed, is not sent at all.
        workspace.Sandbox.Write("src/HelloConsole/Unique.cs", $"internal static class Unique{Guid.NewGuid():N} {{ }}");

        var result = (await workspace.TryPublishAsync(
            "HelloConsole",
            "-p:ContainerCompression=zstd",
            "-p:LocalRegistry=Docker",
            $"-p:ContainerRepository={Workspace.UniqueName("zstd")}",
            $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}")).EnsureFailure();

        Assert.Contains("error CTZ5002: 'docker load' did not accept the image ", result.Output, StringComparison.Ordinal);
    }
}
