using Containerize.Testing.Registries.Faults;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Tags that follow from the version, from the property to the registry.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class TagPolicyTests(PackageFixture fixture)
{
    [Theory]
    [InlineData("Floating", "2.3.1", "2.3.1,2.3*,2*,latest*,stable*")]
    [InlineData("floating", "2.3.1.4", "2.3.1.4,2.3*,2*,latest*,stable*")]
    [InlineData("Floating", "2.4.0-rc.1", "2.4.0-rc.1")]
    [InlineData("VERSION", "2.3", "2.3.0")]
    [InlineData("Version", "2.4.0-rc.1", "2.4.0-rc.1")]
    [InlineData("Explicit", "2.3.1", "latest")]
    [InlineData("", "2.3.1", "latest")]
    public void The_version_becomes_tags(string policy, string version, string expected)
    {
        var outcome = fixture.Configure(("ContainerTagPolicy", policy), ("Version", version)).EnsureSuccess();

        Assert.Equal(expected, Marked(outcome));
        Assert.Equal(version, outcome.Labels["org.opencontainers.image.version"]);
    }

    [Fact]
    public void Metadata_of_the_version_is_left_out_with_a_word()
    {
        var outcome = fixture.Configure(("ContainerTagPolicy", "Floating"), ("Version", "2.3.1+build.7")).EnsureSuccess();

        Assert.Equal("2.3.1,2.3*,2*,latest*,stable*", Marked(outcome));
        Assert.Contains(
            outcome.Output.Messages,
            message => message.StartsWith(
                "The build metadata '+build.7' of the version '2.3.1+build.7' is left out",
                StringComparison.Ordinal));
        Assert.Equal("2.3.1+build.7", outcome.Labels["org.opencontainers.image.version"]);
    }

    [Fact]
    public void The_version_is_that_of_the_package_unless_the_image_has_its_own()
    {
        Assert.Equal(["1.0.0"], fixture.Configure(("ContainerTagPolicy", "Version")).EnsureSuccess().Tags);
        Assert.Equal(
            ["3.0.0"],
            fixture.Configure(("ContainerTagPolicy", "Version"), ("Version", "2.0.0"), ("PackageVersion", "3.0.0")).EnsureSuccess().Tags);
        Assert.Equal(
            ["4.0.0"],
            fixture.Configure(("ContainerTagPolicy", "Version"), ("Version", "2.0.0"), ("ContainerVersion", "4.0.0")).EnsureSuccess().Tags);
    }

    [Fact]
    public void A_version_that_a_target_computes_is_waited_for()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project => project.Import(workspace.Write("version.targets", """
            <Project>
              <PropertyGroup>
                <GetPackageVersionDependsOn>$(GetPackageVersionDependsOn);ComputeVersion</GetPackageVersionDependsOn>
              </PropertyGroup>
              <Target Name="ComputeVersion">
                <PropertyGroup>
                  <PackageVersion>7.8.9</PackageVersion>
                </PropertyGroup>
              </Target>
            </Project>
            """)));

        Assert.Equal(["7.8.9"], Workspace.Configure(project, ("ContainerTagPolicy", "Version")).EnsureSuccess().Tags);
    }

    [Fact]
    public void Tags_that_are_named_are_added()
    {
        Outcome Floating(string name, string value) =>
            fixture.Configure(("ContainerTagPolicy", "Floating"), ("Version", "2.4.0-rc.1"), (name, value)).EnsureSuccess();

        Assert.Equal(["2.4.0-rc.1", "edge"], Floating("ContainerImageTag", "edge").Tags);
        Assert.Equal(["2.4.0-rc.1", "edge", "latest"], Floating("ContainerImageTags", "edge; latest;edge").Tags);
        Assert.Equal(["2.4.0-rc.1", "edge"], Floating("PublishImageTag", "edge").Tags);
        Assert.Matches("^2.4.0-rc.1 20[0-9]{12}$", string.Join(' ', Floating("AutoGenerateImageTag", "true").Tags));
        Assert.Equal(
            "2.3.1,2.3*,2*,latest*,stable*,edge",
            Marked(
                fixture.Configure(("ContainerTagPolicy", "Floating"), ("Version", "2.3.1"), ("ContainerImageTags", "latest;edge;2.3.1"))
                    .EnsureSuccess()));
    }

    [Theory]
    [InlineData(
        "CTZ1037",
        "ContainerTagPolicy",
        "SemVer",
        "ContainerTagPolicy is 'SemVer'. Set it to 'Explicit', 'Version' or 'Floating', or remove it.")]
    [InlineData("CTZ1037", "ContainerTagPolicy", "2", "ContainerTagPolicy is '2'.")]
    [InlineData(
        "CTZ1037",
        "ContainerImmutableTags",
        "ture",
        "ContainerImmutableTags is 'ture'. Set it to 'true' or 'false', or remove it.")]
    [InlineData(
        "CTZ1038",
        "ContainerVersion",
        "main",
        "ContainerTagPolicy is 'Version', but ContainerVersion is 'main', which is no version")]
    [InlineData("CTZ1038", "ContainerVersion", "v1.0.0", "ContainerVersion is 'v1.0.0'")]
    [InlineData("CTZ1005", "ContainerImageTag", "a/b", "'a/b' is not a valid tag")]
    public void What_cannot_be_is_refused(string code, string property, string value, string says) => Assert.Contains(
        says,
        fixture.Plan(
            [("ContainerRegistry", "127.0.0.1:1"), .. property == "ContainerTagPolicy" ? Array.Empty<(
                string, string)>() : [("ContainerTagPolicy", "Version")], (property, value)]).EnsureError(code),
        StringComparison.Ordinal);

    [Fact]
    public void A_version_that_is_too_long_cannot_be_a_tag() => Assert.Contains(
        "at most 128",
        fixture.Plan(
            ("ContainerRegistry", "127.0.0.1:1"),
            ("ContainerTagPolicy", "Version"),
            ("ContainerVersion", "1.0.0-" + new string('a', 123))).EnsureError("CTZ1038"),
        StringComparison.Ordinal);

    [Fact]
    public void The_plan_holds_the_rules_where_there_are_any()
    {
        string? Rules(params (string, string)[] properties)
        {
            fixture.Plan([("ContainerRegistry", "127.0.0.1:1"), ("Version", "2.3.1"), .. properties]).EnsureSuccess();
            return Plans.Read(Path.GetDirectoryName(fixture.Console.FullPath)!)["tagRules"]?.ToJsonString();
        }

        Assert.Null(Rules());
        Assert.Null(Rules(("ContainerTagPolicy", "Version"), ("ContainerImmutableTags", "false")));
        Assert.Equal("""{"version":"2.3.1","floating":["2.3","2","latest","stable"],"immutable":false}""", Rules(("ContainerTagPolicy", "Floating")));
        Assert.Equal("""{"floating":[],"immutable":true}""", Rules(("ContainerTagPolicy", "Version"), ("ContainerImmutableTags", "True")));
    }

    [Fact]
    public void A_switch_that_keeps_nothing_says_so()
    {
        const string Said = "ContainerImmutableTags has no effect: none of the tags is a version of three or four numbers.";
        Outcome Plan(params (string, string)[] properties) =>
            fixture.Plan([("ContainerRegistry", "127.0.0.1:1"), ("ContainerImmutableTags", "true"), .. properties]).EnsureSuccess();

        Assert.Contains(Said, Plan(("ContainerImageTags", "v1.0.0;latest")).Output.Messages);
        Assert.DoesNotContain(Said, Plan(("ContainerImageTags", "1.0.0;latest")).Output.Messages);
    }

    [Fact]
    public async Task Releases_one_after_the_other()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("ContainerTagPolicy", "Floating"));
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var keeps = $"App: {workspace.Registry.Host}/app keeps ";
        foreach (var (version, moving, kept) in new (string, string[], string?)[]
        {
            ("2.3.1", ["2.3.1", "2.3", "2", "latest", "stable"], null),
            ("2.2.9", ["2.2.9", "2.2"], "2, latest, stable as they are: 2.3.1 is there, which is higher than 2.2.9."),
            ("2.3.0", ["2.3.0"], "2.3, 2, latest, stable as they are: 2.3.1 is there, which is higher than 2.3.0."),
            ("2.4.0-rc.1", ["2.4.0-rc.1"], null),
            ("3.0.0", ["3.0.0", "3.0", "3", "latest", "stable"], null),
        })
        {
            var outcome = Workspace.Publish(project, ("Version", version)).EnsureSuccess();

            var digest = outcome["GeneratedContainerDigest"];
            Assert.DoesNotContain(digest, map.Values);
            foreach (var tag in moving)
                map[tag] = digest;
            Assert.Equal(map, new SortedDictionary<string, string>(
                workspace.Registry.Tags("app")
                    .ToDictionary(tag => tag, tag => workspace.Registry.FindManifest("app", tag)!.Digest), StringComparer.Ordinal));
            Assert.Equal(
                moving.Select(tag => $"{workspace.Registry.Host}/app:{tag}"),
                outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));
            Assert.Equal(
                string.Concat(
                    moving.Select(
                        tag => $"{workspace.Registry.Host}/app:{tag}@{digest}\n")), File.ReadAllText(workspace.Report("image.references")));
            var high = outcome.Output.Messages.High.ToList();
            Assert.Equal(kept is null ? [] : [keeps + kept], high.Where(message => message.Contains(" keeps ", StringComparison.Ordinal)));
            var others = moving.Length > 1 ? $" (also {string.Join(", ", moving[1..])})" : "";
            Assert.Equal($"App -> {workspace.Registry.Host}/app:{version}@{digest}{others}", high.Last(message => message.Length > 0));
        }
    }

    [Fact]
    public async Task A_version_that_is_taken_is_refused_before_anything_is_uploaded()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.Property("ContainerTagPolicy", "Floating").Property("ContainerImmutableTags", "true"));
        var first = Workspace.Publish(project, ("Version", "2.3.1")).EnsureSuccess()["GeneratedContainerDigest"];
        Workspace.Publish(project, ("Version", "2.3.1")).EnsureSuccess();
        workspace.Registry.ClearRequests();

        var text = Workspace.Publish(project, ("Version", "2.3.1"), ("ContainerTitle", "Changed")).EnsureError("CTZ4005");

        Assert.Contains($"The tag '{workspace.Registry.Host}/app:2.3.1' names the image {first} already", text, StringComparison.Ordinal);
        Assert.DoesNotContain(workspace.Registry.Requests, request => request.Method is not ("GET" or "HEAD"));
        Assert.All(workspace.Registry.Tags("app"), tag => Assert.Equal(first, workspace.Registry.FindManifest("app", tag)!.Digest));
    }

    [Fact]
    public async Task A_registry_without_a_list_wants_another_policy()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("Version", "2.3.1"));
        workspace.Registry.Faults.Add("GET", "/tags/list", FaultScript.Always, Fault.Status(405));

        var text = Workspace.Publish(project, ("ContainerTagPolicy", "Floating")).EnsureError("CTZ4006");
        Assert.Contains("405 (MethodNotAllowed)", text, StringComparison.Ordinal);
        Assert.Contains("set ContainerTagPolicy to 'Version'", text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));

        Workspace.Publish(project, ("ContainerTagPolicy", "Version")).EnsureSuccess();
        Assert.Equal(["2.3.1"], workspace.Registry.Tags("app"));
    }

    private static string Marked(Outcome outcome) =>
        string.Join(',', outcome.Items("InspectTags").Select(item => item.ItemSpec + (item.GetMetadata("Floating") == "true" ? "*" : "")));
}
