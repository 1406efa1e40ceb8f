using System.Text.Json.Nodes;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class ConfigBuilderTests
{
    private static readonly ImagePlan Plan = new()
    {
        Name = "App",
        BaseImage = BaseImageName.Parse("example.invalid/base"),
        RuntimeIdentifier = "linux-x64",
        Platform = new Platform("linux", "amd64"),
        Created = DateTimeOffset.FromUnixTimeSeconds(1_234_567_890),
        Config = new ConfigPlan { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = ["/app/App"] } },
        Repository = "app",
        Tags = ["latest"],
        Destinations = [],
        Layers = [],
    };

    [Theory]
    // user | APP_UID of the base | APP_UID of the project | user of the base → USER
    [InlineData(null, "1654", null, null, "1654")]
    [InlineData(null, "1654", "12345", null, "12345")]
    [InlineData("root", "1654", null, null, "root")]
    [InlineData(null, null, null, null, null)]
    [InlineData(null, "", null, "app", "app")]
    [InlineData(null, "1654", null, "app", "1654")]
    public void The_user_is_the_asked_one_or_the_one_that_APP_UID_names_or_the_bases(
        string? user, string? baseUid, string? uid, string? baseUser, string? expected)
    {
        var runtime = new JsonObject { ["User"] = baseUser, ["Env"] = baseUid is null ? new JsonArray() : new JsonArray(
            "APP_UID=" + baseUid) };
        var config = Build(
            runtime, Plan.Config with { User = user, EnvironmentVariables = uid is null ? [] : [new NamedValue("APP_UID", uid)] });
        Assert.Equal(expected, config.User);
    }

    [Fact]
    public void Ports_come_from_the_base_the_project_and_the_variables_of_both()
    {
        var runtime = new JsonObject
        {
            ["ExposedPorts"] = new JsonObject { ["6100/tcp"] = new JsonObject(), ["6100/udp"] = new JsonObject() },
            ["Env"] = new JsonArray("ASPNETCORE_HTTP_PORTS=8080", "ASPNETCORE_HTTPS_PORTS=8443"),
        };
        Assert.Equal(
            ["6100/tcp", "6100/udp", "53/udp", "8080/tcp", "8443/tcp"],
            PortsOf(Build(runtime, Plan.Config with { Ports = ["53/udp", "6100/tcp"] })));
        Assert.Equal(
            ["6100/tcp", "6100/udp", "81/tcp", "8443/tcp"],
            PortsOf(Build(runtime, Plan.Config with { EnvironmentVariables = [new("ASPNETCORE_HTTP_PORTS", "81")] })));
        Assert.Equal(
            ["6100/tcp", "6100/udp", "5000/tcp"],
            PortsOf(Build(runtime, Plan.Config with { EnvironmentVariables = [new("ASPNETCORE_URLS", "http://*:5000")] })));
        Assert.Empty(PortsOf(Build([], Plan.Config)));
    }

    [Fact]
    public void Variables_replace_the_bases_where_they_stand()
    {
        var config = Build(
            new JsonObject { ["Env"] = new JsonArray("PATH=/bin", "A=1", "B=2") },
            Plan.Config with { EnvironmentVariables = [new("A", "x:y;z"), new("C", ""), new("PATH", "$PATH:/app")] });
        Assert.Equal(["PATH=/bin:/app", "A=x:y;z", "B=2", "C="], config.Environment.Select(v => $"{v.Key}={v.Value}"));
    }

    [Fact]
    public void Labels_that_are_true_of_the_base_alone_stay_behind()
    {
        var config = Build(
            new JsonObject { ["Labels"] = new JsonObject { ["keep"] = "1", ["drop"] = "1", ["replace"] = "1" } },
            Plan.Config with { Labels = [new("replace", "2")], DroppedLabels = ["drop", "replace", "none"] });
        Assert.Equal(new Dictionary<string, string> { ["keep"] = "1", ["replace"] = "2" }, config.Labels);
        Assert.Empty(Build([], Plan.Config with { DroppedLabels = ["none"] }).Labels);
    }

    [Fact]
    public void Labels_are_inherited_and_overridden()
    {
        var config = Build(
            new JsonObject { ["Labels"] = new JsonObject { ["keep"] = "1", ["change"] = "1" } },
            Plan.Config with { Labels = [new("change", "2:;"), new("add", "")], LabelBaseDigest = true });
        Assert.Equal("1", config.Labels["keep"]);
        Assert.Equal("2:;", config.Labels["change"]);
        Assert.Equal("", config.Labels["add"]);
        Assert.Matches("^sha256:[0-9a-f]{64}$", config.Labels["org.opencontainers.image.base.digest"]);
        Assert.Equal(4, config.Labels.Count);
        Assert.DoesNotContain("org.opencontainers.image.base.digest", Build([], Plan.Config).Labels.Keys);
    }

    [Fact]
    public void The_bases_command_goes_with_its_entrypoint()
    {
        var runtime = new JsonObject { ["Entrypoint"] = new JsonArray("/init"), ["Cmd"] = new JsonArray("bash") };
        var config = Build(runtime, Plan.Config);
        Assert.Equal(["/app/App"], config.Entrypoint);
        Assert.Null(config.Command);

        config = Build(
            runtime, Plan.Config with { Command = Plan.Config.Command with { Instruction = AppCommandInstruction.DefaultArgs } });
        Assert.Equal(["/init"], config.Entrypoint);
        Assert.Equal(["/app/App"], config.Command);

        config = Build(runtime, Plan.Config with { Command = new CommandPlan { Instruction = AppCommandInstruction.None } });
        Assert.Equal(["/init"], config.Entrypoint);
        Assert.Equal(["bash"], config.Command);
    }

    [Fact]
    public void An_empty_entrypoint_is_left_out()
    {
        var config = Build(
            new JsonObject { ["Entrypoint"] = new JsonArray("dotnet") },
            Plan.Config with { Command = Plan.Config.Command with { Instruction = AppCommandInstruction.DefaultArgs } });
        Assert.Null(config.Entrypoint);
        Assert.Equal(["/app/App"], config.Command);
    }

    [Fact]
    public void Whatever_else_the_base_says_survives()
    {
        var runtime = new JsonObject
        {
            ["Volumes"] = new JsonObject { ["/data"] = new JsonObject() },
            ["StopSignal"] = "SIGINT",
            ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "true"), ["Interval"] = 30_000_000_000 },
            ["Shell"] = new JsonArray("/bin/bash", "-c"),
            ["OnBuild"] = new JsonArray("RUN x"),
            ["WorkingDir"] = "/old",
        };
        var built = JsonNode.Parse(Build(runtime, Plan.Config).Document.Content.Span)!["config"]!;
        Assert.Equal("/app/", (string?)built["WorkingDir"]);
        foreach (var name in new[] { "Volumes", "StopSignal", "Healthcheck", "Shell" })
            Assert.True(JsonNode.DeepEquals(runtime[name], built[name]), name);
        // Instructions for the image that `docker build` builds on the base, not for those on top of that one.
        Assert.False(built.AsObject().ContainsKey("OnBuild"));
    }

    [Theory]
    [InlineData(2, "[{\"created_by\":\"1\"},{\"empty_layer\":true},{\"created_by\":\"2\"}]", 2)]
    [InlineData(3, null, 3)]
    [InlineData(0, null, 0)]
    public void The_history_says_as_much_as_there_are_layers(int layers, string? history, int expected)
    {
        var baseLayers = Enumerable.Range(0, layers).Select(i => (ILayer)new MemoryLayer(MemoryImages.Layer($"{i}"))).ToArray();
        var root = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(
                [.. baseLayers.Select(layer => JsonValue.Create(layer.DiffId.ToString()))]) },
        };
        if (history is not null)
            root["history"] = JsonNode.Parse(history);
        var own = new MemoryLayer(MemoryImages.Layer("own"));
        var config = ConfigBuilder.Build(
            Plan,
            MemoryImages.WithConfig(root.ToJsonString(), ImageFormat.Oci, baseLayers),
            [new NamedLayer("application", own)],
            ImageFormat.Oci);
        Assert.Equal(expected + 1, config.LayersInHistory);
        Assert.Equal(layers + 1, config.DiffIds.Count);
        Assert.Equal(own.DiffId, config.DiffIds[^1]);

        var last = JsonNode.Parse(config.Document.Content.Span)!["history"]!.AsArray()[^1]!;
        Assert.Equal("2009-02-13T23:31:30Z", (string?)last["created"]);
        Assert.Contains("application", (string?)last["created_by"], StringComparison.Ordinal);
        Assert.Equal("2009-02-13T23:31:30Z", (string?)JsonNode.Parse(config.Document.Content.Span)!["created"]);
    }

    [Fact]
    public void Nothing_of_this_machine_stands_in_it()
    {
        var text = Documents.Text(Build([], Plan.Config).Document);
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Path.GetTempPath(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            DateTime.UtcNow.Year.ToString(System.Globalization.CultureInfo.InvariantCulture) + "-", text, StringComparison.Ordinal);
    }

    private static ImageConfig Build(JsonObject runtime, ConfigPlan config)
    {
        var root = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = runtime.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
        };
        return ConfigBuilder.Build(
            Plan with { Config = config }, MemoryImages.WithConfig(root.ToJsonString(), ImageFormat.Oci), [], ImageFormat.Oci);
    }

    private static IEnumerable<string> PortsOf(ImageConfig config) =>
        (JsonNode.Parse(config.Document.Content.Span)!["config"]!["ExposedPorts"] as JsonObject ?? []).Select(port => port.Key);
}
