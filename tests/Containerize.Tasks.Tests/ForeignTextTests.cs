using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// What bases, registries, engines, helpers and file names say is quoted in messages, and obeyed by nothing: neither a terminal nor a build
/// agent.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ForeignTextTests(PackageFixture fixture)
{
    private const string Word = "task.setvariable";

    // For what may hold any character.
    private const string Evil = $"e\n##vso[{Word} variable=a]b\r\n::set-output name=a::b\u001b[2J##teamcity[x]\u202Egnp\u2028\u009bz";

    // For headers, which hold no line breaks.
    private const string EvilHeader = $"e ##vso[{Word} variable=a]b ::set-output name=a::b ##teamcity[x]z";

    private static readonly (string, string) Checked = ("ContainerChecks", "Warn");

    public static TheoryData<string> ConfigFields =>
        new(
            "Entrypoint",
            "Cmd",
            "User",
            "Healthcheck",
            "Volumes",
            "ExposedPorts",
            "OnBuild",
            "StopSignal",
            "WorkingDir",
            "Labels",
            "Env",
            "Shell");

    public static TheoryData<string, bool> Answers => new()
    {
        { $$"""{"errors":[{"code":"{{Json(Evil)}}","message":"{{Json(Evil)}}","detail":"{{Json(Evil)}}"}]}""", true },
        { Evil, true },
        { $$"""{"errors":[{"code":"{{Json(Evil)}}","message":"{{Json(Evil)}}"}]}""", false },
        { Evil, false },
    };

    [Theory]
    [MemberData(nameof(ConfigFields))]
    public async Task In_a_base_s_config(string field)
    {
        JsonNode value = field switch
        {
            "User" or "WorkingDir" or "StopSignal" => Evil,
            "Healthcheck" => new JsonObject { ["Test"] = new JsonArray("CMD", Evil) },
            "Volumes" or "ExposedPorts" => new JsonObject { ["/" + Evil] = new JsonObject() },
            "Labels" => new JsonObject { [Evil] = Evil },
            "Env" => new JsonArray($"PATH=/{Evil}", $"{Evil}={Evil}"),
            _ => new JsonArray("/" + Evil, Evil),
        };
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Config = new JsonObject { [field] = value } });

        var outcome = Workspace.Publish(workspace.Project(), Checked);

        AssertHarmless(outcome, isQuoted: field is "Entrypoint" or "User" or "Healthcheck" or "OnBuild");
    }

    [Fact]
    public async Task In_a_base_s_platform_and_version()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        BaseImages.PushImage(
            workspace.Registry,
            "other",
            "1",
            new BaseImageSpec { Platform = $"{Evil.Replace("/", "", StringComparison.Ordinal)}/{Workspace.ThisArchitecture}" });
        BaseImages.PushIndex(
            workspace.Registry,
            "index",
            "1",
            new BaseImageSpec { Platform = $"linux/{Evil}" },
            new BaseImageSpec { Platform = $"linux/arm/{Evil}" });

        foreach (var repository in new[] { "other", "index" })
            AssertHarmless(
                Workspace.Publish(workspace.Project(), Checked, ("ContainerBaseImage", $"{workspace.Registry.Host}/{repository}:1")),
                isQuoted: true);
    }

    [Fact]
    public async Task In_a_base_s_media_types()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var manifest = JsonNode.Parse(workspace.Registry.FindManifest("base", "1")!.Content)!.AsObject();
        foreach (var (field, tag) in new[] { ("config", "a"), ("layers", "b") })
        {
            var changed = manifest.DeepClone().AsObject();
            var descriptor = field == "layers" ? changed[field]![0]! : changed[field]!;
            descriptor["mediaType"] = Evil;
            workspace.Registry.PutManifest("base", tag, (string)manifest["mediaType"]!, Encoding.UTF8.GetBytes(changed.ToJsonString()));

            // With a file, whose place depends on what is in the base.
            var outcome = Workspace.Publish(
                workspace.Project(),
                Checked,
                ("ContainerWorkingDirectory", "/bin"),
                ("ContainerBaseImage", $"{workspace.Registry.Host}/base:{tag}"));

            AssertHarmless(outcome, isQuoted: true);
        }
    }

    [Fact]
    public async Task In_a_base_s_layer()
    {
        var items = BaseImages.SmallRoot.Append(TarItem.File($"../{Evil}", "x"));
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: new BaseImageSpec { Layers = [[.. items]] });

        AssertHarmless(Workspace.Publish(workspace.Project(), ("ContainerChecks", "Error")), isQuoted: true);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task In_a_registry_s_answer(string body, bool isPull)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Registry.Faults.Add(
            isPull ? "GET" : "PUT", isPull ? "/v2/base/manifests/" : "/v2/app/manifests/", FaultScript.Always, Fault.Status(403, body));

        // Of a text that is no JSON, which proxies send, little is told.
        AssertHarmless(Workspace.Publish(workspace.Project()), isQuoted: body.StartsWith('{'));
    }

    [Theory]
    [InlineData(401, "WWW-Authenticate", $"X{Word} realm=\"{EvilHeader}\"", true)]
    [InlineData(401, "WWW-Authenticate", $"Bearer realm=\"{EvilHeader}\"", false)]
    [InlineData(307, "Location", $"http://{Word}.example:1/{EvilHeader}", true)]
    [InlineData(200, "Docker-Content-Digest", EvilHeader, false)]
    [InlineData(200, "Content-Type", EvilHeader, true)]
    public async Task In_a_header(int status, string name, string value, bool isQuoted)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Registry.Faults.Add("GET", "/v2/base/manifests/", FaultScript.Always, Fault.Status(status, "{}", (name, value)));

        AssertHarmless(Workspace.Publish(workspace.Project()), isQuoted);
    }

    [Fact]
    public async Task In_a_layout_s_index()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        Workspace.Publish(workspace.Project(), ("ContainerOciLayoutPath", workspace.PathOf("layout")), ("ContainerImageTags", "a;b"))
            .EnsureSuccess();
        var path = workspace.PathOf("layout", "index.json");
        var index = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var entry in index["manifests"]!.AsArray())
            entry!["annotations"]!["org.opencontainers.image.ref.name"] = Evil;
        File.WriteAllText(path, index.ToJsonString());

        AssertHarmless(
            Workspace.Publish(workspace.Project(name: "Other"), ("ContainerBaseImage", $"oci:{workspace.PathOf("layout")}:none")),
            isQuoted: true);
    }

    [Fact]
    public async Task In_what_an_engine_says()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var workspace = await Workspace.StartAsync(fixture);
        var said = workspace.Write("said", Evil);
        var docker = workspace.Write("bin/docker", $"#!/bin/sh\n[ \"$1\" = version ] && exit 0\ncat '{said}'; cat '{said}' >&2; exit 1\n");
        File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var path = new Variables(("PATH", workspace.PathOf("bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH")));

        AssertHarmless(Workspace.Publish(workspace.Project(), ("ContainerRegistry", ""), ("LocalRegistry", "Docker")), isQuoted: true);
    }

    [Fact]
    public async Task In_the_name_of_a_published_file()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var workspace = await Workspace.StartAsync(fixture);
        var folder = Path.GetDirectoryName(workspace.Write("mine/.wh.x", "x"))!;
        File.Move(Path.Combine(folder, ".wh.x"), Path.Combine(folder, ".wh." + Evil.Replace("/", "", StringComparison.Ordinal)));

        AssertHarmless(Workspace.Publish(workspace.Project(), ("PublishDir", folder + "/")), isQuoted: true);
    }

    // Messages of the SDK's and MSBuild's own tasks are not ours; they come from copying, and quote file names.
    private static void AssertHarmless(Outcome outcome, bool isQuoted)
    {
        var own = outcome.Output.AllEvents
            .Where(e => e is BuildErrorEventArgs { Code: [] or ['C', 'T', 'Z', ..] } or BuildWarningEventArgs { Code: [] or ['C', 'T', 'Z', ..] }
                || (e is BuildMessageEventArgs && e.SenderName is "CreateImagePlan" or "BuildImage" or "PublishImage" or "InferBaseImage"
                    or "ResolveBaseImage" or "ParseContainerNames" or "UpdatePublishFolder" or "Prefetch"
                        && e.Message?.StartsWith("Task Parameter", StringComparison.Ordinal) != true
                    && e is not TaskParameterEventArgs))
            .Select(e => e.Message ?? "").ToList();
        var lines = own.Where(line => !line.StartsWith("Output Property:", StringComparison.Ordinal)).SelectMany(IsCause).ToList();

        Assert.DoesNotContain(lines, line => line.EnumerateRunes().Any(rune => Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
        Assert.DoesNotContain(lines, line => line.Contains("##", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("::", StringComparison.Ordinal));
        // Otherwise the test would pass where nothing is quoted at all.
        Assert.True(!isQuoted || lines.Exists(line => line.Contains(Word, StringComparison.Ordinal)), outcome.Log);

        // Causes, which only the detailed log has, are lines of stack traces.
        static IEnumerable<string> IsCause(string message) =>
            message.Contains("\n   at ", StringComparison.Ordinal) ? message.Split('\n') : [message];
    }

    private static string Json(string text) => System.Text.Json.JsonEncodedText.Encode(text).ToString();
}
