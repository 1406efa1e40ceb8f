using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests.SdkContainers;

/// <summary>The .NET SDK's own tests of its targets, with their values: commands, users, runtime identifiers, labels, variables.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class CaseTests(PackageFixture fixture)
{
    private const string Source = "org.opencontainers.image.source";
    private const string Revision = "org.opencontainers.image.revision";
    private const string BaseName = "org.opencontainers.image.base.name";

    [Theory]
    [InlineData("SelfContained", "true", "/app/foo")]
    [InlineData("SelfContained", "false", "dotnet;/app/foo.dll")]
    [InlineData("PublishSelfContained", "true", "/app/foo")]
    [InlineData("PublishSelfContained", "false", "dotnet;/app/foo.dll")]
    public void The_application_s_command(string property, string value, string command)
    {
        var outcome = fixture.Configure(
            (property, value), ("AssemblyName", "foo"), ("TargetFileName", "foo.dll"), ("RuntimeIdentifier", "linux-x64")).EnsureSuccess();

        Assert.Equal(command.Split(';'), outcome.Items("InspectCommand").Select(item => item.ItemSpec));
    }

    // The SDK has C:\app\foo.exe and dotnet;C:\app\foo.dll here. There are no images for Windows yet.
    [Theory]
    [InlineData("SelfContained", "true")]
    [InlineData("SelfContained", "false")]
    [InlineData("PublishSelfContained", "true")]
    [InlineData("PublishSelfContained", "false")]
    public void The_application_s_command_on_Windows_is_not_built(string property, string value) =>
        fixture.Plan((property, value), ("RuntimeIdentifier", "win-x64"), ("ContainerRegistry", "127.0.0.1:1")).EnsureError("CTZ1011");

    [Theory]
    [InlineData("7.0")]
    [InlineData("8.0")]
    [InlineData("9.0")]
    public void On_Linux_no_user_is_set_whatever_the_framework(string framework) => Assert.Equal(
        "",
        fixture.Configure(("_TargetFrameworkVersionWithoutV", framework), ("RuntimeIdentifier", "linux-x64"))
            .EnsureSuccess()["ContainerUser"]);

    [Theory]
    [InlineData("windows-arm64", "linux-arm64")]
    [InlineData("win-x64", "linux-x64")]
    [InlineData("osx-arm64", "linux-arm64")]
    [InlineData("linux-musl-x64", "linux-x64")]
    public void The_building_machine_s_architecture_is_the_images(string machine, string image) => Assert.Equal(
        image,
        fixture.Configure(("NETCoreSdkPortableRuntimeIdentifier", machine)).EnsureSuccess()["ContainerRuntimeIdentifier"]);

    // The SDK's ContainerGenerateLabels=false takes the project's own labels away as well; here they stay.
    [Fact]
    public void Without_generated_labels_there_are_the_project_s_own()
    {
        var project = Workspace.Create(fixture)
            .Project(project => project.ItemInclude("ContainerLabel", "org.acme.own", metadata: Value("1")));

        Assert.Equal(["org.acme.own"], Workspace.Configure(project, ("ContainerGenerateLabels", "false")).EnsureSuccess().Labels.Keys);
        Assert.Empty(fixture.Configure(("ContainerGenerateLabels", "false")).EnsureSuccess().Labels);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("", false)]
    public void Source_and_revision_are_told_only_where_the_project_publishes_its_repository(string publish, bool told)
    {
        var labels = fixture.Configure(
            ("PublishRepositoryUrl", publish),
            ("PrivateRepositoryUrl", "https://git.example/shard/whimsy"),
            ("SourceRevisionId", "abcdef0123")).EnsureSuccess().Labels;

        Assert.Equal(told ? "https://git.example/shard/whimsy" : null, labels.GetValueOrDefault(Source));
        Assert.Equal(told ? "abcdef0123" : null, labels.GetValueOrDefault(Revision));
    }

    [Theory]
    [InlineData("git", "https://git.example/shard/whimsy.git", "https://git.example/shard/whimsy")]
    [InlineData("git", "https://git.example/shard/whimsy", "https://git.example/shard/whimsy")]
    [InlineData("", "https://git.example/shard/whimsy.git", "https://git.example/shard/whimsy.git")]
    [InlineData("svn", "https://svn.example/shard/whimsy.git", "https://svn.example/shard/whimsy.git")]
    public void Dot_git_is_taken_off_where_the_repository_is_git(string type, string url, string label) => Assert.Equal(
        label,
        fixture.Configure(("PublishRepositoryUrl", "true"), ("RepositoryType", type), ("PrivateRepositoryUrl", url))
            .EnsureSuccess().Labels[Source]);

    [Theory]
    [InlineData("ContainerGenerateLabelsImageBaseName", new[] { BaseName })]
    [InlineData("ContainerGenerateLabelsDotnetToolset", new[] { "net.dot.runtime.majorminor", "net.dot.sdk.version" })]
    public void The_labels_of_base_and_toolset_have_switches(string name, string[] labels)
    {
        var with = fixture.Configure((name, "true")).EnsureSuccess().Labels;
        var without = fixture.Configure((name, "false")).EnsureSuccess().Labels;

        Assert.Equal(labels.Order(StringComparer.Ordinal), with.Keys.Except(without.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_variable_with_a_bad_name_is_left_out_with_a_warning_and_the_others_stay()
    {
        var project = Workspace.Create(fixture).Project(project =>
        {
            foreach (var name in new[] { "FOO", "B@dEnv.Var", "foo_bar" })
                project.ItemInclude("ContainerEnvironmentVariable", name, metadata: Value("1"));
        });

        var outcome = Workspace.Build(project, ["ComputeContainerConfig", "InspectVariables"]);

        Assert.Contains("'B@dEnv.Var'", outcome.EnsureWarning("CTZ1008"), StringComparison.Ordinal);
        Assert.Equal(["FOO", "foo_bar"], outcome.Items("InspectVariables").Select(item => item.ItemSpec));
    }

    [Theory]
    [InlineData("RuntimeIdentifier")]
    [InlineData("ContainerRuntimeIdentifier")]
    public async Task One_of_several_runtime_identifiers_is_one_image_with_a_plain_tag(string property)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var own = "linux-" + Workspace.ThisArchitecture;
        var project = workspace.Project(project => project.Property("SelfContained", "false"));
        // Restored without the others, whose packs need not be here.
        Workspace.Build(project, ["InspectTags"], [(property, own)]).EnsureSuccess();

        Workspace.Build(
            project,
            ["Publish"],
            [("ContainerPublish", "true"), (property, own), ("RuntimeIdentifiers", $"{own};linux-s390x"), ("UseAppHost", "false")],
            restore: false).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        var manifest = Assert.Single(workspace.Registry.Manifests("app"));
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", manifest.MediaType);
    }

    [Fact]
    public async Task A_solution_of_programs_and_a_library_for_several_frameworks_is_published()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var library = workspace.Project(
            project => project.Property("TargetFramework", "").Property("TargetFrameworks", "net10.0")
                .Property("IsPublishable", "false"), name: "Lib", outputType: "Library");
        var console = workspace.Project(project => project.ItemProjectReference(library), name: "Console");
        var web = workspace.Project(project => project.ItemProjectReference(library), name: "Web", sdk: "Microsoft.NET.Sdk.Web");
        foreach (var project in new[] { library, console, web })
            Workspace.Build(project, ["InspectTags"]).EnsureSuccess();
        var solution = SolutionCreator.Create(workspace.PathOf("All.slnx")).Project(library, console, web).Save();
        var build = ProjectCreator.Create(
            workspace.PathOf("All.proj"), projectCollection: new Microsoft.Build.Evaluation.ProjectCollection())
            .Target("All")
            .Task("MSBuild", parameters: new Dictionary<string, string?> { ["Projects"] = solution.FullPath, ["Targets"] = "Publish" });

        foreach (var (name, value) in new[] { ("ContainerPublish", "true"), ("PublishProfile", "DefaultContainer") })
        {
            workspace.Registry.ClearRequests();
            var outcome = Workspace.Build(build, ["All"], [(name, value), ("ContainerImageTag", name)], restore: false);
            Assert.True(outcome.Succeeded, outcome.Log);
            Assert.Equal(2, workspace.ManifestPuts);
        }

        Assert.Equal(["ContainerPublish", "PublishProfile"], workspace.Registry.Tags("console"));
        Assert.Equal(["ContainerPublish", "PublishProfile"], workspace.Registry.Tags("web"));
    }

    private static Dictionary<string, string?> Value(string value) => new() { ["Value"] = value };
}
