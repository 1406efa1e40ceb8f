using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// The checks before anything is published. What they find is the business of the library's tests; here a console program is put
/// on nothing, where it finds no .NET (CTZ6009).
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class CheckTests(PackageFixture fixture)
{
    private static readonly (string, string) OnNothing = ("ContainerBaseImage", "scratch");

    // A global property that is empty takes away the fixture's.
    private static readonly (string, string) ByDefault = ("ContainerChecks", "");

    [Fact]
    public async Task What_does_not_fit_is_a_warning()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var text = Workspace.Publish(workspace.Project(), OnNothing, ByDefault).EnsureWarning("CTZ6009");

        Assert.Contains("Microsoft.NETCore.App 10.0.0", text, StringComparison.Ordinal);
        Assert.Contains("'scratch'", text, StringComparison.Ordinal);
        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
    }

    [Theory]
    [InlineData("Error")]
    [InlineData("eRROR")]
    public async Task As_an_error_it_ends_the_build_before_anything_is_published(string value)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), OnNothing, ("ContainerChecks", value)).EnsureError("CTZ6009");

        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task A_warning_that_is_made_an_error_ends_it_too()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), OnNothing, ("ContainerChecks", "warn"), ("MSBuildWarningsAsErrors", "CTZ6009"))
            .EnsureError("CTZ6009");

        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task A_warning_can_be_silenced()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), OnNothing, ByDefault, ("NoWarn", "CTZ6009")).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task Where_only_managed_code_has_changed_the_base_is_not_looked_at_and_findings_are_told_again()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var native = workspace.Write("libthing.so", "no ELF");
        // Files that were written just now are told by their content, which is another thing to look at a moment later.
        File.SetLastWriteTimeUtc(native, DateTime.UtcNow.AddHours(-1));
        workspace.WriteItems("""<ContainerFile Include="$(MSBuildThisFileDirectory)libthing.so" Path="/app/" />""");
        var project = workspace.Project(compiles: true);
        (string, string)[] properties = [ByDefault, ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        // The fixture's base has no .NET.
        var told = Workspace.Publish(project, properties).EnsureWarning("CTZ6009");
        Assert.True(ReadsBase());

        // What is in the base's layers is not known any more.
        var before = workspace.Registry.FindManifest("app", "latest")!.Digest;
        Assert.Equal(told, Workspace.Publish(project, [.. properties, ("InformationalVersion", "2")]).EnsureWarning("CTZ6009"));
        Assert.False(ReadsBase());
        Assert.NotEqual(before, workspace.Registry.FindManifest("app", "latest")!.Digest);

        // The record is another one's, and the image at the tag was made from what means the same.
        File.WriteAllText(native, "another");
        Assert.Contains(
            "as an earlier publish found", Workspace.Publish(project, properties).EnsureWarning("CTZ6009"), StringComparison.Ordinal);
        Assert.False(ReadsBase());

        bool ReadsBase()
        {
            var reads = Reads(workspace) > 0;
            workspace.Registry.ClearRequests();
            Directory.Delete(workspace.PathOf("cache"), recursive: true);
            return reads;
        }
    }

    /// <summary>A runner of a CI: it has neither cache nor obj, and the image of the last commit is at the tag.</summary>
    [Fact]
    public async Task A_fresh_machine_takes_what_was_found_from_the_image_that_is_there()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(compiles: true);
        (string, string)[] properties = [ByDefault, ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        Workspace.Publish(project, properties).EnsureWarning("CTZ6009");
        Assert.True(ReadsBase(workspace));
        var label = LabelOf(workspace);
        Assert.Matches("^1 [0-9a-f]{32} CTZ6009=Microsoft.NETCore.App%2010.0.0%20is%20missing$", label);

        // Another line of code.
        var before = workspace.Registry.FindManifest("app", "latest")!.Digest;
        var told = Workspace.Publish(project, [.. properties, ("InformationalVersion", "2")]).EnsureWarning("CTZ6009");
        Assert.Contains("as an earlier publish found: Microsoft.NETCore.App 10.0.0 is missing.", told, StringComparison.Ordinal);
        Assert.False(ReadsBase(workspace));
        var after = workspace.Registry.FindManifest("app", "latest")!.Digest;
        Assert.NotEqual(before, after);
        Assert.Equal(label, LabelOf(workspace));

        // Nothing new: the same image.
        Workspace.Publish(project, [.. properties, ("InformationalVersion", "2")]).EnsureWarning("CTZ6009");
        Assert.False(ReadsBase(workspace));
        Assert.Equal(after, workspace.Registry.FindManifest("app", "latest")!.Digest);

        // Another repository has no image yet.
        Workspace.Publish(project, [.. properties, ("ContainerRepository", "second"), ("InformationalVersion", "2")])
            .EnsureWarning("CTZ6009");
        Assert.True(ReadsBase(workspace));

        // Something that is looked at.
        Workspace.Publish(project, [.. properties, ("ContainerUser", "0")]).EnsureWarning("CTZ6009");
        Assert.True(ReadsBase(workspace));
        Assert.NotEqual(label, LabelOf(workspace));

        // What is an error is looked for.
        Workspace.Publish(project, [("ContainerChecks", "Error"), .. properties.Skip(1), ("ContainerUser", "0")]).EnsureError("CTZ6009");
        Assert.True(ReadsBase(workspace));
    }

    [Fact]
    public async Task Without_the_label_nothing_is_fetched_for_warnings()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = [ByDefault, (
            "ContainerCacheDirectory", workspace.PathOf("cache")), ("ContainerGenerateLabelsFitCheck", "false")];

        var outcome = Workspace.Publish(workspace.Project(), properties);

        outcome.EnsureSuccess();
        Assert.Contains("App: the fit was not checked", outcome.Log, StringComparison.Ordinal);
        Assert.False(ReadsBase(workspace));
        Assert.Null(LabelOf(workspace));
    }

    /// <summary>Who may push to the tag may write any label.</summary>
    [Theory]
    [InlineData("1 0123456789abcdef0123456789abcdef")]
    [InlineData("##vso[task.complete result=Failed;]")]
    public async Task A_label_of_others_is_not_believed(string label)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems($"""<ContainerLabel Include="io.github.containerize.fit" Value="{label}" />""");
        (string, string)[] properties = [ByDefault, ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        Workspace.Publish(workspace.Project(), properties).EnsureSuccess();
        Assert.Equal(label, LabelOf(workspace));
        Assert.False(ReadsBase(workspace));

        workspace.WriteItems("");
        Workspace.Publish(workspace.Project(), properties).EnsureWarning("CTZ6009");
        Assert.True(ReadsBase(workspace));
        Assert.StartsWith("1 ", LabelOf(workspace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_label_of_the_base_is_not_the_image_s()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = [ByDefault, ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        Workspace.Publish(workspace.Project(), properties).EnsureWarning("CTZ6009");
        workspace.Registry.ClearRequests();

        var outcome = Workspace.Publish(
            workspace.Project(), [.. properties, (
                "ContainerBaseImage",
                $"{workspace.Registry.Host}/app:latest"), ("ContainerRepository", "next"), ("ContainerGenerateLabelsFitCheck", "false")]);

        Assert.True(outcome.Succeeded, outcome.Log);

        Assert.Null(LabelOf(workspace, "next"));
    }

    private static string? LabelOf(Workspace workspace, string repository = "app") =>
        (string?)new PushedFiles(workspace.Registry, repository).Config["config"]!["Labels"]!["io.github.containerize.fit"];

    // Whether it has read the base since the last call; afterwards this is a fresh machine.
    private static bool ReadsBase(Workspace workspace)
    {
        var reads = Reads(workspace) > 0;
        workspace.Registry.ClearRequests();
        workspace.ForgetMachine();
        return reads;
    }

    [Fact]
    public async Task Where_they_are_errors_the_base_s_layers_are_looked_at_before_anything_is_sent_and_fetched_once_all_the_same()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        (string, string)[] properties = [(
            "ContainerChecks", "Error"), ("ContainerRegistry", other.Host), ("ContainerCacheDirectory", workspace.PathOf("cache"))];

        Workspace.Publish(workspace.Project(), properties).EnsureError("CTZ6009");

        Assert.All(other.Requests, request => Assert.Equal("GET", request.Method));
        Assert.Equal(1, Reads(workspace));
        Assert.Equal(
            workspace.Base!.Layers.Select(layer => layer.Digest["sha256:".Length..]),
            Directory.GetFiles(workspace.PathOf("cache/layers")).Select(Path.GetFileName).Where(name => name!.Length == 64));
    }

    private static int Reads(Workspace workspace) => workspace.Registry.Requests.Count(
        request => request.Method == "GET"
            && request.Path.EndsWith("/base/blobs/" + workspace.Base!.Layers[0].Digest, StringComparison.Ordinal));

    [Theory]
    [InlineData("None")]
    [InlineData(" none ")]
    public async Task Without_checks_nothing_is_said(string value)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(), OnNothing, ("ContainerChecks", value)).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        Assert.Equal("none", (string?)workspace.Plan()["checks"]);
    }

    [Fact]
    public void A_value_that_is_not_known()
    {
        var text = fixture.Plan(OnNothing, ("ContainerChecks", "Strict")).EnsureError("CTZ1037");

        Assert.Equal("ContainerChecks is 'Strict'. Set it to 'Warn', 'Error' or 'None', or remove it.", text);
    }

    [Fact]
    public async Task The_plan_tells_what_the_application_needs()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.Property("InvariantGlobalization", "true").Property("RollForward", "Major"),
            sdk: "Microsoft.NET.Sdk.Web",
            compiles: true);
        workspace.Write(
            "App/Program.cs",
            "System.Console.WriteLine(System.TimeZoneInfo.FindSystemTimeZoneById(args[0]) + await new "
                + "System.Net.Http.HttpClient().GetStringAsync(args[1]));\n");

        Workspace.Publish(project, OnNothing, ByDefault).EnsureWarning("CTZ6009");

        var needs = workspace.Plan()["needs"]!;
        Assert.Equal(
            ["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"],
            needs["frameworks"]!.AsArray().Select(framework => (string)framework!["name"]!));
        Assert.Equal("Major", (string?)needs["frameworks"]![0]!["rollForward"]);
        Assert.True((bool)needs["usesIcu"]!);
        Assert.True((bool)needs["invariantGlobalization"]!);
        Assert.False((bool)needs["isSelfContained"]!);
        Assert.Equal(
            ("ASP.NET Core", "App.dll", "App.dll"),
            ((string?)needs["openSslUser"], (string?)needs["tlsClient"], (string?)needs["timeZoneUser"]));
    }
}
