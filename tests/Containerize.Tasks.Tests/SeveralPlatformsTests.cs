using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// Images for several platforms under one name. Rows and cases are those of the .NET SDK's containers that went wrong there.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SeveralPlatformsTests(PackageFixture fixture)
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private static readonly (string Name, string Value) Both = ("RuntimeIdentifiers", "linux-x64;linux-arm64");

    [Fact]
    public async Task Row04_and_Row05_Values_arrive_whole_on_every_platform()
    {
        await using var workspace = await StartAsync();
        const string value = "https://host:8080/a?b=c;d=\"e\" 100% ü";
        var project = Project(workspace, project => project
            .ItemInclude("ContainerLabel", "org.acme.text", metadata: Value(value))
            .ItemInclude("ContainerEnvironmentVariable", "MY_URL", metadata: Value(value))
            .ItemInclude("ContainerPort", "8082")
            .Property("ContainerDescription", ProjectCollection.Escape(value)));

        Workspace.Publish(project, Both, ("SOURCE_DATE_EPOCH", "1700000000")).EnsureSuccess();

        foreach (var platform in Platforms(workspace, "latest"))
        {
            var config = Config(workspace, platform)["config"]!;
            Assert.Equal(value, (string?)config["Labels"]!["org.acme.text"]);
            Assert.Equal(value, (string?)config["Labels"]!["org.opencontainers.image.description"]);
            Assert.Equal("2023-11-14T22:13:20Z", (string?)config["Labels"]!["org.opencontainers.image.created"]);
            Assert.Equal(workspace.BaseImage, (string?)config["Labels"]!["org.opencontainers.image.base.name"]);
            Assert.Contains($"MY_URL={value}", config["Env"]!.AsArray().Select(variable => (string?)variable));
            Assert.NotNull(config["ExposedPorts"]!["8082/tcp"]);
        }
    }

    [Fact]
    public async Task Row08_The_index_tells_variants_apart()
    {
        await using var workspace = await StartAsync();
        BaseImages.PushIndex(
            workspace.Registry, "arms", "1",
            new BaseImageSpec { Platform = "linux/arm/v6" },
            new BaseImageSpec { Platform = "linux/arm/v7" },
            new BaseImageSpec { Platform = "linux/arm64", ConfigDocument = new JsonObject { ["os.version"] = "12.4", ["os.features"] = new JsonArray("x") } });

        Workspace.Publish(
            Project(workspace),
            ("RuntimeIdentifiers", "linux-arm;linux-arm64"),
            ("ContainerBaseImage", $"{workspace.Registry.Host}/arms:1")).EnsureSuccess();

        Assert.Equal(
            ["""{"architecture":"arm","os":"linux","variant":"v7"}""", """{"architecture":"arm64","os":"linux","os.version":"12.4","os.features":["x"],"variant":"v8"}"""],
            Platforms(workspace, "latest").Select(entry => entry["platform"]!.ToJsonString()));
    }

    [Fact]
    public async Task The_tags_name_the_index_and_the_images_have_none()
    {
        await using var workspace = await StartAsync();

        var outcome = Workspace.Publish(Project(workspace), Both, ("ContainerImageTags", "1.0;latest")).EnsureSuccess();

        Assert.Equal(["1.0", "latest"], workspace.Registry.Tags("app"));
        var index = workspace.Registry.FindManifest("app", "1.0")!;
        Assert.Equal(IndexType, index.MediaType);
        Assert.Equal(index.Digest, workspace.Registry.FindManifest("app", "latest")!.Digest);
        Assert.Equal(
            ["linux/amd64", "linux/arm64"],
            Platforms(workspace, "1.0").Select(entry => $"{entry["platform"]!["os"]}/{entry["platform"]!["architecture"]}"));
        Assert.Equal(System.Text.Encoding.UTF8.GetString(index.Content), outcome["GeneratedImageIndex"]);
        Assert.Equal(index.Digest, outcome["GeneratedContainerDigest"]);
        Assert.Equal(IndexType, outcome["GeneratedContainerMediaType"]);
        Assert.Equal(
            Platforms(workspace, "1.0").Select(entry => (string?)entry["digest"]),
            outcome.Items("InspectGeneratedContainer").Select(item => item.GetMetadata("ManifestDigest")));
        Assert.Equal(
            [$"{workspace.Registry.Host}/app:1.0", $"{workspace.Registry.Host}/app:latest"],
            outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "1.0"), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Fact]
    public async Task Manifests_come_before_the_index_and_the_tags_last()
    {
        await using var workspace = await StartAsync();

        Workspace.Publish(Project(workspace), Both, ("ContainerImageTags", "1;2")).EnsureSuccess();

        var images = Platforms(workspace, "1").Select(entry => (string)entry["digest"]!);
        Assert.Equal(
            [.. images, "1", "2"],
            workspace.Registry.Requests.Where(
                request =>
                    request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal)).Select(request =>
                        request.Path.Split('/')[^1]));
        // What both platforms share (the application is the same) is sent once.
        var uploads = workspace.Registry.Requests.Where(
            request => request.Method == "PUT" && request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal)).Select(request =>
                request.Target.Split("digest=")[^1]).ToList();
        Assert.Equal(uploads.Distinct(), uploads);
    }

    [Theory]
    [InlineData("Publish", "ContainerPublish", "true")]
    [InlineData("PublishContainer", "", "")]
    [InlineData("Publish", "PublishProfile", "DefaultContainer")]
    public async Task Every_way_to_ask_publishes_one_index(string target, string property, string value)
    {
        await using var workspace = await StartAsync();
        var project = Project(workspace, sdk: "Microsoft.NET.Sdk.Web");
        (string, string)[] properties = property.Length == 0 ? [Both] : [Both, (property, value)];

        Workspace.Build(project, [target], properties).EnsureSuccess();

        Assert.Equal(2, Platforms(workspace, "latest").Count);
        Assert.Equal(3, workspace.ManifestPuts);
    }

    [Theory]
    [InlineData("RuntimeIdentifier", "linux-arm64")]
    [InlineData("ContainerRuntimeIdentifier", "linux-arm64")]
    public async Task One_that_is_named_gives_one_image(string property, string value)
    {
        await using var workspace = await StartAsync();

        Workspace.Publish(Project(workspace), Both, (property, value)).EnsureSuccess();

        Assert.Equal("application/vnd.oci.image.manifest.v1+json", workspace.Registry.FindManifest("app", "latest")!.MediaType);
        Assert.Equal("arm64", workspace.Config().GetProperty("architecture").GetString());
        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task An_identifier_that_the_SDK_inferred_is_not_one_that_was_named()
    {
        // dotnet/sdk#49972: PublishSingleFile and the like set RuntimeIdentifier to this machine's.
        await using var workspace = await StartAsync();

        Workspace.Publish(Project(workspace), Both, ("UseCurrentRuntimeIdentifier", "true"), ("SelfContained", "false")).EnsureSuccess();

        Assert.Equal(2, Platforms(workspace, "latest").Count);
    }

    [Fact]
    public async Task A_folder_of_the_users_holds_a_folder_for_each()
    {
        // dotnet/sdk#46109: the SDK mixes what was published for all of them.
        await using var workspace = await StartAsync();
        var output = workspace.PathOf("out") + "/";

        Workspace.Publish(Project(workspace), Both, ("PublishDir", output), ("_CommandLineDefinedOutputPath", "true")).EnsureSuccess();

        Assert.True(File.Exists(output + "linux-x64/App.dll"));
        Assert.True(File.Exists(output + "linux-arm64/App.dll"));
        foreach (var platform in Platforms(workspace, "latest"))
            Assert.Equal("""["dotnet","/app/App.dll"]""", Config(workspace, platform)["config"]!["Entrypoint"]!.ToJsonString());
        Assert.All(
            Directory.EnumerateFiles(workspace.PathOf("App", "obj"), "plan.json", SearchOption.AllDirectories),
            plan => Assert.DoesNotContain("app/linux-", File.ReadAllText(plan), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_of_one_platform_are_an_error_and_nothing_is_pushed()
    {
        await using var workspace = await StartAsync();

        var text = Workspace.Publish(Project(workspace), ("RuntimeIdentifiers", "linux-x64;linux-musl-x64")).EnsureError("CTZ1012");

        Assert.Contains("'linux-x64' and 'linux-musl-x64'", text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));
        Assert.Equal(0, workspace.ManifestPuts);
    }

    [Fact]
    public async Task A_platform_that_the_base_lacks_is_an_error_and_nothing_is_pushed()
    {
        await using var workspace = await StartAsync();

        Workspace.Publish(Project(workspace), ("RuntimeIdentifiers", "linux-x64;linux-s390x")).EnsureError("CTZ2002");

        Assert.Empty(workspace.Registry.Manifests("app"));
    }

    [Fact]
    public async Task Annotations_stand_where_their_scope_says()
    {
        await using var workspace = await StartAsync();
        var project = Project(workspace, project => project
            .ItemInclude("ContainerAnnotation", "org.acme.manifest", metadata: Value("m"))
            .ItemInclude("ContainerAnnotation", "org.acme.index", metadata: Scoped("i", "Index"))
            .ItemInclude("ContainerAnnotation", "org.acme.both", metadata: Scoped("b", "Manifest,Index")));

        Workspace.Publish(project, Both).EnsureSuccess();

        Assert.Equal("""{"org.acme.both":"b","org.acme.index":"i"}""", Document(workspace, "latest")["annotations"]!.ToJsonString());
        foreach (var platform in Platforms(workspace, "latest"))
            Assert.Equal("""{"org.acme.both":"b","org.acme.manifest":"m"}""", Document(workspace, (string)platform["digest"]!)["annotations"]!.ToJsonString());
    }

    [Fact]
    public async Task Archive_and_layout_hold_all_platforms()
    {
        await using var workspace = await StartAsync();
        var (archive, layout) = (workspace.PathOf("image.tar"), workspace.PathOf("layout"));

        var outcome = Workspace.Publish(
            Project(workspace), Both, ("ContainerArchiveOutputPath", archive), ("ContainerOciLayoutPath", layout)).EnsureSuccess();

        var options = new ImageValidationOptions { OwnLayers = 1 };
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive), options);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(layout), options);
        var entry = JsonNode.Parse(File.ReadAllText(Path.Combine(layout, "index.json")))!["manifests"]![0]!;
        Assert.Equal((IndexType, outcome["GeneratedContainerDigest"]), ((string?)entry["mediaType"], (string?)entry["digest"]));
    }

    [Fact]
    public async Task What_does_not_fit_says_on_which_platform()
    {
        await using var workspace = await StartAsync();

        var outcome = Workspace.Publish(Project(workspace), Both, ("ContainerBaseImage", "scratch"), ("ContainerChecks", ""));

        Assert.Equal(
            ["linux-arm64: The application needs", "linux-x64: The application needs"],
            outcome.Warnings.Where(warning => warning.Code == "CTZ6009")
                .Select(warning => string.Join(' ', warning.Message!.Split(' ').Take(4))).Order(StringComparer.Ordinal));
    }

    /// <summary>Each platform has a label of its own, and finds it in the index.</summary>
    [Fact]
    public async Task What_does_not_fit_is_told_for_each_platform_by_a_fresh_machine_too()
    {
        await using var workspace = await StartAsync();
        (string, string)[] properties = [Both, ("ContainerChecks", ""), ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        Assert.True(Workspace.Publish(Project(workspace), properties).Succeeded);
        workspace.ForgetMachine();
        workspace.Registry.ClearRequests();

        var outcome = Workspace.Publish(Project(workspace), properties);

        Assert.True(outcome.Succeeded, outcome.Log);
        Assert.Equal(
            ["linux-arm64: The application does", "linux-x64: The application does"],
            outcome.Warnings.Where(warning => warning.Code == "CTZ6009")
                .Select(warning => string.Join(' ', warning.Message!.Split(' ').Take(4))).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(workspace.PathOf("cache/layers")));
        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
        Assert.All(
            outcome.Items("InspectGeneratedContainer"),
            item => Assert.DoesNotContain(item.MetadataNames.Cast<string>(), name => name.StartsWith("Check", StringComparison.Ordinal)));
    }

    private async Task<Workspace> StartAsync()
    {
        var workspace = await Workspace.StartAsync(fixture);
        BaseImages.PushIndex(
            workspace.Registry,
            Workspace.BaseRepository,
            "1",
            new BaseImageSpec { Platform = "linux/amd64" },
            new BaseImageSpec { Platform = "linux/arm64" });
        return workspace;
    }

    // Without its start program a project needs no package for each platform.
    private static ProjectCreator Project(Workspace workspace, Action<ProjectCreator>? more = null, string sdk = "Microsoft.NET.Sdk") =>
        workspace.Project(
            project =>
            {
                project.Property("UseAppHost", "false").Property("EnableAppHostPackDownload", "false")
                    .Property("EnableRuntimePackDownload", "false");
                more?.Invoke(project);
            },
            sdk: sdk);

    private static List<JsonNode> Platforms(Workspace workspace, string reference) =>
        [.. Document(workspace, reference)["manifests"]!.AsArray().Select(entry => entry!)];

    private static JsonNode Document(Workspace workspace, string reference) =>
        JsonNode.Parse(workspace.Registry.FindManifest("app", reference)!.Content)!;

    private static JsonNode Config(Workspace workspace, JsonNode entry) =>
        JsonNode.Parse(workspace.Registry.FindBlob("app", (string)Document(workspace, (string)entry["digest"]!)["config"]!["digest"]!)!)!;

    private static Dictionary<string, string?> Value(string value) => new() { ["Value"] = ProjectCollection.Escape(value) };

    private static Dictionary<string, string?> Scoped(string value, string scope) => new() { ["Value"] = value, ["Scope"] = scope };
}
