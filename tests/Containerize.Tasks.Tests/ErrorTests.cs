using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Every error and warning, through the real targets: a sentence with a code, the property's name, and what to do.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ErrorTests(PackageFixture fixture)
{
    private static readonly (string, string) SomeRegistry = ("ContainerRegistry", "127.0.0.1:1");

    public static TheoryData<string, string, string, string> PropertyErrors => new()
    {
        { "CTZ1001", "ContainerBaseImage", "ghcr.io/base:1:2:3", "registry/repository:tag" },
        { "CTZ1001", "ContainerBaseImage", "https://ghcr.io/base", "registry/repository:tag" },
        { "CTZ1001", "ContainerBaseImage", "ghcr.io/base@sha256:12", "registry/repository:tag" },
        { "CTZ1004", "ContainerRepository", "---", "to 'team/app'" },
        { "CTZ1004", "ContainerRepository", "ä", "Set ContainerRepository" },
        { "CTZ1005", "ContainerImageTag", "1 0", "128 letters" },
        { "CTZ1005", "ContainerImageTags", "ok;.bad", "'.bad' is not a valid tag" },
        { "CTZ1005", "ContainerImageTags", "\"1.0;latest\"", "quotes belong around the whole argument" },
        { "CTZ1009", "ContainerAppCommandInstruction", "Cmd", "'DefaultArgs'" },
        { "CTZ1009", "ContainerAppCommandInstruction", "1", "'DefaultArgs'" },
        { "CTZ1011", "ContainerRuntimeIdentifier", "win-x64", "--runtime" },
        { "CTZ1011", "ContainerRuntimeIdentifier", "nonsense", "linux-x64" },
        { "CTZ1021", "ContainerRegistry", "https://ghcr.io", "without 'https://'" },
        { "CTZ1021", "ContainerRegistry", "ghcr.io/team", "ContainerRepository" },
        { "CTZ1023", "ContainerWorkingDirectory", "app", "absolute path" },
        { "CTZ1023", "ContainerWorkingDirectory", "/proc/app", "/app" },
        { "CTZ1023", "ContainerWorkingDirectory", "/app/../etc", "'..'" },
        { "CTZ1024", "ContainerImageFormat", "zip", "'OCI' or 'Docker'" },
        { "CTZ1037", "ContainerCompression", "lz4", "'Gzip', 'Zstd' or 'None'" },
        { "CTZ1037", "ContainerCompressionLevel", "10", "a number from 1 to 9" },
    };

    public static TheoryData<string, string, string, string?, string> ItemErrors => new()
    {
        { "CTZ1007", "ContainerPort", "http", null, "1 to 65535" },
        { "CTZ1007", "ContainerPort", "70000", null, "1 to 65535" },
        { "CTZ1007", "ContainerPort", "8080", "sctp", "neither tcp nor udp" },
        { "CTZ1025", "ContainerLabel", "%20", "x", "<ContainerLabel Include=" },
    };

    [Theory]
    [MemberData(nameof(PropertyErrors))]
    public void A_property(string code, string property, string value, string remedy)
    {
        (string, string)[] properties = property == "ContainerRegistry" ? [(property, value)] : [SomeRegistry, (property, value)];

        var text = fixture.Plan(properties).EnsureError(code);

        // A repository may come from AssemblyName, and a runtime identifier from --runtime: there the value is named first.
        Assert.Contains(code is "CTZ1005" ? "tag" : property, text, StringComparison.Ordinal);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
        Assert.EndsWith(".", text.TrimEnd('\'', '"'), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ItemErrors))]
    public void An_item(string code, string item, string include, string? metadata, string remedy)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project => project
            .ItemInclude(
                item, include, metadata: new Dictionary<string, string?> { [item == "ContainerPort" ? "Type" : "Value"] = metadata }));

        var text = Workspace.Publish(project, SomeRegistry, ("ContainerBaseImage", "scratch")).EnsureError(code);

        Assert.Contains(item, text, StringComparison.Ordinal);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ContainerEntrypointArgs+ContainerDefaultArgs", "ContainerEntrypointArgs is set without ContainerEntrypoint")]
    [InlineData("Entrypoint", "ContainerEntrypoint", "use 'DefaultArgs'")]
    [InlineData("None", "ContainerAppCommand", "use 'Entrypoint' or 'DefaultArgs'")]
    [InlineData("None", "ContainerAppCommandArgs", "use 'Entrypoint' or 'DefaultArgs'")]
    public void Commands_that_contradict_each_other(string instruction, string items, string remedy)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project =>
        {
            foreach (var item in items.Split('+'))
                project.ItemInclude(item, "x");
        });

        var text = Workspace.Publish(
            project,
            SomeRegistry,
            ("ContainerBaseImage", "scratch"),
            ("ContainerAppCommandInstruction", instruction)).EnsureError("CTZ1010");

        Assert.Contains(remedy, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_engine_there_is_an_archive_unless_one_was_asked_for()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("ContainerRegistry", ""));
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", workspace.Root);
        try
        {
            var text = Workspace.Publish(project, ("LocalRegistry", "docker")).EnsureError("CTZ5001");
            Assert.Contains("loaded into Docker", text, StringComparison.Ordinal);
            Assert.Contains("ContainerArchiveOutputPath", text, StringComparison.Ordinal);

            var outcome = Workspace.Publish(project).EnsureSuccess();
            var archive = outcome["GeneratedArchiveOutputPath"];
            Assert.Equal(Path.Combine(workspace.PathOf("App"), "bin", "Release", "net10.0", "app.tar"), archive);
            Assert.True(File.Exists(archive));
            Assert.Contains(
                outcome.Output.Messages.High,
                message =>
                    message.StartsWith("App -> " + archive, StringComparison.Ordinal)
                        && message.Contains("docker load --input", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact]
    public async Task Credentials_that_cannot_be_read()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "secret") });
        var before = Environment.GetEnvironmentVariable("REGISTRY_AUTH_FILE");
        Environment.SetEnvironmentVariable("REGISTRY_AUTH_FILE", workspace.Write("auth.json", "{ broken"));
        try
        {
            Assert.Contains("auth.json", Workspace.Publish(workspace.Project()).EnsureError("CTZ4004"), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("REGISTRY_AUTH_FILE", before);
        }
    }

    [Fact]
    public void Tag_and_tags()
    {
        var text = fixture.Configure(("ContainerImageTag", "1"), ("ContainerImageTags", "2;3")).EnsureError("CTZ1006");

        Assert.Contains("ContainerImageTag ('1')", text, StringComparison.Ordinal);
        Assert.Contains("ContainerImageTags ('2;3')", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_is_not_known()
    {
        var text = fixture.Plan(("LocalRegistry", "Moby"), ("ContainerBaseImage", "scratch")).EnsureError("CTZ1022");

        Assert.Contains("LocalRegistry is 'Moby'", text, StringComparison.Ordinal);
        Assert.Contains("Docker, Podman, Nerdctl", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_publish_folder()
    {
        var text = Workspace.Build(
            fixture.Console,
            ["Containerize"],
            [SomeRegistry, ("PublishDir", fixture.CreateDirectory() + "/none/")],
            restore: false).EnsureError("CTZ1002");

        Assert.Contains("dotnet publish", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_publish_folder()
    {
        var text = Workspace.Build(
            fixture.Console,
            ["Containerize"],
            [SomeRegistry, ("PublishDir", fixture.CreateDirectory() + "/")],
            restore: false).EnsureError("CTZ1003");

        Assert.Contains("dotnet publish", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_without_a_registry_warns()
    {
        var outcome = fixture.Configure(("ContainerBaseImage", "ubuntu:24.04"));

        Assert.Contains("'docker.io/library/ubuntu:24.04'", outcome.EnsureWarning("CTZ1019"), StringComparison.Ordinal);
        Assert.Equal("library/ubuntu", outcome["ContainerBaseName"]);
    }

    [Fact]
    public void A_base_with_spaces_warns()
    {
        var outcome = fixture.Configure(("ContainerBaseImage", "ghcr.io/my base:1"));

        Assert.Contains("ContainerBaseImage", outcome.EnsureWarning("CTZ1020"), StringComparison.Ordinal);
        Assert.Equal("ghcr.io/my-base:1", outcome["ContainerBaseImage"]);
    }

    [Fact]
    public void A_time_that_is_none_warns() =>
        Assert.Contains(
            "SOURCE_DATE_EPOCH is 'yesterday'",
            fixture.Plan(SomeRegistry, ("SOURCE_DATE_EPOCH", "yesterday")).EnsureWarning("CTZ1027"),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_bases_entrypoint_that_is_lost_warns()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { ["Entrypoint"] = new JsonArray("/init") } });
        var project = workspace.Project();

        Assert.Contains("ContainerAppCommandInstruction", Workspace.Publish(project).EnsureWarning("CTZ1026"), StringComparison.Ordinal);
        Workspace.Publish(project, ("ContainerAppCommandInstruction", "Entrypoint")).EnsureSuccess();
        Workspace.Publish(project, ("ContainerAppCommandInstruction", "DefaultArgs")).EnsureSuccess();
        Assert.Equal("/init", workspace.Config().GetProperty("config").GetProperty("Entrypoint")[0].GetString());
    }

    [Fact]
    public void An_environment_variable_with_a_bad_name_warns_can_be_promoted_and_be_silenced()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project => project
            .ItemInclude("ContainerEnvironmentVariable", "Logging:Level", metadata: new Dictionary<string, string?> { ["Value"] = "x" })
            .ItemInclude("ContainerEnvironmentVariable", "GOOD", metadata: new Dictionary<string, string?> { ["Value"] = "x" }));

        Assert.Contains("'Logging:Level'", Workspace.Configure(project).EnsureWarning("CTZ1008"), StringComparison.Ordinal);
        Workspace.Configure(project, ("NoWarn", "CTZ1008")).EnsureSuccess();
        var promoted = Workspace.Configure(project, ("MSBuildWarningsAsErrors", "CTZ1008"));
        Assert.False(promoted.Succeeded);
        Assert.Equal("CTZ1008", Assert.Single(promoted.Errors).Code);
    }

    [Fact]
    public async Task A_promoted_warning_ends_the_build_before_anything_is_pushed()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { ["Entrypoint"] = new JsonArray("/init") } });
        var project = workspace.Project(project => project
            .ItemInclude("ContainerEnvironmentVariable", "a:b", metadata: new Dictionary<string, string?> { ["Value"] = "x" })
            .Property("ContainerImageName", "old"));

        foreach (var code in new[] { "CTZ1008", "CTZ1018", "CTZ1026", "CTZ1027" })
        {
            var outcome = Workspace.Publish(project, ("MSBuildWarningsAsErrors", code), ("SOURCE_DATE_EPOCH", "none"));
            Assert.False(outcome.Succeeded, code);
            Assert.Equal(code, Assert.Single(outcome.Errors).Code);
            Assert.Equal(0, workspace.ManifestPuts);
        }
    }

    [Fact]
    public async Task A_folder_below_obj_that_cannot_be_used()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/obj/Release/net10.0/containerize", "a file where the folder should be");

        Assert.Contains("obj", Workspace.Publish(workspace.Project()).EnsureError("CTZ3005"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_registry_that_cannot_be_reached()
    {
        var workspace = Workspace.Create(fixture);

        var text = Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "127.0.0.1:1/base:1"), SomeRegistry)
            .EnsureError("CTZ2004");

        Assert.Contains("127.0.0.1:1/base:1", text, StringComparison.Ordinal);
        Assert.Contains("ContainerBaseImage", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_cannot_be_reached()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var text = Workspace.Publish(workspace.Project(), SomeRegistry).EnsureError("CTZ4001");

        Assert.Contains("127.0.0.1:1/app:latest", text, StringComparison.Ordinal);
        Assert.Contains("ContainerRegistry", text, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(workspace.PathOf("App", "obj"), "image.digest", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_the_registry_does_wrong_has_its_code()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var faults = workspace.Registry.Faults;

        Assert.Contains(
            "ContainerBaseImage",
            Workspace.Publish(project, ("ContainerBaseImage", $"{workspace.Registry.Host}/base:none")).EnsureError("CTZ2001"),
            StringComparison.Ordinal);

        var other = Workspace.Publish(project, ("ContainerRuntimeIdentifier", "linux-s390x")).EnsureError("CTZ2002");
        Assert.Contains("linux/s390x", other, StringComparison.Ordinal);
        Assert.Contains(Workspace.ThisPlatform, other, StringComparison.Ordinal);

        faults.Add("GET", "/v2/base/manifests/", 1, Fault.Status(403));
        Assert.Contains("docker login", Workspace.Publish(project).EnsureError("CTZ2003"), StringComparison.Ordinal);

        faults.Clear();
        faults.Add("GET", "/v2/base/blobs/", 1, Fault.FlipByte(20));
        Workspace.Publish(project, ("ContainerCacheDirectory", workspace.PathOf("cache"))).EnsureError("CTZ2005");

        faults.Clear();
        faults.Add("GET", "/v2/base/manifests/", 1, Fault.Status(400));
        Workspace.Publish(project).EnsureError("CTZ2006");

        faults.Clear();
        faults.Add("PUT", "/v2/app/manifests/", 1, Fault.Status(403));
        Assert.Contains("ContainerRepository", Workspace.Publish(project).EnsureError("CTZ4002"), StringComparison.Ordinal);

        faults.Clear();
        faults.Add("PUT", "/v2/app/manifests/", 1, Fault.Status(400));
        Workspace.Publish(project).EnsureError("CTZ4003");

        Assert.Empty(workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task Places_that_cannot_be_written()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var file = workspace.Write("file", "no folder");
        workspace.Write("taken/file", "no layout");

        Assert.Contains(
            file,
            Workspace.Publish(project, ("ContainerArchiveOutputPath", file + "/image.tar")).EnsureError("CTZ5003"),
            StringComparison.Ordinal);
        Assert.Contains(
            "taken",
            Workspace.Publish(project, ("ContainerOciLayoutPath", workspace.PathOf("taken"))).EnsureError("CTZ5003"),
            StringComparison.Ordinal);
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(workspace.PathOf("taken")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_that_cannot_stand_in_a_layer()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var folder = workspace.Write("mine/.wh.x", "x");

        var text = Workspace.Publish(workspace.Project(), ("PublishDir", Path.GetDirectoryName(folder) + "/")).EnsureError("CTZ3001");

        Assert.Contains(".wh.x", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_is_missing()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "secret") });

        Assert.Contains("docker login", Workspace.Publish(workspace.Project()).EnsureError("CTZ2003"), StringComparison.Ordinal);
    }
}
