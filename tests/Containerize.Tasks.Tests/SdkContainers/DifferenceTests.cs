using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Xunit;

namespace Containerize.Tasks.Tests.SdkContainers;

/// <summary>What docs/coming-from-sdk-containers.md says is different on purpose, as far as no other test shows it.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class DifferenceTests(PackageFixture fixture)
{
    [Fact]
    public async Task The_time_of_creation_is_the_same_in_config_history_and_labels_and_has_whole_seconds()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), ("SOURCE_DATE_EPOCH", "1700000000")).EnsureSuccess();

        var config = new PushedFiles(workspace.Registry).Config;
        var labels = config["config"]!["Labels"]!;
        Assert.All(
            [config["created"], config["history"]!.AsArray()[^1]!["created"], labels["org.opencontainers.image.created"], labels["org.opencontainers.artifact.created"]],
            time => Assert.Equal("2023-11-14T22:13:20Z", (string?)time));
    }

    [Fact]
    public async Task The_base_s_history_stays_as_it_is_and_every_layer_adds_a_line_that_says_what_it_holds()
    {
        var history = new JsonArray(
            new JsonObject { ["created"] = "2024-01-02T03:04:05.1234567Z", ["created_by"] = "RUN something", ["author"] = "Ada" },
            new JsonObject { ["created_by"] = "ENV", ["empty_layer"] = true, ["org.acme.unknown"] = 1 });
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { ConfigDocument = new JsonObject { ["history"] = history } });
        workspace.Write("App/wwwroot/site.css", "body { }");

        Workspace.Publish(workspace.Project(sdk: "Microsoft.NET.Sdk.Web")).EnsureSuccess();

        var config = new PushedFiles(workspace.Registry).Config;
        var written = config["history"]!.AsArray();
        Assert.Equal(history.ToJsonString(), new JsonArray([.. written.Take(2).Select(entry => entry!.DeepClone())]).ToJsonString());
        Assert.Equal(
            ["Containerize: static-assets", "Containerize: application"], written.Skip(2).Select(entry => (string?)entry!["created_by"]));
        Assert.Equal(3, config["rootfs"]!["diff_ids"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("1234")]
    [InlineData("root")]
    [InlineData("app:staff")]
    public async Task Files_belong_to_root_whoever_runs_the_application(string user)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), ("ContainerUser", user)).EnsureSuccess();

        var image = new PushedFiles(workspace.Registry);
        Assert.Equal(user, (string?)image.Config["config"]!["User"]);
        Assert.All(image.Entries().Values, entry => Assert.Equal((0, 0), (entry.Uid, entry.Gid)));
    }

    [Fact]
    public async Task A_health_check_of_a_Docker_base_keeps_its_format()
    {
        var config = new JsonObject { ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "/probe") } };
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Format = BaseImageFormat.Docker, Config = config });

        Assert.Equal(
            ManifestMediaTypes.DockerManifest, Workspace.Publish(workspace.Project()).EnsureSuccess()["GeneratedContainerMediaType"]);
    }

    [Fact]
    public async Task Archive_and_layout_are_written_in_one_publish_and_win_over_the_registry()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Publish(
            workspace.Project(), ("ContainerArchiveOutputPath", "out/image.tar"), ("ContainerOciLayoutPath", "out/layout")).EnsureSuccess();

        Assert.Equal(workspace.PathOf("App", "out", "image.tar"), outcome["GeneratedArchiveOutputPath"]);
        Assert.True(File.Exists(workspace.PathOf("App", "out", "image.tar")));
        Assert.True(File.Exists(workspace.PathOf("App", "out", "layout", "index.json")));
        Assert.Equal(0, workspace.ManifestPuts);
        Assert.Contains(
            outcome.Output.Messages.Normal,
            text => text.Contains($"not pushed to {workspace.Registry.Host}", StringComparison.Ordinal));
    }
}
