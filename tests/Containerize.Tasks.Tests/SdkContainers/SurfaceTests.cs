using System.Globalization;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Content;
using Xunit;

namespace Containerize.Tasks.Tests.SdkContainers;

/// <summary>
/// The .NET SDK's properties and items: which of two names wins, which forms of a value are taken, what is set afterwards.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SurfaceTests(PackageFixture fixture)
{
    [Fact]
    public void What_tools_ask_a_project_for_before_they_publish_it()
    {
        Assert.Equal("true", Property("SDKContainerSupportEnabled"));
        Assert.Equal("true", Property("EnableSdkContainerSupport"));

        string Property(string name)
        {
            fixture.Console.TryGetPropertyValue(name, out var value);
            return value;
        }
    }

    [Fact]
    public void A_library_is_not_said_to_be_an_image()
    {
        var library = Workspace.Create(fixture).Project(name: "Lib", outputType: "Library");
        library.TryGetPropertyValue("EnableSdkContainerSupport", out var value);
        Assert.Equal("", value);
    }

    // Visual Studio's names, and the old one, win over those that took their place.
    [Theory]
    [InlineData("RegistryUrl=a.example,ContainerRegistry=b.example", "ContainerRegistry", "a.example")]
    [InlineData("ContainerRegistry=b.example", "ContainerRegistry", "b.example")]
    [InlineData("PublishImageTag=1,ContainerImageTag=2", "ContainerImageTag", "1")]
    [InlineData("AutoGenerateImageTag=false,ContainerImageTag=2", "ContainerImageTag", "2")]
    [InlineData("ContainerWorkingDirectory=/srv/", "ContainerWorkingDirectory", "/srv/")]
    [InlineData("ContainerWorkingDirectory=/srv", "ContainerWorkingDirectory", "/srv")]
    [InlineData("ContainerUser=1001", "ContainerUser", "1001")]
    public void Of_two_names_one_wins(string properties, string name, string value) =>
        Assert.Equal(value, fixture.Configure(Properties(properties)).EnsureSuccess()[name]);

    [Fact]
    public void The_old_name_of_the_repository_wins_over_the_new_one()
    {
        var outcome = fixture.Configure(("ContainerImageName", "old/name"), ("ContainerRepository", "new/name"));

        outcome.EnsureWarning("CTZ1018");
        Assert.Equal("old/name", outcome["ContainerRepository"]);
    }

    // The SDK's hours go from 01 to 12, so that a tag comes again after noon.
    [Theory]
    [InlineData("AutoGenerateImageTag=true")]
    [InlineData("AutoGenerateImageTag=true,ContainerImageTag=2,PublishImageTag=3")]
    public void A_generated_tag_is_the_time_in_24_hours_and_wins_over_the_others(string properties)
    {
        var before = DateTime.UtcNow.AddSeconds(-1);

        var tag = Assert.Single(fixture.Configure(Properties(properties)).EnsureSuccess().Tags);

        var time = DateTime.ParseExact(
            tag, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        Assert.InRange(time, before, DateTime.UtcNow);
    }

    // The SDK finds a tag beside the tags then, and fails.
    [Fact]
    public void Tags_win_over_a_generated_one() =>
        Assert.Equal(["1", "2"], fixture.Configure(("AutoGenerateImageTag", "true"), ("ContainerImageTags", "1;2")).EnsureSuccess().Tags);

    [Theory]
    [InlineData("8080", null, "8080/tcp")]
    [InlineData("8080", "tcp", "8080/tcp")]
    [InlineData("8080", "udp", "8080/udp")]
    [InlineData("8080/udp", null, "8080/udp")]
    [InlineData("8080;8081;8080", null, "8080/tcp,8081/tcp")]
    [InlineData(" 8080 ; 8081 ", " udp ", "8080/udp,8081/udp")]
    public void Ports_in_every_form(string include, string? type, string expected)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(
            project => project.ItemInclude("ContainerPort", include, metadata: new Dictionary<string, string?> { ["Type"] = type }));

        Plan(workspace, project);

        Assert.Equal(expected, string.Join(',', workspace.Plan()["config"]!["ports"]!.AsArray().Select(port => (string?)port)));
    }

    [Fact]
    public void Of_an_item_twice_the_last_one_counts()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project =>
        {
            foreach (var value in new[] { "first", "last" })
            {
                project.ItemInclude("ContainerLabel", "org.acme.twice", metadata: Value(value));
                project.ItemInclude("ContainerLabel", "org.opencontainers.image.vendor", metadata: Value(value));
            }
        });

        Plan(workspace, project, ("ContainerVendor", "generated"));

        var labels = workspace.Plan()["config"]!["labels"]!.AsArray()
            .ToDictionary(label => (string)label!["name"]!, label => (string?)label!["value"]);
        Assert.Equal(("last", "last"), (labels["org.acme.twice"], labels["org.opencontainers.image.vendor"]));
    }

    [Fact]
    public async Task Every_part_of_the_command_reaches_the_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project =>
        {
            foreach (var (item, value) in new[] { ("Entrypoint", "/tini"), ("EntrypointArgs", "--"), ("AppCommand", "/app/own"), ("AppCommandArgs", "run"), ("DefaultArgs", "--a;--b") })
                project.ItemInclude("Container" + item, value);
        });

        Workspace.Publish(project, ("ContainerUser", "1001"), ("ContainerWorkingDirectory", "/srv/shop")).EnsureSuccess();

        var config = new PushedFiles(workspace.Registry).Config["config"]!;
        Assert.Equal("""["/tini","--"]""", config["Entrypoint"]!.ToJsonString());
        Assert.Equal("""["/app/own","run","--a","--b"]""", config["Cmd"]!.ToJsonString());
        Assert.Equal(("1001", "/srv/shop"), ((string?)config["User"], (string?)config["WorkingDir"]));
    }

    [Fact]
    public async Task A_base_that_is_named_by_tag_and_digest_is_the_digest_s_and_told_as_it_was_named()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        BaseImages.PushImage(
            workspace.Registry,
            Workspace.BaseRepository,
            "1",
            new BaseImageSpec { Platform = Workspace.ThisPlatform, Config = new JsonObject { ["User"] = "other" } });
        var named = $"{workspace.Registry.Host}/base:1@{workspace.Base!.Digest}";

        var outcome = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", named)).EnsureSuccess();

        Assert.Equal(("1", workspace.Base.Digest), (outcome["ContainerBaseTag"], outcome["ContainerBaseDigest"]));
        var config = new PushedFiles(workspace.Registry).Config["config"]!.AsObject();
        Assert.False(config.ContainsKey("User"));
        Assert.Equal(named, (string?)config["Labels"]!["org.opencontainers.image.base.name"]);
        Assert.Equal(workspace.Base.Digest, (string?)config["Labels"]!["org.opencontainers.image.base.digest"]);
    }

    private static void Plan(
        Workspace workspace,
        Microsoft.Build.Utilities.ProjectCreation.ProjectCreator project,
        params (string Name, string Value)[] properties)
    {
        workspace.Write("publish/App.dll", "app");
        Workspace.Build(
            project,
            ["_ContainerizeEstablish", "ComputeContainerConfig", "ContainerizePlan"],
            [("PublishDir", workspace.PathOf("publish/")), (
                "ContainerBaseImage", "scratch"), ("ContainerRegistry", "127.0.0.1:1"), .. properties]).EnsureSuccess();
    }

    private static (string, string)[] Properties(string text) =>
        [.. text.Split(',').Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]))];

    private static Dictionary<string, string?> Value(string value) => new() { ["Value"] = value };
}
