using Containerize.Testing;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The generated labels, each with its switch; those with the time and the base's digest come from later steps.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class LabelTests(PackageFixture fixture)
{
    private const string Oci = "org.opencontainers.image.";

    private static readonly (string Name, string Value)[] Everything =
    [
        ("ContainerBaseImage", "ghcr.io/base:1"), ("ContainerRegistry", "127.0.0.1:1"),
        ("ContainerDescription", "Describes"), ("ContainerAuthors", "Ada"), ("ContainerInformationUrl", "https://example.org/"),
        ("ContainerDocumentationUrl", "https://example.org/docs"), ("ContainerVersion", "1.2.3"), ("ContainerVendor", "ACME"),
        ("ContainerLicenseExpression", "MIT"), ("ContainerTitle", "Title"), ("PublishRepositoryUrl", "true"),
        (
            "PrivateRepositoryUrl",
            "https://example.org/repo.git"), ("RepositoryType", "git"), ("SourceRevisionId", "abc"), ("SOURCE_DATE_EPOCH", "86400"),
    ];

    private static readonly Dictionary<string, string> Expected = new()
    {
        [Oci + "created"] = "1970-01-02T00:00:00Z",
        ["org.opencontainers.artifact.created"] = "1970-01-02T00:00:00Z",
        [Oci + "description"] = "Describes",
        ["org.opencontainers.artifact.description"] = "Describes",
        [Oci + "authors"] = "Ada",
        [Oci + "url"] = "https://example.org/",
        [Oci + "documentation"] = "https://example.org/docs",
        [Oci + "source"] = "https://example.org/repo",
        [Oci + "version"] = "1.2.3",
        [Oci + "revision"] = "abc",
        [Oci + "vendor"] = "ACME",
        [Oci + "licenses"] = "MIT",
        [Oci + "title"] = "Title",
        [Oci + "base.name"] = "ghcr.io/base:1",
        ["net.dot.runtime.majorminor"] = "10.0",
        ["net.dot.sdk.version"] = DotnetSdk.Current.Version,
    };

    public static TheoryData<string, string[]> Switches => new()
    {
        { "ImageCreated", [Oci + "created", "org.opencontainers.artifact.created"] },
        { "ImageDescription", [Oci + "description", "org.opencontainers.artifact.description"] },
        { "ImageAuthors", [Oci + "authors"] },
        { "ImageUrl", [Oci + "url"] },
        { "ImageDocumentation", [Oci + "documentation"] },
        { "ImageSource", [Oci + "source"] },
        { "ImageVersion", [Oci + "version"] },
        { "ImageRevision", [Oci + "revision"] },
        { "ImageVendor", [Oci + "vendor"] },
        { "ImageLicenses", [Oci + "licenses"] },
        { "ImageTitle", [Oci + "title"] },
        { "ImageBaseName", [Oci + "base.name"] },
        { "DotnetToolset", ["net.dot.runtime.majorminor", "net.dot.sdk.version"] },
    };

    [Fact]
    public async Task All_seventeen_are_in_the_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(
            workspace.Project(),
            [.. Everything.Where(property => property.Name is not ("ContainerBaseImage" or "ContainerRegistry"))]).EnsureSuccess();

        var labels = workspace.Config().GetProperty("config").GetProperty("Labels").EnumerateObject()
            .ToDictionary(label => label.Name, label => label.Value.GetString());
        var expected = new SortedDictionary<string, string?>(Expected.ToDictionary(pair => pair.Key, pair => (string?)pair.Value))
        {
            [Oci + "base.name"] = workspace.BaseImage,
            [Oci + "base.digest"] = workspace.Base!.Digest,
        };
        Assert.Equal(17, expected.Count);
        Assert.Equal(expected, new SortedDictionary<string, string?>(labels));
    }

    [Fact]
    public void All_that_the_plan_knows_are_in_the_plan()
    {
        var plan = PlanLabels(Everything);

        Assert.Equal(new SortedDictionary<string, string>(Expected), plan.Labels);
        Assert.True(plan.BaseDigest);
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Each_switch_turns_off_its_own(string name, string[] labels)
    {
        var plan = PlanLabels([.. Everything, ("ContainerGenerateLabels" + name, "false")]);

        Assert.Equal(Expected.Keys.Except(labels).Order(StringComparer.Ordinal), plan.Labels.Keys.Order(StringComparer.Ordinal));
        Assert.True(plan.BaseDigest);
    }

    [Fact]
    public void The_switch_of_the_bases_digest_turns_it_off()
    {
        var plan = PlanLabels([.. Everything, ("ContainerGenerateLabelsImageBaseDigest", "false")]);

        Assert.Equal(Expected.Count, plan.Labels.Count);
        Assert.False(plan.BaseDigest);
    }

    [Fact]
    public void Without_a_source_there_is_no_label() =>
        Assert.Equal(
            [
                "net.dot.runtime.majorminor", "net.dot.sdk.version", "org.opencontainers.artifact.created", Oci + "authors", Oci + "base.name",
                Oci + "created", Oci + "version",
            ],
            PlanLabels([("ContainerBaseImage", "ghcr.io/base:1"), ("ContainerRegistry", "127.0.0.1:1")]).Labels.Keys);

    [Theory]
    [InlineData("")]
    [InlineData("false")]
    public void The_repository_is_told_only_where_the_user_agrees(string publishRepositoryUrl)
    {
        var plan = PlanLabels(
            [.. Everything.Where(property => property.Name != "PublishRepositoryUrl"), ("PublishRepositoryUrl", publishRepositoryUrl)]);

        Assert.DoesNotContain(Oci + "source", plan.Labels.Keys);
        Assert.DoesNotContain(Oci + "revision", plan.Labels.Keys);
    }

    [Fact]
    public void The_projects_own_properties_are_the_default()
    {
        var outcome = fixture.Configure(
            ("Description", "D"),
            ("Authors", "A"),
            ("PackageProjectUrl", "https://example.org/p"),
            ("Version", "3.2.1"),
            ("PackageLicenseExpression", "Apache-2.0"),
            ("Title", "T")).EnsureSuccess();

        Assert.Equal(
            ("D", "A", "https://example.org/p", "https://example.org/p", "3.2.1", "Apache-2.0", "T"),
            (outcome.Labels[Oci + "description"], outcome.Labels[Oci + "authors"], outcome.Labels[Oci + "url"], outcome.Labels[Oci + "documentation"],
                outcome.Labels[Oci + "version"], outcome.Labels[Oci + "licenses"], outcome.Labels[Oci + "title"]));
    }

    [Fact]
    public async Task The_users_own_labels_win_and_stay_without_generated_ones()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project
            .ItemInclude("ContainerLabel", Oci + "title", metadata: new Dictionary<string, string?> { ["Value"] = "Mine" })
            .ItemInclude("ContainerLabel", Oci + "created", metadata: new Dictionary<string, string?> { ["Value"] = "Then" })
            .ItemInclude("ContainerLabel", Oci + "base.digest", metadata: new Dictionary<string, string?> { ["Value"] = "None" }));

        Workspace.Publish(project, ("ContainerTitle", "Generated")).EnsureSuccess();
        var labels = workspace.Config().GetProperty("config").GetProperty("Labels");
        Assert.Equal("Mine", labels.GetProperty(Oci + "title").GetString());
        Assert.Equal("Then", labels.GetProperty(Oci + "created").GetString());
        Assert.Equal("None", labels.GetProperty(Oci + "base.digest").GetString());

        Workspace.Publish(project, ("ContainerTitle", "Generated"), ("ContainerGenerateLabels", "false")).EnsureSuccess();
        labels = workspace.Config().GetProperty("config").GetProperty("Labels");
        Assert.Equal(
            [Oci + "base.digest", Oci + "created", Oci + "title"],
            labels.EnumerateObject().Select(label => label.Name).Order(StringComparer.Ordinal));
    }

    private (SortedDictionary<string, string> Labels, bool BaseDigest) PlanLabels((string Name, string Value)[] properties)
    {
        var outcome = fixture.Plan(properties).EnsureSuccess();
        var config = Plans.Read(Path.GetDirectoryName(fixture.Console.FullPath)!)["config"]!;
        Assert.Empty(outcome.Errors);
        return (
            new SortedDictionary<string, string>(
                config["labels"]!.AsArray().ToDictionary(label => (string)label!["name"]!, label => (string)label!["value"]!),
                StringComparer.Ordinal),
            (bool?)config["labelBaseDigest"] ?? false);
    }
}
