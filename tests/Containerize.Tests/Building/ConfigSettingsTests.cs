using System.Text.Json.Nodes;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>What a Dockerfile says besides files, on bases that say something themselves.</summary>
public sealed class ConfigSettingsTests
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
    [InlineData("""{"Volumes":{"/data":{},"/var/base":{}}}""", """{"/data":{},"/var/base":{},"/log":{}}""")]
    [InlineData("""{"Volumes":null}""", """{"/log":{},"/data":{}}""")]
    [InlineData("""{}""", """{"/log":{},"/data":{}}""")]
    public void Volumes_join_the_bases(string runtime, string expected) =>
        Assert.Equal(expected, Runtime(runtime, Plan.Config with { Volumes = ["/log", "/data"] })["Volumes"]!.ToJsonString());

    [Theory]
    [InlineData("""{"StopSignal":"SIGQUIT"}""", null, "SIGQUIT")]
    [InlineData("""{"StopSignal":"SIGQUIT"}""", "SIGINT", "SIGINT")]
    [InlineData("""{}""", "SIGRTMIN+3", "SIGRTMIN+3")]
    [InlineData("""{}""", null, null)]
    public void The_stop_signal_is_the_projects_or_the_bases(string runtime, string? signal, string? expected) =>
        Assert.Equal(expected, (string?)Runtime(runtime, Plan.Config with { StopSignal = signal })["StopSignal"]);

    [Fact]
    public void Times_of_a_health_check_are_nanoseconds()
    {
        var check = new HealthcheckPlan(["CMD", "/app/App", "--check"])
        {
            Interval = TimeSpan.FromSeconds(90),
            Timeout = TimeSpan.FromMilliseconds(1),
            StartPeriod = TimeSpan.FromDays(365),
            StartInterval = TimeSpan.Zero,
            Retries = 5,
        };
        Assert.Equal(
            """{"Test":["CMD","/app/App","--check"],"Interval":90000000000,"Timeout":1000000,"StartPeriod":31536000000000000,"StartInterval":0,"Retries":5}""",
            Check("{}", check));
    }

    [Fact]
    public void A_health_check_takes_the_place_of_the_bases_as_a_whole()
    {
        const string withCheck = """{"Healthcheck":{"Test":["CMD","base"],"Interval":5,"Retries":9}}""";
        Assert.Equal("""{"Test":["CMD-SHELL","a; b"]}""", Check(withCheck, new HealthcheckPlan(["CMD-SHELL", "a; b"])));
        Assert.Equal("""{"Test":["NONE"]}""", Check(withCheck, new HealthcheckPlan(["NONE"])));
        Assert.Equal("""{"Test":["CMD","base"],"Interval":5,"Retries":9}""", Check(withCheck, null));
    }

    [Fact]
    public void Variables_refer_to_the_bases_and_not_to_each_other()
    {
        var runtime = Runtime(
            """{"Env":["PATH=/bin","HOME=/root"]}""",
            Plan.Config with
            {
                EnvironmentVariables =
                [
                    new("OWN", "x"), new(
                        "REFERS",
                        "$OWN$PATH"), new(
                            "PATH", "/opt:${PATH}"), new("AGAIN", "$PATH"), new("KEPT", "\\$PATH"), new("PASSWORD", "pa$$w0rd$"),
                ],
            });
        Assert.Equal(
            ["PATH=/opt:/bin", "HOME=/root", "OWN=x", "REFERS=$OWN/bin", "AGAIN=/bin", "KEPT=$PATH", "PASSWORD=pa$$w0rd$"],
            runtime["Env"]!.AsArray().Select(variable => (string?)variable));
    }

    [Fact]
    public void Ports_follow_from_what_a_reference_becomes()
    {
        var runtime = Runtime("""{"Env":["PORT=8081"]}""", Plan.Config with { EnvironmentVariables = [new("ASPNETCORE_HTTP_PORTS", "$PORT")] });
        Assert.Equal("""{"8081/tcp":{}}""", runtime["ExposedPorts"]!.ToJsonString());
    }

    [Fact]
    public void The_symbols_config_tells_what_they_belong_to()
    {
        var plan = Plan with
        {
            Config = Plan.Config with
            {
                Labels = [new(
                    "org.opencontainers.image.base.digest",
                    "sha256:1"), new(
                        "org.opencontainers.image.base.name",
                        "b"), new("org.opencontainers.image.version", "1.2"), new("org.acme.team", "web")],
                EnvironmentVariables = [new("A", "b")],
                Healthcheck = new HealthcheckPlan(["CMD", "x"]),
            },
            Symbols = new LayerPlan("symbols", []),
        };
        var layer = new MemoryLayer(MemoryImages.Layer("symbols"));
        Assert.Equal(
            """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["DIFFID"]},"created":"2009-02-13T23:31:30Z","config":{"Labels":{"org.opencontainers.image.version":"1.2","org.acme.team":"web"}},"history":[{"created":"2009-02-13T23:31:30Z","created_by":"Containerize: symbols","comment":"symbols of App"}]}"""
                .Replace("DIFFID", layer.DiffId.ToString(), StringComparison.Ordinal),
            Documents.Text(ConfigBuilder.BuildSymbols(plan, layer, ImageFormat.Oci).Document));
    }

    private static string? Check(string runtime, HealthcheckPlan? check) =>
        Runtime(runtime, Plan.Config with { Healthcheck = check })["Healthcheck"]?.ToJsonString();

    private static JsonNode Runtime(string runtime, ConfigPlan config)
    {
        var root = $$$"""{"architecture":"amd64","os":"linux","config":{{{runtime}}},"rootfs":{"type":"layers","diff_ids":[]}}""";
        var built = ConfigBuilder.Build(Plan with { Config = config }, MemoryImages.WithConfig(root, ImageFormat.Oci), [], ImageFormat.Oci);
        return JsonNode.Parse(built.Document.Content.Span)!["config"]!;
    }
}
