using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Content;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// Items and properties that end up in the config and the manifest: health check, volumes, stop signal, annotations, references.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SettingItemTests(PackageFixture fixture)
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    [Fact]
    public async Task A_health_check_of_words_with_any_characters()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""
            <ContainerHealthcheck Include="dotnet;/app/App.dll;--url=http://x:80/%3Fa=%2A%3Bb%25;ü &quot;q&quot; $(Empty);dotnet" Interval="1m30s" Timeout="00:00:05" />
            <ContainerHealthcheck Include="last" StartPeriod=" 10s " StartInterval="500ms" Retries="3" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        const string words = """["CMD","dotnet","/app/App.dll","--url=http://x:80/?a=*;b%","ü \"q\"","dotnet","last"]""";
        Assert.Equal(words, Text(workspace.Plan()["config"]!["healthcheck"]!["test"]!));
        Assert.Equal(
            $$"""{"Test":{{words}},"Interval":90000000000,"Timeout":5000000000,"StartPeriod":10000000000,"StartInterval":500000000,"Retries":3}""",
            Runtime(workspace, "Healthcheck"));
        Assert.Equal(DockerManifest, workspace.Registry.FindManifest("app", "latest")!.MediaType);
    }

    [Fact]
    public async Task A_health_check_for_the_shell_is_one_line()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<ContainerHealthcheck Include="test -f /x; curl -f &quot;http://localhost:8080/%3Fq=1&quot; || exit 1" Shell="True" />""");

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Equal("""{"Test":["CMD-SHELL","test -f /x;curl -f \"http://localhost:8080/?q=1\" || exit 1"]}""", Runtime(workspace, "Healthcheck"));
    }

    [Fact]
    public async Task A_bases_health_check_stays_is_replaced_or_is_taken_away()
    {
        const string inherited = """{"Test":["CMD","base"],"Retries":9}""";
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Format = BaseImageFormat.Docker, Config = new JsonObject { ["Healthcheck"] = JsonNode.Parse(inherited) } });
        var project = workspace.Project();

        Workspace.Publish(project).EnsureSuccess();
        Assert.Equal(
            (inherited, DockerManifest), (Runtime(workspace, "Healthcheck"), workspace.Registry.FindManifest("app", "latest")!.MediaType));

        workspace.WriteItems("""<ContainerHealthcheck Include="none" />""");
        Workspace.Publish(project, ("Again", "1")).EnsureSuccess();
        Assert.Equal(("""{"Test":["NONE"]}""", OciManifest), (Runtime(workspace, "Healthcheck"), workspace.Registry.FindManifest("app", "latest")!.MediaType));

        // Items add up; who wants another one removes first.
        workspace.WriteItems("""
            <ContainerHealthcheck Include="general" Interval="1s" />
            <ContainerHealthcheck Remove="@(ContainerHealthcheck)" />
            <ContainerHealthcheck Include="own" />
            """);
        Workspace.Publish(project, ("Again", "2")).EnsureSuccess();
        Assert.Equal("""{"Test":["CMD","own"]}""", Runtime(workspace, "Healthcheck"));
    }

    [Fact]
    public async Task Volumes_and_the_stop_signal()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { ["Volumes"] = new JsonObject { ["/base"] = new JsonObject() }, ["StopSignal"] = "SIGQUIT" } });
        workspace.WriteItems("""<ContainerVolume Include="/var/lib/a b:c=ü/;data;/var/lib/a b:c=ü;%2Fvar/x%3By" />""");
        var project = workspace.Project();

        Workspace.Publish(project).EnsureSuccess();
        Assert.Equal("""{"/base":{},"/var/lib/a b:c=ü":{},"/app/data":{},"/var/x;y":{}}""", Runtime(workspace, "Volumes"));
        Assert.Equal("\"SIGQUIT\"", Runtime(workspace, "StopSignal"));

        Workspace.Publish(project, ("ContainerStopSignal", " int "), ("ContainerWorkingDirectory", "/srv/web")).EnsureSuccess();
        Assert.Equal("\"SIGINT\"", Runtime(workspace, "StopSignal"));
        Assert.Contains("\"/srv/web/data\":{}", Runtime(workspace, "Volumes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Annotations_with_any_characters_stand_in_the_manifest()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""
            <ContainerAnnotation Include="org.acme.z" Value="a:b%3Bc=&quot;d&quot; %25 ü" Scope="Manifest;Index" />
            <ContainerAnnotation Include="org.acme.index" Value="x" Scope="index" />
            <ContainerAnnotation Include="org.acme.a;org.acme.b">
              <Value>two
            lines</Value>
            </ContainerAnnotation>
            <ContainerAnnotation Include="org.acme.empty" />
            <ContainerAnnotation Include="org.acme.b" Value="later" />
            """);

        var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Contains(
            "App: one platform has no index, and so nothing carries the annotations of Scope=\"Index\": org.acme.index.",
            outcome.Messages);
        Assert.Equal(
            """{"org.acme.a":"two\nlines","org.acme.b":"later","org.acme.empty":"","org.acme.z":"a:b;c=\"d\" % ü"}""",
            Text(JsonNode.Parse(workspace.Manifest().GetProperty("annotations").GetRawText())!)
                .Replace("\\r", "", StringComparison.Ordinal));
        Assert.Equal(
            ["org.acme.a manifest", "org.acme.b manifest", "org.acme.empty manifest", "org.acme.index index", "org.acme.z manifest, index"],
            workspace.Plan()["annotations"]!.AsArray().Select(annotation => $"{annotation!["name"]} {annotation["scope"]}"));
        Assert.Equal(OciManifest, workspace.Registry.FindManifest("app", "latest")!.MediaType);
    }

    [Fact]
    public async Task Values_of_variables_refer_to_the_bases()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { ["Env"] = new JsonArray(
                "PATH=/usr/bin:/bin", "HOME=/root") } });
        workspace.WriteItems("""
            <ContainerEnvironmentVariable Include="PATH" Value="/opt/tools:$PATH" />
            <ContainerEnvironmentVariable Include="BRACED" Value="${HOME}/x" />
            <ContainerEnvironmentVariable Include="KEPT" Value="\$PATH" />
            <ContainerEnvironmentVariable Include="KEPT_TOO" Value="/usr/bin:%5C$PATH" />
            <ContainerEnvironmentVariable Include="OTHERS" Value="pa$$w0rd$ $OWN $1 $(Empty)%24(x)" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Equal(
            ["PATH=/opt/tools:/usr/bin:/bin", "HOME=/root", "BRACED=/root/x", "KEPT=$PATH", "KEPT_TOO=/usr/bin:$PATH", "OTHERS=pa$$w0rd$ $OWN $1 $(x)"],
            workspace.Config().GetProperty("config").GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()));
        // The plan knows no base.
        Assert.Contains(
            workspace.Plan()["config"]!["environmentVariables"]!.AsArray(), variable => (string?)variable!["value"] == "/opt/tools:$PATH");
    }

    [Theory]
    [InlineData("ContainerHealthcheck", "Annotations", "", "because it has annotations", OciManifest)]
    [InlineData("ContainerHealthcheck", "", "OCI", "Set ContainerImageFormat to 'Docker'", OciManifest)]
    [InlineData("", "Annotations", "Docker", "annotations: the ContainerAnnotation items are left out", DockerManifest)]
    public async Task What_a_format_cannot_carry_warns(string check, string annotations, string format, string text, string mediaType)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems((check.Length > 0 ? """<ContainerHealthcheck Include="x" />""" : "") + (annotations.Length > 0 ? """<ContainerAnnotation Include="a" Value="b" />""" : ""));
        var project = workspace.Project();

        Assert.Contains(
            text, Workspace.Publish(project, ("ContainerImageFormat", format)).EnsureWarning("CTZ1039"), StringComparison.Ordinal);
        Assert.Equal(mediaType, workspace.Registry.FindManifest("app", "latest")!.MediaType);
        Assert.Equal(mediaType == OciManifest && annotations.Length > 0, workspace.Manifest().TryGetProperty("annotations", out _));
        Workspace.Publish(project, ("ContainerImageFormat", format), ("NoWarn", "CTZ1039")).EnsureSuccess();
    }

    [Fact]
    public async Task A_check_that_zstd_costs_warns()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<ContainerHealthcheck Include="x" />""");

        Assert.Contains(
            "compressed with zstd: Docker uses it, podman does not. Remove ContainerCompression",
            Workspace.Publish(workspace.Project(), ("ContainerCompression", "zstd")).EnsureWarning("CTZ1039"),
            StringComparison.Ordinal);
        Assert.Equal(OciManifest, workspace.Registry.FindManifest("app", "latest")!.MediaType);
    }

    [Fact]
    public async Task A_bases_check_that_annotations_cost_warns_and_one_that_OCI_costs_does_not()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Format = BaseImageFormat.Docker, Config = new JsonObject { ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "base") } } });
        var project = workspace.Project();

        Workspace.Publish(project, ("ContainerImageFormat", "OCI")).EnsureSuccess();
        workspace.WriteItems("""<ContainerAnnotation Include="a" Value="b" />""");
        Assert.Contains(
            "Remove the ContainerAnnotation items",
            Workspace.Publish(project, ("Again", "1")).EnsureWarning("CTZ1039"),
            StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string[]> Errors => new()
    {
        { "CTZ1029", """<ContainerHealthcheck Include="x" Interval="soon" />""", ["Interval 'soon'"] },
        { "CTZ1029", """<ContainerHealthcheck Include="x;y" Retries="many" />""", ["Retries 'many'"] },
        { "CTZ1029", """<ContainerHealthcheck Include="CMD;x" />""", ["'CMD'", "Shell="] },
        { "CTZ1029", """<ContainerHealthcheck Include="%20" />""", ["no command"] },
        { "CTZ1029", """<ContainerHealthcheck Include="x" Shell="maybe" />""", ["Shell 'maybe'"] },
        { "CTZ1029", """<ContainerHealthcheck Include="none;x" />""", ["'x' stands beside it"] },
        { "CTZ1030", """<ContainerVolume Include="/" />""", ["The ContainerVolume '/'", "root"] },
        { "CTZ1030", """<ContainerVolume Include="/var/../etc" />""", ["'..'"] },
        { "CTZ1030", """<ContainerVolume Include="/proc/x" />""", ["/proc"] },
        { "CTZ1032", """<ContainerAnnotation Include="%20" Value="x" />""", ["<ContainerAnnotation Include="] },
        { "CTZ1032", """<ContainerAnnotation Include="org.acme.team" Scope="Config" />""", ["'org.acme.team'", "'Config'", "'Manifest,Index'"] },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task What_is_not_valid_ends_the_build_before_anything_is_pushed(string code, string item, string[] mentions)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems(item);

        var text = Workspace.Publish(workspace.Project()).EnsureError(code);

        Assert.All(mentions, mention => Assert.Contains(mention, text, StringComparison.Ordinal));
        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Theory]
    [InlineData("CTZ1031", "ContainerStopSignal", "SIGEXIT", "SIGTERM")]
    [InlineData("CTZ1031", "ContainerStopSignal", "0", "1 to 64")]
    [InlineData("CTZ1034", "ContainerUser", "a b:c:d", "user:group")]
    [InlineData("CTZ1022", "LocalRegistry", "Moby", "Docker, Podman, Nerdctl")]
    [InlineData("CTZ1037", "ContainerSymbols", "Strip", "'Include', 'Exclude' or 'Separate'")]
    [InlineData("CTZ1037", "ContainerSymbols", "1", "'Include', 'Exclude' or 'Separate'")]
    [InlineData("CTZ1037", "ContainerSymbols", "Include,Separate", "'Include', 'Exclude' or 'Separate'")]
    [InlineData("CTZ1009", "ContainerAppCommandInstruction", "Entrypoint,None", "'Entrypoint', 'DefaultArgs' or 'None'")]
    public void A_property_with_a_value_that_it_does_not_know(string code, string property, string value, string remedy)
    {
        var text = fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), (property, value)).EnsureError(code);

        Assert.Contains($"{property} is '{value}'", text, StringComparison.Ordinal);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
    }

    private static string? Runtime(Workspace workspace, string name) =>
        workspace.Config().GetProperty("config").TryGetProperty(name, out var value) ? Text(JsonNode.Parse(value.GetRawText())!) : null;

    private static string Text(JsonNode node) =>
        node.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
