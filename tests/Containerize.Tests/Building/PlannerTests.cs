using Containerize.Building;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>A plan is made of text and files alone: no MSBuild, no registry.</summary>
public sealed class PlannerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Log _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_project_says_is_what_the_plan_holds()
    {
        _folder.Write("project/publish/Shop.dll", "il");
        _folder.Write("project/publish/Dapper.dll", "il");
        var request = Request() with
        {
            PublishItems =
            [
                ProjectItem.Create("obj/Shop.dll", ("RelativePath", "Shop.dll")),
                ProjectItem.Create(
                    "/packages/dapper/Dapper.dll",
                    ("RelativePath", "Dapper.dll"),
                    ("NuGetPackageId", "Dapper"),
                    ("PathInPackage", "lib/Dapper.dll")),
            ],
            AppCommand = [ProjectItem.Create("dotnet", ("Generated", "true")), ProjectItem.Create("Shop.dll", ("Generated", "true"))],
            Ports = [ProjectItem.Create("8080"), ProjectItem.Create("9000", ("Type", "udp"))],
            Labels = [ProjectItem.Create("team", ("Value", "web"))],
            SourceDateEpoch = "1700000000",
            Tags = [ProjectItem.Create("1.0"), ProjectItem.Create("latest", ("Floating", "true"))],
            TagVersion = "1.0",
        };
        Places? known = null;

        var (plan, _) = await new Planner(
            request, _log, new ScriptedProcesses()) { OnPlacesKnown = places => known = places }.PlanAsync(default);

        Assert.Equal("registry.example/base:1", plan.BaseImage.ToString());
        Assert.Equal(new Platform("linux", "amd64"), plan.Platform);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), plan.Created);
        Assert.Equal(["dotnet", "Shop.dll"], plan.Config.Command.AppCommand);
        Assert.Equal(["8080/tcp", "9000/udp"], plan.Config.Ports);
        Assert.Equal([new NamedValue("team", "web")], plan.Config.Labels);
        Assert.Equal(["latest"], plan.TagRules!.Floating);
        Assert.Equal("1.0", plan.TagRules.Version);
        Assert.Equal([new Destination(DestinationKind.Registry, "ghcr.io")], plan.Destinations);
        Assert.Equal(
            ["packages: app/Dapper.dll", "application: app/Shop.dll"],
            plan.Layers.Select(
                layer =>
                    $"{layer.Name}: "
                        + $"{string.Join(' ', layer.Entries.Where(entry => entry.Kind == Containerize.Layers.LayerEntryKind.File).Select(entry => entry.Path))}"));
        Assert.Equal((plan.BaseImage, "team/shop"), (known!.BaseImage, known.Repository));
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public async Task Nothing_is_asked_ahead_where_a_setting_is_wrong()
    {
        var planner = new Planner(Request() with { Ports = [ProjectItem.Create("http")] }, _log, new ScriptedProcesses())
        {
            OnPlacesKnown = _ => Assert.Fail("The places were made known."),
        };

        await Failing.WithAsync(ErrorCodes.PortInvalid, () => planner.PlanAsync(default), "'http'");
    }

    [Fact]
    public async Task A_wrong_time_is_a_warning_and_a_file_of_nobody_is_named()
    {
        _folder.Write("project/publish/left.txt", "x");

        var (plan, _) = await new Planner(Request() with { SourceDateEpoch = "today" }, _log, new ScriptedProcesses()).PlanAsync(default);

        Assert.Equal(DateTimeOffset.UnixEpoch, plan.Created);
        Assert.Equal([ErrorCodes.SourceDateEpochInvalid], _log.Warnings);
        Assert.Contains(_log.Told, line => line.EndsWith("and so in the image: left.txt.", StringComparison.Ordinal));
    }

    private PlanRequest Request()
    {
        Directory.CreateDirectory(_folder["project/publish"]);
        return new PlanRequest
        {
            ProjectName = "Shop",
            Places = new PlaceSettings
            {
                ProjectDirectory = _folder["project"],
                PublishDirectory = _folder["project/publish"],
                BaseImage = "registry.example/base:1",
                RuntimeIdentifier = "linux-x64",
                Registry = "ghcr.io",
            },
            Repository = "team/shop",
            MadeFiles = _folder["project/obj/files"],
            WorkingDirectory = "/app",
            Tags = [ProjectItem.Create("1.0")],
        };
    }

    private sealed class Log : IBuildLog
    {
        public List<string> Warnings { get; } = [];

        public List<string> Told { get; } = [];

        public void Warn(string code, string message) => Warnings.Add(code);

        public void Tell(FormattableString message) => Told.Add(FormattableString.Invariant(message));

        public void Inform(FormattableString message)
        {
        }

        public void Trace(string message)
        {
        }
    }
}
