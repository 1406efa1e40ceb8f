using System.Diagnostics;
using Containerize.Images;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Bases in files, folders and engines: an image that was built by one project is the base of another.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class BaseSourceTests(PackageFixture fixture)
{
    private const string BaseName = "org.opencontainers.image.base.name";
    private const string BaseDigest = "org.opencontainers.image.base.digest";

    [Theory]
    [InlineData("oci:../images/base", true)]
    [InlineData("oci:../images/base:1.0", true)]
    [InlineData("oci-archive:../images/base.tar", true)]
    [InlineData("oci-archive:../images/base.tgz:team/base:1.0", true)]
    [InlineData("docker-archive:../images/base.tar:team/base:1.0", false)]
    [InlineData("docker-archive:../images/base.tgz", false)]
    public async Task A_file_or_folder(string location, bool hasManifest)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var below = Base(workspace);

        var outcome = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", location)).EnsureSuccess();

        Assert.Equal(location, outcome["ContainerBaseImage"]);
        Assert.Equal(
            ["", "", "", ""],
            new[] { "ContainerBaseRegistry", "ContainerBaseName", "ContainerBaseTag", "ContainerBaseDigest" }.Select(
                property => outcome[property]));
        var image = ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest");
        await ImageValidator.AssertValidAsync(image, new ImageValidationOptions { OwnLayers = 2 });
        var config = workspace.Config();
        Assert.Equal(workspace.Base!.Layers[0].DiffId, config.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString());
        // No path of this machine leaves it; a digest that the registries know does.
        var labels = config.GetProperty("config").GetProperty("Labels");
        Assert.False(labels.TryGetProperty(BaseName, out _));
        Assert.Equal(
            hasManifest ? below["GeneratedContainerDigest"] : null,
            labels.TryGetProperty(BaseDigest, out var digest) ? digest.GetString() : null);
        Assert.DoesNotContain(workspace.Root, config.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(workspace.PathOf("images"), (string?)workspace.Plan()["baseImage"], StringComparison.Ordinal);

        // Nothing changes the second time, wherever the layers come from.
        var again = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", location)).EnsureSuccess();
        Assert.Equal(outcome["GeneratedContainerDigest"], again["GeneratedContainerDigest"]);
    }

    [Fact]
    public async Task An_engine()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var below = Base(workspace);
        // A docker that knows one image, and writes down what it is asked.
        var log = workspace.PathOf("docker.log");
        workspace.Write("bin/docker", $"""
            #!/bin/sh
            echo "$@" >> "{log}"
            case "$1 $2" in
              "image inspect") [ "$3" = team/base:1.0 ] && echo '[{ToJson(below["GeneratedContainerImageId"])}]' || exit 1 ;;
              "save --output") cp "{workspace.PathOf("images", "base.tar")}" "$3" ;;
              "version ") ;;
              *) exit 1 ;;
            esac
            """);
        Process.Start("chmod", ["+x", workspace.PathOf("bin", "docker")]).WaitForExit();
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", workspace.PathOf("bin") + Path.PathSeparator + path);
        try
        {
            var outcome = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "docker-daemon:team/base:1.0")).EnsureSuccess();
            Assert.Equal(
                ["docker.io", "team/base", "1.0", ""],
                new[] { "ContainerBaseRegistry", "ContainerBaseName", "ContainerBaseTag", "ContainerBaseDigest" }
                    .Select(property => outcome[property]));
            await ImageValidator.AssertValidAsync(
                ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 2 });
            var labels = workspace.Config().GetProperty("config").GetProperty("Labels");
            Assert.Equal("docker.io/team/base:1.0", labels.GetProperty(BaseName).GetString());
            Assert.False(labels.TryGetProperty(BaseDigest, out _));

            var again = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "docker-daemon:team/base:1.0")).EnsureSuccess();
            Assert.Equal(outcome["GeneratedContainerDigest"], again["GeneratedContainerDigest"]);
            Assert.Equal(
                ["image inspect team/base:1.0", "save --output", "image inspect team/base:1.0"],
                File.ReadLines(log).Select(line => line.StartsWith("save", StringComparison.Ordinal) ? "save --output" : line));

            Assert.Contains(
                "'docker pull team/none'",
                Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "docker-daemon:team/none")).EnsureError("CTZ2008"),
                StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }

        static string ToJson(string id) => $$"""{"Id":"{{id}}","Os":"linux","Architecture":"{{Workspace.ThisPlatform.Split('/')[1]}}"}""";
    }

    [Theory]
    [InlineData("oci:../none", "CTZ2008", "no folder")]
    [InlineData("oci-archive:../none.tar", "CTZ2008", "no file")]
    [InlineData("docker-archive:../images", "CTZ2008", "is a folder")]
    [InlineData("docker-archive:../inspect.targets", "CTZ2005", "tar")]
    [InlineData("oci:layout:", "CTZ1001", "'oci:images/base:1.0'")]
    [InlineData("docker-daemon:", "CTZ1001", "'docker-daemon:team/base:1.0'")]
    public void What_is_not_there(string location, string code, string says)
    {
        var workspace = Workspace.Create(fixture);
        Directory.CreateDirectory(workspace.PathOf("images"));

        var text = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", location), ("ContainerRegistry", "127.0.0.1:1"))
            .EnsureError(code);

        Assert.Contains(says, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_that_changes_while_the_image_is_built_is_noticed()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        Base(workspace);
        var layer = new FileInfo(workspace.PathOf("images", "base", "blobs", "sha256", Digest.Parse(workspace.Base!.Layers[0].Digest).Hex));
        var bytes = File.ReadAllBytes(layer.FullName);
        bytes[^9] ^= 1;
        File.WriteAllBytes(layer.FullName, bytes);

        var text = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "oci:../images/base")).EnsureError("CTZ2005");

        Assert.Contains(layer.FullName, text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));
    }

    // An image on the registry's base, in all forms of files, and in no registry.
    private static Outcome Base(Workspace workspace)
    {
        var project = workspace.Project(
            project =>
            {
                foreach (var destination in new[] { "oci:../images/base", "oci-archive:../images/base.tar", "docker-archive:../images/base.tgz" })
                    project.ItemInclude("ContainerDestination", destination);
                project.Property("ContainerRegistry", "").Property("ContainerRepository", "team/base").Property("ContainerImageTag", "1.0")
                    .Property("ContainerAppCommandInstruction", "None");
            },
            name: "Base");
        return Workspace.Publish(project).EnsureSuccess();
    }
}
