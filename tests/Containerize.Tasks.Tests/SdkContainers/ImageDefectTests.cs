using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.Tasks.Tests.SdkContainers;

/// <summary>
/// What was measured to be wrong in the .NET SDK's containers, 10.0.401, and must not be here: images, outputs and messages.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ImageDefectTests(PackageFixture fixture)
{
    [Fact]
    public async Task Row03_Two_publishes_have_the_same_layers_config_and_manifest()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.ItemInclude(
                "Content", "data/**", metadata: new Dictionary<string, string?> { ["CopyToPublishDirectory"] = "Always" }));
        foreach (var name in new[] { "b", "a", "c/x", "c/" + new string('n', 120) })
            workspace.Write($"App/data/{name}.txt", name);
        Workspace.Publish(project, ("ContainerImageTag", "1")).EnsureSuccess();
        var first = new PushedFiles(workspace.Registry, tag: "1");

        foreach (var folder in new[] { "bin", "obj" })
            Directory.Delete(workspace.PathOf("App", folder), recursive: true);
        foreach (var file in Directory.EnumerateFiles(workspace.PathOf("App", "data"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        Workspace.Publish(project, ("ContainerImageTag", "2")).EnsureSuccess();
        var second = new PushedFiles(workspace.Registry, tag: "2");

        Assert.Equal(first.Layers, second.Layers);
        Assert.Equal(first.Config.ToJsonString(), second.Config.ToJsonString());
        Assert.Equal(workspace.Registry.FindManifest("app", "1")!.Digest, workspace.Registry.FindManifest("app", "2")!.Digest);
        // What the SDK's layers differ by: the names of PAX headers, the order of the directory, the times.
        Assert.DoesNotContain("PaxHeaders", Encoding.Latin1.GetString(second.Tar(second.Layers[^1])), StringComparison.Ordinal);
        var entries = second.Entries();
        Assert.Equal(entries.Keys.Order(StringComparer.Ordinal), entries.Keys);
        Assert.All(entries.Values, entry => Assert.Equal(1980, entry.ModificationTime.Year));
    }

    [Fact]
    public async Task Row06_Programs_may_be_run_and_nothing_else()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.ItemInclude(
                "None", "extra/**", metadata: new Dictionary<string, string?> { ["CopyToPublishDirectory"] = "Always" }));
        Secret(workspace.Write("App/extra/appsettings.json", "{}"));
        workspace.Write("App/extra/start.sh", "#!/bin/sh\n");

        Workspace.Publish(project).EnsureSuccess();

        var modes = new PushedFiles(workspace.Registry).Entries()
            .ToDictionary(entry => entry.Key, entry => Convert.ToString((int)entry.Value.Mode, 8));
        Assert.Equal("644", modes["app/extra/appsettings.json"]);
        Assert.Equal("644", modes["app/App.dll"]);
        Assert.Equal("755", modes["app/extra/start.sh"]);
        Assert.Equal("755", modes["app/extra/"]);

        static void Secret(string file)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Theory]
    [InlineData(BaseImageFormat.Oci)]
    [InlineData(BaseImageFormat.Docker)]
    public async Task Row07_What_the_bases_config_says_besides_is_kept(BaseImageFormat format)
    {
        var runtime = new JsonObject
        {
            ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "/probe"), ["Interval"] = 30_000_000_000 },
            ["Shell"] = new JsonArray("/bin/bash", "-c"),
            ["StopTimeout"] = 20,
            ["StopSignal"] = "SIGINT",
            ["ArgsEscaped"] = true,
            ["Volumes"] = new JsonObject { ["/data"] = new JsonObject() },
            ["Labels"] = new JsonObject { ["org.acme.base"] = "yes" },
            ["org.acme.unknown"] = new JsonObject { ["deep"] = new JsonArray(1, "2") },
        };
        var document = new JsonObject
        {
            ["author"] = "Ada",
            ["os.version"] = "1.2.3",
            ["os.features"] = new JsonArray("feature"),
            ["variant"] = "v8",
            ["org.acme.unknown"] = "kept",
        };
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Format = format, Config = runtime, ConfigDocument = document });

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var config = new PushedFiles(workspace.Registry).Config;
        foreach (var (name, value) in document)
            Assert.True(JsonNode.DeepEquals(value, config[name]), name);
        foreach (var (name, value) in runtime.Where(member => member.Key != "Labels"))
            Assert.True(JsonNode.DeepEquals(value, config["config"]![name]), name);
        Assert.Equal("yes", (string?)config["config"]!["Labels"]!["org.acme.base"]);
    }

    // With the base's entrypoint, and only then: alone it would mean something else.
    [Fact]
    public async Task Row07_The_bases_command_is_kept_where_its_entrypoint_is()
    {
        var runtime = new JsonObject { ["Entrypoint"] = new JsonArray("/init"), ["Cmd"] = new JsonArray("serve") };
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: new BaseImageSpec { Config = runtime });

        Workspace.Publish(workspace.Project(), ("ContainerAppCommandInstruction", "None")).EnsureSuccess();

        var config = new PushedFiles(workspace.Registry).Config["config"]!;
        Assert.True(JsonNode.DeepEquals(runtime["Entrypoint"], config["Entrypoint"]));
        Assert.True(JsonNode.DeepEquals(runtime["Cmd"], config["Cmd"]));
    }

    // Not kept, as with `docker build`: they are for the image that is built on the base, not for those on top of that one.
    [Fact]
    public async Task Row07_ONBUILD_is_left_out_and_said_to_be()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { ["OnBuild"] = new JsonArray("COPY . /src", "RUN make") } });

        var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.False(new PushedFiles(workspace.Registry).Config["config"]!.AsObject().ContainsKey("OnBuild"));
        Assert.Contains(
            outcome.Output.Messages.Normal,
            text => text.Contains("ONBUILD", StringComparison.Ordinal) && text.Contains("COPY . /src; RUN make", StringComparison.Ordinal));
    }

    // Not carried over, on purpose (docs/coming-from-sdk-containers.md): they say of the base's manifest what would be wrong of ours,
    // its version and revision for example. Labels are what an image inherits.
    [Fact]
    public async Task Row07_The_bases_annotations_stay_with_its_manifest_and_the_projects_own_are_written()
    {
        var annotations = new JsonObject { ["org.opencontainers.image.version"] = "24.04", ["org.acme.base"] = "yes" };
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: new BaseImageSpec { Annotations = annotations });
        var project = workspace.Project(
            project => project.ItemInclude(
                "ContainerAnnotation", "org.acme.own", metadata: new Dictionary<string, string?> { ["Value"] = "1" }));

        Workspace.Publish(project).EnsureSuccess();

        var manifest = JsonNode.Parse(workspace.Registry.FindManifest("app", "latest")!.Content)!;
        Assert.Equal("""{"org.acme.own":"1"}""", manifest["annotations"]!.ToJsonString());
    }

    [Fact]
    public async Task Row11_The_images_name_is_its_name_and_the_image_is_told_once()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        (string, string)[] properties =
        [
            (
                "RuntimeIdentifier",
                "linux-" + Workspace.ThisArchitecture), (
                    "SelfContained", "false"), ("ContainerRepository", "myteam/app"), ("ContainerImageTags", "1.0;latest"),
        ];

        var outcome = Workspace.Build(project, ["Publish", "PublishContainer", .. Outcome.Inspections], properties).EnsureSuccess();

        Assert.Equal(
            [$"{workspace.Registry.Host}/myteam/app:1.0", $"{workspace.Registry.Host}/myteam/app:latest"],
            outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));
        Assert.Single(outcome.Items("InspectGeneratedContainer"));
        Assert.Single(outcome.Items("PublishContainer"));
    }

    [Theory]
    [InlineData(BaseImageFormat.Oci)]
    [InlineData(BaseImageFormat.Docker)]
    public async Task Row12_An_archive_is_called_what_it_is_and_is_whole(BaseImageFormat format)
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: new BaseImageSpec { Format = format });

        Workspace.Publish(
            workspace.Project(),
            ("ContainerArchiveOutputPath", workspace.PathOf("images/")),
            ("ContainerRepository", "team/app")).EnsureSuccess();

        var archive = Assert.Single(Directory.EnumerateFileSystemEntries(workspace.PathOf("images")));
        Assert.Equal("team-app.tar", Path.GetFileName(archive));
        var bytes = await File.ReadAllBytesAsync(archive);
        Assert.Equal("ustar", Encoding.ASCII.GetString(bytes, 257, 5));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive, "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Fact]
    public async Task Row12_An_archive_that_cannot_be_finished_leaves_the_old_one()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var archive = workspace.Write("images/app.tar", "the old one");
        workspace.Registry.Faults.Add("GET", "/v2/base/blobs/" + workspace.Base!.Layers[0].Digest, FaultScript.Always, Fault.FlipByte(20));

        Workspace.Publish(project, ("ContainerArchiveOutputPath", archive), ("ContainerCacheDirectory", workspace.PathOf("cache")))
            .EnsureError("CTZ2005");

        Assert.Equal("the old one", await File.ReadAllTextAsync(archive));
        Assert.Equal([archive], Directory.EnumerateFileSystemEntries(workspace.PathOf("images")));
    }

    [Theory]
    [InlineData("", "oci")]
    [InlineData("OCI", "oci")]
    [InlineData("Docker", "docker")]
    public async Task Row13_The_media_types_of_one_image_are_of_one_family(string format, string family)
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: new BaseImageSpec { Format = BaseImageFormat.Docker });

        var outcome = Workspace.Publish(workspace.Project(), ("ContainerImageFormat", format)).EnsureSuccess();

        var image = new PushedFiles(workspace.Registry);
        Assert.Equal(3, image.MediaTypes.Count);
        Assert.All(
            image.MediaTypes.Append(outcome["GeneratedContainerMediaType"]),
            type => Assert.StartsWith($"application/vnd.{family}.", type, StringComparison.Ordinal));
        Assert.Equal(workspace.Base!.Layers[0].Digest, image.Layers[0]);
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Fact]
    public async Task Row14_What_is_not_found_is_told_with_its_registry()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var text = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", $"{workspace.Registry.Host}/base:none"))
            .EnsureError("CTZ2001");

        Assert.Contains($"was not found in the registry {workspace.Registry.Host}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Row14_A_refused_connection_is_one_sentence_and_no_stack()
    {
        var outcome = Workspace.Publish(
            Workspace.Create(fixture).Project(), ("ContainerBaseImage", "127.0.0.1:1/base:1"), ("ContainerRegistry", "127.0.0.1:1"));

        var text = outcome.EnsureError("CTZ2004");
        Assert.Contains("connection refused", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ContainerAppCommandInstruction", "Cmd", "CTZ1009")]
    [InlineData("ContainerImageFormat", "zip", "CTZ1024")]
    public void Row14_A_value_that_is_none_is_told_once_with_its_property(string property, string value, string code) =>
        Assert.Contains(
            $"{property} is '{value}'",
            fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), (property, value)).EnsureError(code),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("oci", "oci")]
    [InlineData("Oci", "oci")]
    [InlineData("DOCKER", "docker")]
    public void Row14_The_format_is_taken_in_any_case(string format, string planned)
    {
        fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), ("ContainerImageFormat", format)).EnsureSuccess();

        Assert.Equal(planned, (string?)Plans.Read(Path.GetDirectoryName(fixture.Console.FullPath)!)["format"], ignoreCase: true);
    }

    [Fact]
    public async Task Row15_Nothing_is_left_in_temporary_folders_and_no_cache_grows()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.ItemInclude(
                "Content", "data.txt", metadata: new Dictionary<string, string?> { ["CopyToPublishDirectory"] = "Always" }));
        using var places = new Variables(
            (
                "TMPDIR",
                Directory.CreateDirectory(
                    workspace.PathOf("tmp")).FullName), ("TEMP", workspace.PathOf("tmp")), ("TMP", workspace.PathOf("tmp")),
            ("HOME", Directory.CreateDirectory(workspace.PathOf("home")).FullName), ("XDG_CACHE_HOME", workspace.PathOf("cache")));
        var files = new List<int>();

        for (var i = 0; i < 3; i++)
        {
            workspace.Write("App/data.txt", $"change {i}");
            Workspace.Publish(project, ("ContainerArchiveOutputPath", workspace.PathOf("app.tar"))).EnsureSuccess();
            var kept = Directory.EnumerateFiles(
                workspace.PathOf("App", "obj", "Release", "net10.0", "containerize"), "*", SearchOption.AllDirectories).ToList();
            files.Add(kept.Count);
            // As after some time: a build that may still run keeps what it is using.
            foreach (var file in kept)
            {
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));
                File.SetLastAccessTimeUtc(file, DateTime.UtcNow.AddHours(-2));
            }
        }

        Assert.Equal([files[0], files[0], files[0]], files);
        // MSBuild's own folder for its own files aside.
        Assert.DoesNotContain(Everything("tmp"), path => !path.StartsWith("MSBuildTemp", StringComparison.Ordinal));
        Assert.DoesNotContain(Everything("home"), path => path.Contains("container", StringComparison.OrdinalIgnoreCase));
        // The base, for the next archive.
        Assert.Equal(
            workspace.Base!.Layers.SelectMany(
                layer => new[] { $"layers/{layer.Digest["sha256:".Length..]}", $"layers/seen/{layer.Digest["sha256:".Length..]}" })
                .Append($"documents/{workspace.Base.ConfigDigest["sha256:".Length..]}").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(workspace.PathOf("cache", "containerize"), "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(workspace.PathOf("cache", "containerize"), file).Replace('\\', '/'))
                .Where(file => !file.StartsWith("layers/locks/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            ["App", "app.tar", "cache", "home", "inspect.targets", "tmp"],
            Directory.EnumerateFileSystemEntries(workspace.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        IEnumerable<string> Everything(string folder) =>
            Directory.EnumerateFileSystemEntries(workspace.PathOf(folder), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(workspace.PathOf(folder), path));
    }
}
