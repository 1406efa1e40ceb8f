using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Containerize.Testing.Validation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>What becomes of symbols and documentation, as far as registries and files.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SymbolsTests(PackageFixture fixture)
{
    private static readonly (string Name, string Value) Separate = ("ContainerSymbols", "separate");

    [Fact]
    public async Task Separate_symbols_are_an_image_beside_the_other_wherever_that_goes()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var (archive, layout) = (workspace.PathOf("app.tar"), workspace.PathOf("layout"));
        var project = Project(workspace, project => project
            .ItemInclude("ContainerDestination", $"{workspace.Registry.Host}/team/shop:2.0")
            .ItemInclude("ContainerDestination", $"docker-archive:{archive}")
            .ItemInclude("ContainerDestination", $"oci:{layout}:3"));

        var outcome = Workspace.Publish(project, Separate, ("ContainerImageTag", "1.0"), ("ContainerRegistry", "")).EnsureSuccess();

        Assert.Equal(["2.0", "2.0-symbols"], workspace.Registry.Tags("team/shop"));
        Assert.Equal(workspace.Registry.FindManifest("team/shop", "2.0")!.Digest, outcome["GeneratedContainerDigest"]);
        Assert.Equal(["app/App.pdb", "app/App.xml"], Files(workspace, "2.0-symbols"));
        var digest = workspace.Registry.FindManifest("team/shop", "2.0-symbols")!.Digest;
        Assert.Equal(
            $"{workspace.Registry.Host}/team/shop:2.0-symbols@{digest}\napp:1.0-symbols@{digest}\napp:3-symbols@{digest}\n",
            File.ReadAllText(workspace.Report("image.symbols")));
        Assert.DoesNotContain("symbols", File.ReadAllText(workspace.Report("image.references")), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Files(workspace, "2.0"),
            file => file.EndsWith(".pdb", StringComparison.Ordinal) || file.EndsWith(".xml", StringComparison.Ordinal));
        var options = new ImageValidationOptions { OwnLayers = 1 };
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(workspace.Registry, "team/shop", "2.0-symbols"), options);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(workspace.PathOf("app-symbols.tar")), options);
        Assert.Equal(
            ["3", "3-symbols"],
            JsonNode.Parse(File.ReadAllText(Path.Combine(layout, "index.json")))!["manifests"]!.AsArray()
                .Select(entry => (string?)entry!["annotations"]!["org.opencontainers.image.ref.name"]));
        var config = JsonNode.Parse(workspace.Registry.FindBlob("team/shop", Config(workspace, "2.0-symbols"))!)!;
        Assert.Equal("1.0.0", (string?)config["config"]!["Labels"]!["org.opencontainers.image.version"]);
        Assert.Null(config["config"]!["Labels"]!["org.opencontainers.image.base.name"]);
        Assert.Null(config["config"]!["Entrypoint"]);
    }

    [Fact]
    public async Task Symbols_follow_the_tags_that_moved()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace);

        foreach (var version in new[] { "2.3.1", "2.2.9" })
            Workspace.Publish(project, Separate, ("ContainerTagPolicy", "Floating"), ("Version", version)).EnsureSuccess();

        Assert.Equal(
            ["2", "2-symbols", "2.2", "2.2-symbols", "2.2.9", "2.2.9-symbols", "2.3", "2.3-symbols", "2.3.1", "2.3.1-symbols", "latest", "latest-symbols", "stable", "stable-symbols"],
            workspace.Registry.Tags("app").Order(StringComparer.Ordinal));
        Assert.Equal(Digest("2.3.1-symbols"), Digest("2-symbols"));
        Assert.Equal(Digest("2.2.9-symbols"), Digest("2.2-symbols"));

        string Digest(string tag) => workspace.Registry.FindManifest("app", tag)!.Digest;
    }

    [Theory]
    [InlineData("CTZ1036", "1.0;1.0-symbols", "/app:1.0-symbols'")]
    [InlineData(
        "CTZ1005",
        "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbba",
        "129 characters")]
    public async Task A_name_that_the_symbols_cannot_have_ends_it_before_anything_is_sent(string code, string tags, string mention)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var text = Workspace.Publish(Project(workspace), Separate, ("ContainerImageTags", tags)).EnsureError(code);

        Assert.Contains(mention, text, StringComparison.Ordinal);
        // What is there was asked for meanwhile.
        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task An_immutable_tag_of_symbols_is_looked_up_before_anything_is_sent()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace);
        workspace.Registry.PutManifest("app", "1.0.0-symbols", "application/vnd.oci.image.index.v1+json", """{"schemaVersion":2,"manifests":[]}"""u8);

        var text = Workspace.Publish(project, Separate, ("ContainerTagPolicy", "Version"), ("ContainerImmutableTags", "true"))
            .EnsureError("CTZ4005");

        Assert.Contains("1.0.0-symbols", text, StringComparison.Ordinal);
        Assert.Equal(["1.0.0-symbols"], workspace.Registry.Tags("app"));
        Assert.DoesNotContain(workspace.Registry.Requests, request => request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_symbols_nothing_tells_of_those_of_an_earlier_publish()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace);
        Workspace.Publish(project, Separate).EnsureSuccess();
        var report = workspace.Report("image.symbols");

        Workspace.Publish(project, ("ContainerSymbols", "Exclude")).EnsureSuccess();

        Assert.False(File.Exists(report));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("Include", true)]
    [InlineData("Exclude", false)]
    public async Task Otherwise_there_is_one_image(string mode, bool hasSymbols)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(Project(workspace), ("ContainerSymbols", mode)).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        var files = Files(workspace, "latest", "app");
        Assert.Equal(hasSymbols, files.Contains("app/App.pdb"));
        Assert.DoesNotContain("app/App.xml", files);
    }

    [Fact]
    public async Task Several_platforms_have_an_index_of_symbols()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        Testing.Registries.Content.BaseImages.PushIndex(
            workspace.Registry, Workspace.BaseRepository, "1",
            new Testing.Registries.Content.BaseImageSpec { Platform = "linux/amd64" }, new Testing.Registries.Content.BaseImageSpec { Platform = "linux/arm64" });

        Workspace.Publish(Project(workspace), Separate, ("RuntimeIdentifiers", "linux-x64;linux-arm64")).EnsureSuccess();

        var index = JsonNode.Parse(workspace.Registry.FindManifest("app", "latest-symbols")!.Content)!;
        Assert.Equal(["amd64", "arm64"], index["manifests"]!.AsArray().Select(entry => (string?)entry!["platform"]!["architecture"]));
    }

    // The compiler would write these; it is not run here, so a target does.
    private static ProjectCreator Project(Workspace workspace, Action<ProjectCreator>? more = null)
    {
        var project = workspace.Project(project =>
        {
            project.Property("UseAppHost", "false").Property("EnableAppHostPackDownload", "false")
                .Property("EnableRuntimePackDownload", "false");
            more?.Invoke(project);
        });
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="WriteSymbols" AfterTargets="Publish">
                <WriteLinesToFile File="$(PublishDir)App.pdb" Lines="BSJB, as symbols start" Overwrite="true" />
                <WriteLinesToFile File="$(PublishDir)App.xml" Lines="&lt;doc&gt;&lt;/doc&gt;" Overwrite="true" />
              </Target>
            </Project>
            """);
        return project;
    }

    private static string Config(Workspace workspace, string tag, string repository = "team/shop") =>
        (string)JsonNode.Parse(workspace.Registry.FindManifest(repository, tag)!.Content)!["config"]!["digest"]!;

    private static List<string> Files(Workspace workspace, string tag, string repository = "team/shop")
    {
        var files = new List<string>();
        foreach (var layer in JsonNode.Parse(workspace.Registry.FindManifest(repository, tag)!.Content)!["layers"]!.AsArray())
        {
            using var gzip = new GZipStream(
                new MemoryStream(workspace.Registry.FindBlob(repository, (string)layer!["digest"]!)!), CompressionMode.Decompress);
            using var tar = new TarReader(gzip);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile && entry.Name.StartsWith("app/", StringComparison.Ordinal))
                    files.Add(entry.Name);
            }
        }

        return files;
    }
}
