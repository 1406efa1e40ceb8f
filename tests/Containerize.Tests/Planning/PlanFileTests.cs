using System.Text.Json;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class PlanFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_plan_is_read_as_it_was_written()
    {
        var plan = new ImagePlan
        {
            Name = "Näme <&'+\"",
            BaseImage = BaseImageName.Parse("localhost:5000/base:1"),
            RuntimeIdentifier = "linux-arm",
            Platform = new Platform("linux", "arm", "v7"),
            Format = ImageFormat.Docker,
            Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Config = new ConfigPlan
            {
                WorkingDirectory = "/app/",
                User = "1654",
                Command = new CommandPlan
                {
                    Instruction = AppCommandInstruction.DefaultArgs,
                    Entrypoint = ["e", "e2"],
                    EntrypointArgs = ["ea"],
                    AppCommand = ["a;b", "c:d"],
                    AppCommandArgs = ["--x=\"y z\""],
                    DefaultArgs = [""],
                },
                EnvironmentVariables = [new("URL", "https://x;y=z:1"), new("EMPTY", "")],
                Ports = ["8080/tcp", "53/udp"],
                Labels = [new("l", "multi\nline;:"), new("l2", "")],
                LabelBaseDigest = true,
                LabelFit = true,
            },
            Repository = "team/app",
            Tags = ["1.0", "latest"],
            TagRules = new TagRules { Version = "1.0.0", Floating = ["1.0", "latest"], Immutable = true },
            Destinations = [new Destination(
                DestinationKind.Engine, "", "/out/app.tar"), new Destination(DestinationKind.OciLayout, "/layout")],
            Checks = CheckSeverity.Error,
            Needs = new ApplicationNeeds
            {
                Frameworks = [new("Microsoft.NETCore.App", "10.0.0"), new("Microsoft.AspNetCore.App", "10.0.1", "Major")],
                IsSelfContained = true,
                IsSingleFile = true,
                IsNativeAot = true,
                UsesIcu = true,
                BringsIcu = true,
                InvariantGlobalization = false,
                OpenSslUser = "a.dll",
                TlsClient = "b.dll",
                TimeZoneUser = "c.dll",
            },
            Layers =
            [
                new LayerPlan("application",
                [
                    LayerEntry.Directory("app"),
                    new LayerEntry("app/x y.dll", LayerEntryKind.File, "/publish/x y.dll", LayerEntry.FileMode),
                    new LayerEntry("app/run", LayerEntryKind.File, "/publish/run", LayerEntry.ExecutableMode, 7, 8),
                    new LayerEntry("app/link", LayerEntryKind.SymbolicLink, "x y.dll", 0b111_111_111),
                    new LayerEntry("app/wwwroot/a", LayerEntryKind.File, "/publish/a", LayerEntry.FileMode) { TimeFromContent = true },
                ]),
            ],
        };
        await RoundTripAsync(plan);
    }

    [Fact]
    public async Task What_items_say_is_read_as_it_was_written()
    {
        var read = await RoundTripAsync(Everything);
        Assert.Equal(["/data", "/a b"], read.Config.Volumes);
        Assert.Equal("SIGRTMIN+3", read.Config.StopSignal);
        Assert.Equal(["CMD-SHELL", "a; b \"c\""], read.Config.Healthcheck!.Test);
        Assert.Equal(Everything.Config.Healthcheck! with { Test = read.Config.Healthcheck.Test }, read.Config.Healthcheck);
        Assert.Equal(Everything.Annotations, read.Annotations);
        Assert.Equal(Everything.Symbols!.Name, read.Symbols!.Name);
        Assert.Equal(Everything.Symbols.Entries, read.Symbols.Entries);
    }

    [Fact]
    public void What_items_say_is_readable_too()
    {
        var text = System.Text.Encoding.UTF8.GetString(PlanFile.Serialize(Everything));
        foreach (var part in new[] { "\"interval\": \"00:01:30\"", "\"scope\": \"manifest, index\"", "\"stopSignal\": \"SIGRTMIN+3\"", "\"removed\": true", "\"owner\": \"app:app\"", "\"given\": true", "\"mode\": \"1777\"" })
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain("isNone", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_absent_stays_absent()
    {
        var plan = new ImagePlan
        {
            Name = "n",
            BaseImage = ImageLocation.Scratch,
            RuntimeIdentifier = "linux-x64",
            Platform = new Platform("linux", "amd64"),
            Created = DateTimeOffset.UnixEpoch,
            Config = new ConfigPlan { WorkingDirectory = "/", Command = new CommandPlan() },
            Repository = "r",
            Tags = ["t"],
            Destinations = [],
            Layers = [],
        };
        var read = await RoundTripAsync(plan);
        Assert.Null(read.Format);
        Assert.Null(read.TagRules);
        Assert.Null(read.Config.User);
        Assert.Null(read.Config.Command.Instruction);
        Assert.Null(read.Platform.Variant);
        Assert.Null(read.Needs.InvariantGlobalization);
        Assert.Null(read.Needs.OpenSslUser);
    }

    [Fact]
    public async Task People_can_read_it()
    {
        var path = _folder.Write("plan.json", "old");
        var plan = new ImagePlan
        {
            Name = "Ünder+one",
            BaseImage = ImageLocation.Scratch,
            RuntimeIdentifier = "linux-x64",
            Platform = new Platform("linux", "amd64"),
            Format = ImageFormat.Oci,
            Created = DateTimeOffset.UnixEpoch,
            Config = new ConfigPlan { WorkingDirectory = "/", Command = new CommandPlan { Instruction = AppCommandInstruction.None } },
            Repository = "r",
            Tags = ["t"],
            Destinations = [new Destination(DestinationKind.OciLayout, "x")],
            Checks = CheckSeverity.None,
            Layers = [new LayerPlan("l", [new LayerEntry("run", LayerEntryKind.File, "/p/run", LayerEntry.ExecutableMode)])],
        };
        await PlanFile.WriteAsync(path, plan, default);
        var text = File.ReadAllText(path);
        foreach (var line in new[] { "\"name\": \"Ünder+one\"", "\"mode\": \"0755\"", "\"kind\": \"ociLayout\"", "\"format\": \"oci\"", "\"instruction\": \"none\"", "\"file\": \"/p/run\"", "\"checks\": \"none\"" })
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.Equal(["plan.json"], _folder.Everything());
    }

    [Fact]
    public void A_damaged_one_is_refused() =>
        Assert.Throws<JsonException>(() => PlanFile.Read("""{"layers":[{"name":"x","entries":[{"path":"a","surprise":1}]}]}"""u8));

    private static readonly ImagePlan Everything = new()
    {
        Name = "n",
        BaseImage = BaseImageName.Parse("b"),
        RuntimeIdentifier = "linux-x64",
        Platform = new Platform("linux", "amd64"),
        Created = DateTimeOffset.UnixEpoch,
        Config = new ConfigPlan
        {
            WorkingDirectory = "/",
            Command = new CommandPlan(),
            Volumes = ["/data", "/a b"],
            StopSignal = "SIGRTMIN+3",
            Healthcheck = new HealthcheckPlan(["CMD-SHELL", "a; b \"c\""])
            {
                Interval = TimeSpan.FromSeconds(90),
                Timeout = TimeSpan.FromMilliseconds(1),
                StartPeriod = TimeSpan.FromDays(365),
                StartInterval = TimeSpan.Zero,
                Retries = 0,
            },
        },
        Annotations = [new("a", "x;:\n"), new(
            "b", "", AnnotationScope.Index), new("c", "ü", AnnotationScope.Manifest | AnnotationScope.Index)],
        Repository = "r",
        Tags = ["t"],
        Destinations = [new(DestinationKind.Registry, "r.example") { Repository = "other", Tags = ["a", "b"] }],
        Registries = new RegistrySettings
        {
            Insecure = ["a:1"],
            Logins = [new("r.example", "u", "U", "P", "/f"), new("s.example", null, null, null, null)],
            Mirrors = [new("docker.io", "m.example/x")],
            ConnectTimeout = TimeSpan.FromSeconds(1.5),
            SilenceTimeout = TimeSpan.FromMinutes(2),
            Timeout = TimeSpan.FromDays(1),
        },
        Layers =
        [
            new LayerPlan("removed", [new LayerEntry("etc/motd", LayerEntryKind.Whiteout, "", 0)]),
            new LayerPlan("files",
            [
                LayerEntry.Directory("var/data") with { OwnerName = "app:app", IsGiven = true, Mode = 0b1_111_111_111 },
                LayerEntry.Link("x", "y") with { UserId = 7 },
                new LayerEntry("run", LayerEntryKind.File, "/src/run", 0b100_111_101_101) { OwnerName = "1:app" },
            ]),
        ],
        Symbols = new LayerPlan("symbols", [new LayerEntry("app/x.pdb", LayerEntryKind.File, "/src/x.pdb", LayerEntry.FileMode)]),
    };

    private async Task<ImagePlan> RoundTripAsync(ImagePlan plan)
    {
        var (first, second) = (_folder["obj/plan.json"], _folder["obj/again.json"]);
        await PlanFile.WriteAsync(first, plan, default);
        var read = PlanFile.Read(File.ReadAllBytes(first));
        await PlanFile.WriteAsync(second, read, default);
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        Assert.Equal(plan.Layers.SelectMany(layer => layer.Entries), read.Layers.SelectMany(layer => layer.Entries));
        Assert.Equal(plan.Layers.Select(layer => layer.Name), read.Layers.Select(layer => layer.Name));
        Assert.Equal(
            (plan.Name, plan.BaseImage, plan.RuntimeIdentifier, plan.Platform, plan.Format, plan.Created, plan.Repository),
            (read.Name, read.BaseImage, read.RuntimeIdentifier, read.Platform, read.Format, read.Created, read.Repository));
        Assert.Equal(plan.Tags, read.Tags);
        Assert.Equal((plan.TagRules?.Version, plan.TagRules?.Immutable), (read.TagRules?.Version, read.TagRules?.Immutable));
        Assert.Equal(plan.TagRules?.Floating, read.TagRules?.Floating);
        Assert.Equal(plan.Checks, read.Checks);
        Assert.Equal(plan.Needs.Frameworks, read.Needs.Frameworks);
        Assert.Equal(plan.Needs, read.Needs with { Frameworks = plan.Needs.Frameworks });
        Assert.Equal(
            plan.Destinations.Select(destination => destination with { Tags = null }),
            read.Destinations.Select(destination => destination with { Tags = null }));
        Assert.Equal(plan.Config.EnvironmentVariables, read.Config.EnvironmentVariables);
        Assert.Equal(plan.Config.Ports, read.Config.Ports);
        Assert.Equal(plan.Config.Labels, read.Config.Labels);
        Assert.Equal((plan.Config.WorkingDirectory, plan.Config.User, plan.Config.LabelBaseDigest, plan.Config.LabelFit),
            (read.Config.WorkingDirectory, read.Config.User, read.Config.LabelBaseDigest, read.Config.LabelFit));
        Assert.Equal(plan.Config.Command.Instruction, read.Config.Command.Instruction);
        Assert.Equal(plan.Config.Command.Entrypoint, read.Config.Command.Entrypoint);
        Assert.Equal(plan.Config.Command.EntrypointArgs, read.Config.Command.EntrypointArgs);
        Assert.Equal(plan.Config.Command.AppCommand, read.Config.Command.AppCommand);
        Assert.Equal(plan.Config.Command.AppCommandArgs, read.Config.Command.AppCommandArgs);
        Assert.Equal(plan.Config.Command.DefaultArgs, read.Config.Command.DefaultArgs);
        return read;
    }
}
