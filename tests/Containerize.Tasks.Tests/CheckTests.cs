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

        Workspace.Publish(workspace.Project(), OnNothing, ("ContainerChecks", "warn"), ("MSBuildWarningsAsErrors", "CTZ6009")).EnsureError("CTZ6009");

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

        // Nobody knows any more what is in the base's layers.
        var before = workspace.Registry.FindManifest("app", "latest")!.Digest;
        Assert.Equal(told, Workspace.Publish(project, [.. properties, ("InformationalVersion", "2")]).EnsureWarning("CTZ6009"));
        Assert.False(ReadsBase());
        Assert.NotEqual(before, workspace.Registry.FindManifest("app", "latest")!.Digest);

        File.WriteAllText(native, "another");
        Assert.Equal(told, Workspace.Publish(project, properties).EnsureWarning("CTZ6009"));
        Assert.True(ReadsBase());

        bool ReadsBase()
        {
            var reads = Reads(workspace) > 0;
            workspace.Registry.ClearRequests();
            Directory.Delete(workspace.PathOf("cache"), recursive: true);
            return reads;
        }
    }

    /// <summary>Reading them before would put them on the disk, or fetch them twice.</summary>
    [Fact]
    public async Task On_their_way_from_one_registry_to_another_the_base_s_layers_are_looked_at_as_they_pass()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        var project = workspace.Project();
        (string, string)[] properties = [ByDefault, ("ContainerRegistry", other.Host), ("ContainerCacheDirectory", workspace.PathOf("cache"))];

        var told = Workspace.Publish(project, properties).EnsureWarning("CTZ6009");

        Assert.Equal(["latest"], other.Tags("app"));
        Assert.Equal(1, Reads(workspace));
        Assert.False(Directory.Exists(workspace.PathOf("cache/layers")));

        // What is in them is known now.
        workspace.Registry.ClearRequests();
        Assert.Equal(told, Workspace.Publish(project, [.. properties, ("ContainerRepository", "second")]).EnsureWarning("CTZ6009"));
        Assert.Equal(0, Reads(workspace));

        // They are there already, and do not pass.
        Directory.Delete(workspace.PathOf("cache"), recursive: true);
        Assert.Equal(told, Workspace.Publish(project, [.. properties, ("ContainerDescription", "new")]).EnsureWarning("CTZ6009"));
        Assert.Equal(1, Reads(workspace));
        Assert.False(Directory.Exists(workspace.PathOf("cache/layers")));
    }

    [Fact]
    public async Task Where_they_are_errors_the_base_s_layers_are_looked_at_before_anything_is_sent_and_fetched_once_all_the_same()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        (string, string)[] properties = [("ContainerChecks", "Error"), ("ContainerRegistry", other.Host), ("ContainerCacheDirectory", workspace.PathOf("cache"))];

        Workspace.Publish(workspace.Project(), properties).EnsureError("CTZ6009");

        Assert.All(other.Requests, request => Assert.Equal("GET", request.Method));
        Assert.Equal(1, Reads(workspace));
        Assert.Equal(
            workspace.Base!.Layers.Select(layer => layer.Digest["sha256:".Length..]),
            Directory.GetFiles(workspace.PathOf("cache/layers")).Select(Path.GetFileName).Where(name => name!.Length == 64));
    }

    /// <summary>While the image is sent, the publish folder may become another publish's.</summary>
    [Fact]
    public async Task What_was_changed_while_the_image_was_sent_is_not_what_was_checked()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        var native = workspace.Write("libthing.so", "no ELF");
        workspace.WriteItems("""<ContainerFile Include="$(MSBuildThisFileDirectory)libthing.so" Path="/app/" />""");
        (string, string)[] properties = [ByDefault, ("ContainerRegistry", other.Host), ("ContainerCacheDirectory", workspace.PathOf("cache"))];
        other.Faults.Add("PUT", "/blobs/", 1, (context, next) =>
        {
            File.WriteAllText(native, "another");
            return next(context);
        });

        var text = Workspace.Publish(workspace.Project(), properties).EnsureWarning("CTZ6013");

        Assert.Contains("the published files were changed while the image was sent", text, StringComparison.Ordinal);
        Assert.Equal(["latest"], other.Tags("app"));
    }

    private static int Reads(Workspace workspace) => workspace.Registry.Requests.Count(
        request => request.Method == "GET" && request.Path.EndsWith("/base/blobs/" + workspace.Base!.Layers[0].Digest, StringComparison.Ordinal));

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
        var project = workspace.Project(project => project.Property("InvariantGlobalization", "true").Property("RollForward", "Major"), sdk: "Microsoft.NET.Sdk.Web", compiles: true);
        workspace.Write("App/Program.cs", "System.Console.WriteLine(System.TimeZoneInfo.FindSystemTimeZoneById(args[0]) + await new System.Net.Http.HttpClient().GetStringAsync(args[1]));\n");

        Workspace.Publish(project, OnNothing, ByDefault).EnsureWarning("CTZ6009");

        var needs = workspace.Plan()["needs"]!;
        Assert.Equal(["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"], needs["frameworks"]!.AsArray().Select(framework => (string)framework!["name"]!));
        Assert.Equal("Major", (string?)needs["frameworks"]![0]!["rollForward"]);
        Assert.True((bool)needs["usesIcu"]!);
        Assert.True((bool)needs["invariantGlobalization"]!);
        Assert.False((bool)needs["isSelfContained"]!);
        Assert.Equal(("ASP.NET Core", "App.dll", "App.dll"), ((string?)needs["openSslUser"], (string?)needs["tlsClient"], (string?)needs["timeZoneUser"]));
    }
}
