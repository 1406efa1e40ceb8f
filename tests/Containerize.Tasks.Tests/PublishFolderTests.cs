using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The publish folder: what earlier publishes left there is no part of the image.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PublishFolderTests(PackageFixture fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("linux-RID")]
    public async Task A_stale_file_is_not_in_the_image(string runtimeIdentifier)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = runtimeIdentifier.Length == 0 ? [] : [("RuntimeIdentifier", "linux-" + Workspace.ThisArchitecture), ("SelfContained", "false")];
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Publish(project, properties).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        File.WriteAllText(Path.Combine(folder, "stale.txt"), "stale");

        Workspace.Publish(project, properties).EnsureSuccess();

        Assert.DoesNotContain("stale.txt", workspace.Files());
        Assert.False(File.Exists(Path.Combine(folder, "stale.txt")));
    }

    [Fact]
    public async Task A_renamed_static_file_leaves_nothing_behind()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var old = workspace.Write("App/wwwroot/old.css", "body { color: black }\n");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        Workspace.Publish(project).EnsureSuccess();
        File.Move(old, workspace.PathOf("App", "wwwroot", "new.css"));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Contains("wwwroot/new.css", workspace.Files());
        Assert.DoesNotContain(workspace.Files(), file => file.Contains("old.css", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PublishDir")]
    [InlineData("command line")]
    [InlineData("project")]
    public async Task A_folder_that_the_user_named_is_never_emptied(string how)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var folder = workspace.PathOf("mine");
        var own = workspace.Write("mine/precious.txt", "mine");
        var project = workspace.Project(project => project.Property("PublishDir", how == "project" ? folder + "/" : null));

        var outcome = Workspace.Publish(project, how switch
        {
            "PublishDir" => [("PublishDir", folder + "/")],
            "command line" => [("PublishDir", folder + "/"), ("_CommandLineDefinedOutputPath", "true")],
            _ => [],
        }).EnsureSuccess();

        Assert.Equal(folder + "/", outcome["PublishDir"]);
        Assert.True(File.Exists(own));
        Assert.True(File.Exists(Path.Combine(folder, "App.dll")));
    }

    [Fact]
    public void A_plain_publish_empties_nothing()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Build(project, ["Publish", .. Outcome.Inspections]).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        File.WriteAllText(Path.Combine(folder, "stale.txt"), "stale");

        Workspace.Build(project, ["Publish"]).EnsureSuccess();

        Assert.True(File.Exists(Path.Combine(folder, "stale.txt")));
    }

    [Fact]
    public async Task With_an_artifacts_folder_only_the_projects_own_part_is_emptied()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = [("ArtifactsPath", workspace.PathOf("artifacts")), ("UseArtifactsOutput", "true")];
        workspace.Write("artifacts/publish/Other/release/other.txt", "other");
        var stale = workspace.Write("artifacts/publish/App/release/stale.txt", "stale");

        Workspace.Publish(workspace.Project(), properties).EnsureSuccess();

        Assert.True(File.Exists(workspace.PathOf("artifacts", "publish", "App", "release", "App.dll")));
        Assert.False(File.Exists(stale));
        Assert.True(File.Exists(workspace.PathOf("artifacts", "publish", "Other", "release", "other.txt")));
    }

    [Fact]
    public async Task A_publish_folder_directly_in_the_artifacts_folder_is_the_users()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var own = workspace.Write("artifacts/publish/precious.txt", "mine");

        Workspace.Publish(
            workspace.Project(),
            ("ArtifactsPath", workspace.PathOf("artifacts")), ("UseArtifactsOutput", "true"), ("PublishDir", workspace.PathOf("artifacts", "publish") + "/")).EnsureSuccess();

        Assert.True(File.Exists(own));
    }

    [Fact]
    public async Task The_builds_own_output_folder_is_never_emptied()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("PublishDir", "$(OutputPath)"));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Contains("App.dll", workspace.Files());
    }
}
