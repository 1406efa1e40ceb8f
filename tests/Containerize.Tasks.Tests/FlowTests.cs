using System.Text;
using Containerize.Testing.Registries;
using Containerize.Testing.Validation;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>From the ways to ask for an image to the image in a registry, and what the build then tells.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class FlowTests(PackageFixture fixture)
{
    private static readonly (string Name, string Value) Property = ("ContainerPublish", "true");
    private static readonly (string Name, string Value) Profile = ("PublishProfile", "DefaultContainer");

    [Theory]
    [InlineData("Microsoft.NET.Sdk")]
    [InlineData("Microsoft.NET.Sdk.Web")]
    public async Task Every_way_to_ask_builds_the_same_image_once(string sdk)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(sdk: sdk);
        var digests = new Dictionary<string, string>();

        // `dotnet publish -t:PublishContainer` is the second: the command line adds Publish.
        foreach (var (way, targets, properties) in new (string, string[], (string, string)[])[]
        {
            ("ContainerPublish", ["Publish"], [Property]),
            ("dotnet publish -t:PublishContainer", ["Publish", "PublishContainer"], []),
            ("dotnet build -t:PublishContainer", ["PublishContainer"], []),
            ("PublishProfile", ["Publish"], [Profile]),
            ("all", ["Publish", "PublishContainer"], [Property, Profile]),
        })
        {
            workspace.Registry.ClearRequests();
            var tag = $"way{digests.Count}";
            var outcome = Workspace.Build(project, [.. targets, .. Outcome.Inspections], [.. properties, ("ContainerImageTag", tag)])
                .EnsureSuccess();
            Assert.True(workspace.ManifestPuts == 1, $"{way}: {workspace.ManifestPuts} manifests were put.\n{outcome.Log}");
            Assert.Single(outcome.Items("InspectGeneratedContainer"));
            digests[way] = outcome["GeneratedContainerDigest"];
        }

        Assert.True(digests.Values.Distinct().Count() == 1, string.Join('\n', digests));
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "way0"),
            new ImageValidationOptions { OwnLayers = workspace.Plan()["layers"]!.AsArray().Count });
    }

    [Fact]
    public async Task What_the_build_tells_is_what_the_registry_holds()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project
            .ItemInclude("ContainerLabel", "org.acme.text", metadata: new Dictionary<string, string?> { ["Value"] = "a%3Bb %25 é" }));

        var outcome = Workspace.Publish(project, ("ContainerImageTags", "1.0;latest")).EnsureSuccess();

        var registry = workspace.Registry;
        var manifest = registry.FindManifest("app", "1.0")!;
        Assert.Equal(manifest.Digest, registry.FindManifest("app", "latest")!.Digest);
        Assert.Equal(manifest.Digest, outcome["GeneratedContainerDigest"]);
        Assert.Equal(manifest.MediaType, outcome["GeneratedContainerMediaType"]);
        Assert.Equal(Encoding.UTF8.GetString(manifest.Content), outcome["GeneratedContainerManifest"]);
        var config = registry.FindBlob("app", outcome["GeneratedContainerImageId"])!;
        Assert.Equal(Encoding.UTF8.GetString(config), outcome["GeneratedContainerConfiguration"]);
        Assert.Equal("", outcome["GeneratedArchiveOutputPath"]);

        var generated = Assert.Single(outcome.Items("InspectGeneratedContainer"));
        Assert.Equal(outcome["GeneratedContainerManifest"], generated.GetMetadata("Manifest"));
        Assert.Equal(outcome["GeneratedContainerConfiguration"], generated.GetMetadata("Configuration"));
        Assert.Equal(manifest.Digest, generated.GetMetadata("ManifestDigest"));
        Assert.Equal(manifest.MediaType, generated.GetMetadata("ManifestMediaType"));
        Assert.Equal(
            [$"{registry.Host}/app:1.0", $"{registry.Host}/app:latest"],
            outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));

        Assert.Equal(manifest.Digest + "\n", File.ReadAllText(workspace.Report("image.digest")));
        Assert.Equal(outcome["GeneratedContainerImageId"] + "\n", File.ReadAllText(workspace.Report("image.id")));
        Assert.Equal(
            $"{registry.Host}/app:1.0@{manifest.Digest}\n{registry.Host}/app:latest@{manifest.Digest}\n",
            File.ReadAllText(workspace.Report("image.references")));
    }

    [Theory]
    [InlineData("Microsoft.NET.Sdk")]
    [InlineData("Microsoft.NET.Sdk.Web")]
    public async Task The_last_important_message_names_the_image(string sdk)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Publish(workspace.Project(sdk: sdk), ("ContainerImageTags", "1;2")).EnsureSuccess();

        Assert.Equal(
            $"App -> {workspace.Registry.Host}/app:1@{outcome["GeneratedContainerDigest"]} (also 2)",
            outcome.Output.MessageEvents.High.Last(message => !string.IsNullOrEmpty(message.Message)).Message);
    }

    [Fact]
    public async Task PublishContainer_returns_the_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Build(workspace.Project(), ["PublishContainer"]).EnsureSuccess();

        Assert.Equal(
            workspace.Registry.FindManifest("app", "latest")!.Digest,
            Assert.Single(outcome.Items("PublishContainer")).GetMetadata("ManifestDigest"));
    }

    [Fact]
    public async Task A_web_applications_web_config_and_static_files_are_inside()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/wwwroot/site.css", "body { color: black }\n");
        workspace.Write("App/appsettings.json", "{}\n");

        Workspace.Publish(workspace.Project(sdk: "Microsoft.NET.Sdk.Web")).EnsureSuccess();

        Assert.Contains("web.config", workspace.Files());
        Assert.Equal("application", workspace.LayerOf("web.config"));
        Assert.Equal("application", workspace.LayerOf("appsettings.json"));
        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/site.css"));
        Assert.Equal("static-assets", workspace.LayerOf("App.staticwebassets.endpoints.json"));
    }

    [Fact]
    public async Task Nothing_is_built_for_no_build()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        Workspace.Build(project, ["Build"]).EnsureSuccess();

        var outcome = Workspace.Build(project, ["Publish", .. Outcome.Inspections], [Property, ("NoBuild", "true")], restore: false)
            .EnsureSuccess();

        Assert.Equal(workspace.Registry.FindManifest("app", "latest")!.Digest, outcome["GeneratedContainerDigest"]);
    }

    [Fact]
    public async Task A_second_publish_of_the_same_uploads_nothing_new()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var first = Workspace.Publish(project).EnsureSuccess();
        workspace.Registry.ClearRequests();

        var second = Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(first["GeneratedContainerDigest"], second["GeneratedContainerDigest"]);
        Assert.DoesNotContain(workspace.Registry.Requests, request => request.Path.Contains("/v2/app/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clean_takes_everything_away()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        Workspace.Publish(project).EnsureSuccess();
        var folder = Path.GetDirectoryName(workspace.Report("plan.json"))!;
        Assert.Equal("containerize", Path.GetFileName(folder));

        Workspace.Build(project, ["Clean"], restore: false).EnsureSuccess();

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task An_archive_is_told_by_its_path()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();

        var outcome = Workspace.Publish(project, ("ContainerArchiveOutputPath", "images/")).EnsureSuccess();

        var archive = workspace.PathOf("App", "images", "app.tar");
        Assert.Equal(archive, outcome["GeneratedArchiveOutputPath"]);
        Assert.Equal(["app:latest"], outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));
        Assert.Equal(0, workspace.ManifestPuts);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive, "latest"), new ImageValidationOptions { OwnLayers = 1 });

        // The archive lies in the project's folder: it is no part of the next image.
        var again = Workspace.Publish(project, ("ContainerArchiveOutputPath", "images/")).EnsureSuccess();
        Assert.Equal(outcome["GeneratedContainerDigest"], again["GeneratedContainerDigest"]);
    }

    [Fact]
    public async Task Every_destination_has_the_same_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();

        var pushed = Workspace.Publish(project).EnsureSuccess();
        var layout = Workspace.Publish(project, ("ContainerOciLayoutPath", workspace.PathOf("layout"))).EnsureSuccess();
        var archive = Workspace.Publish(project, ("ContainerArchiveOutputPath", workspace.PathOf("image.tar"))).EnsureSuccess();

        Assert.Equal(pushed["GeneratedContainerDigest"], layout["GeneratedContainerDigest"]);
        Assert.Equal(pushed["GeneratedContainerDigest"], archive["GeneratedContainerDigest"]);
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromLayout(workspace.PathOf("layout")), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Theory]
    [InlineData("global property")]
    [InlineData("project")]
    public async Task A_layout_in_the_projects_folder_is_no_part_of_the_next_image(string where)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.Property("ContainerOciLayoutPath", where == "project" ? "layout" : null), sdk: "Microsoft.NET.Sdk.Web");
        (string, string)[] properties = where == "project" ? [] : [("ContainerOciLayoutPath", "layout")];

        var first = Workspace.Publish(project, properties).EnsureSuccess();
        Assert.True(File.Exists(workspace.PathOf("App", "layout", "index.json")));
        var second = Workspace.Publish(project, properties).EnsureSuccess();

        Assert.DoesNotContain(workspace.Files(), file => file.StartsWith("layout/", StringComparison.Ordinal));
        Assert.Equal(first["GeneratedContainerDigest"], second["GeneratedContainerDigest"]);
    }

    [Fact]
    public async Task The_start_program_is_there_where_somebody_may_start_it()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();

        Workspace.Publish(project).EnsureSuccess();
        Assert.DoesNotContain("App", workspace.Files());

        Workspace.Publish(project, ("ContainerAppCommandInstruction", "None")).EnsureSuccess();
        Assert.Contains("App", workspace.Files());

        Workspace.Build(project, ["Clean"], restore: false).EnsureSuccess();
        Workspace.Publish(project, ("RuntimeIdentifier", "linux-" + Workspace.ThisArchitecture), ("SelfContained", "false"))
            .EnsureSuccess();
        Assert.Contains("App", workspace.Files());
    }

    [Fact]
    public async Task Two_projects_of_one_build_share_nothing_but_connections()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var one = workspace.Project(name: "One");
        var two = workspace.Project(name: "Two");
        Workspace.Build(one, ["_ContainerizeEstablish"]).EnsureSuccess();
        Workspace.Build(two, ["_ContainerizeEstablish"]).EnsureSuccess();
        var both = ProjectCreator.Create(
            workspace.PathOf("both.csproj"), projectCollection: new Microsoft.Build.Evaluation.ProjectCollection())
            .Target("Both")
            .Task(
                "MSBuild",
                parameters: new Dictionary<string, string?> { ["Projects"] = one.FullPath + ";" + two.FullPath, ["Targets"] = "Publish", ["BuildInParallel"] = "true" });

        Workspace.Build(both, ["Both"], [Property], restore: false).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("one"));
        Assert.Equal(["latest"], workspace.Registry.Tags("two"));
        Assert.Equal(2, workspace.ManifestPuts);
    }

    [Fact]
    public async Task The_steps_say_what_they_do_and_important_is_only_the_result()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

        var texts = outcome.Output.Messages;
        Assert.Contains(
            texts.Normal,
            text => text.StartsWith(
                $"Base image {workspace.BaseImage} for {Workspace.ThisPlatform}: {workspace.Base!.Digest}",
                StringComparison.Ordinal));
        Assert.Contains(texts.Normal, text => text.StartsWith("Layer 'application': sha256:", StringComparison.Ordinal));
        Assert.Contains(texts.Low, text => text.Contains("plan.json", StringComparison.Ordinal));
        Assert.Single(texts.High, text => text.Contains(workspace.Registry.Host, StringComparison.Ordinal));
        Assert.DoesNotContain(
            outcome.Output.AllEvents.OfType<TelemetryEventArgs>(),
            e => e.EventName?.Contains("ontaineri", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("zstd", "", "application/vnd.oci.image.layer.v1.tar+zstd")]
    [InlineData("None", "", "application/vnd.oci.image.layer.v1.tar")]
    [InlineData("", "1", "application/vnd.oci.image.layer.v1.tar+gzip")]
    public async Task The_compression_can_be_chosen(string compression, string level, string mediaType)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        Workspace.Publish(project, ("ContainerRepository", "usual")).EnsureSuccess();

        Workspace.Publish(project, ("ContainerCompression", compression), ("ContainerCompressionLevel", level)).EnsureSuccess();

        var (layer, usual) = (
            workspace.Manifest().GetProperty("layers").EnumerateArray().Last(),
            workspace.Manifest("usual").GetProperty("layers").EnumerateArray().Last());
        Assert.Equal(mediaType, layer.GetProperty("mediaType").GetString());
        Assert.NotEqual(usual.GetProperty("digest").GetString(), layer.GetProperty("digest").GetString());
        // What is in it is the same.
        Assert.Equal(workspace.Config("usual").GetProperty("rootfs").GetRawText(), workspace.Config().GetProperty("rootfs").GetRawText());
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Theory]
    [InlineData("OCI", ManifestMediaTypes.OciManifest)]
    [InlineData("docker", ManifestMediaTypes.DockerManifest)]
    public async Task The_format_can_be_chosen(string format, string mediaType)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Publish(workspace.Project(), ("ContainerImageFormat", format)).EnsureSuccess();

        Assert.Equal(mediaType, outcome["GeneratedContainerMediaType"]);
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }
}
