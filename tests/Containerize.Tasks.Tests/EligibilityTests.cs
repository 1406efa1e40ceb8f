using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Which projects become images.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class EligibilityTests(PackageFixture fixture)
{
    [Fact]
    public void A_library_is_passed_over_quietly()
    {
        var workspace = Workspace.Create(fixture);

        var outcome = Workspace.Publish(workspace.Project(name: "Lib", outputType: "Library")).EnsureSuccess();

        Assert.Empty(outcome.Items("InspectGeneratedContainer"));
    }

    [Fact]
    public void A_library_that_is_asked_for_by_name_is_an_error()
    {
        var workspace = Workspace.Create(fixture);

        var text = Workspace.Build(workspace.Project(name: "Lib", outputType: "Library"), ["Publish", "PublishContainer"])
            .EnsureError("CTZ1014");

        Assert.Contains("Lib cannot become a container image", text, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_solution_it_is_passed_over_even_then()
    {
        var workspace = Workspace.Create(fixture);

        Workspace.Build(
            workspace.Project(name: "Lib", outputType: "Library"),
            ["Publish", "PublishContainer"],
            [("SolutionPath", workspace.PathOf("All.sln"))]).EnsureSuccess();
    }

    [Theory]
    [InlineData("IsTestProject", "true")]
    [InlineData("IsPublishable", "false")]
    [InlineData("EnableSdkContainerSupport", "false")]
    public void What_is_no_application_is_passed_over(string property, string value)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project => project.Property(property, value));

        Assert.Empty(Workspace.Publish(project).EnsureSuccess().Items("InspectGeneratedContainer"));
        Workspace.Build(project, ["PublishContainer"]).EnsureError("CTZ1014");
    }

    [Fact]
    public async Task A_solution_publishes_its_programs_only()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var library = workspace.Project(name: "Lib", outputType: "Library");
        var program = workspace.Project(project => project.ItemProjectReference(library));
        var tests = workspace.Project(project => project.Property("IsTestProject", "true"), name: "Tests");
        foreach (var project in new[] { library, program, tests })
            Workspace.Build(project, ["_ContainerizeEstablish"]).EnsureSuccess();
        var solution = SolutionCreator.Create(workspace.PathOf("All.slnx")).Project(library, program, tests).Save();

        foreach (var target in new[] { "Publish", "PublishContainer" })
        {
            workspace.Registry.ClearRequests();
            var outcome = Solution(
                solution.FullPath,
                target,
                [("ContainerImageTag", target), .. target == "Publish" ? [("ContainerPublish", "true")] : Array.Empty<(string, string)>()]);
            Assert.True(outcome.Succeeded, outcome.Log);
            Assert.Equal(1, workspace.ManifestPuts);
        }

        Assert.Equal(["Publish", "PublishContainer"], workspace.Registry.Tags("app"));
        Assert.Empty(workspace.Registry.Tags("lib"));
        Assert.Empty(workspace.Registry.Tags("tests"));
    }

    // Kinds whose SDKs need workloads or Windows; what they set is what decides.
    [Theory]
    [InlineData("UsingMicrosoftNETSdkBlazorWebAssembly", "true", "it runs in a browser")]
    [InlineData("UsingMicrosoftNETSdkWebAssembly", "true", "it runs in a browser")]
    [InlineData("RuntimeIdentifier", "wasi-wasm", "it runs in a WASI host")]
    [InlineData("UseWPF", "true", "it is a Windows desktop program")]
    [InlineData("UseWindowsForms", "true", "it is a Windows desktop program")]
    [InlineData("TargetPlatformIdentifier", "android", "it is a program for android")]
    [InlineData("TargetPlatformIdentifier", "ios", "it is a program for ios")]
    [InlineData("TargetPlatformIdentifier", "maccatalyst", "it is a program for maccatalyst")]
    public void What_no_container_can_run_is_passed_over_in_a_solution_and_an_error_by_itself(string property, string value, string why)
    {
        var workspace = Workspace.Create(fixture);
        // Late, so that the SDK does not look for what belongs to these kinds.
        workspace.Write("kind.targets", $"""
            <Project>
              <PropertyGroup Condition="'$(MSBuildRestoreSessionId)' == ''"><{property}>{value}</{property}></PropertyGroup>
              <Target Name="_CheckForUnsupportedTargetPlatformIdentifier" />
              <Target Name="_CheckForInvalidWindowsDesktopTargetingConfiguration" />
            </Project>
            """);
        var project = workspace.Project(project => project
            .Property("UseAppHost", "false").Property("EnableAppHostPackDownload", "false").Property("EnableRuntimePackDownload", "false")
            .Property("SelfContained", "false")
            .Property("RuntimeIdentifier", property == "RuntimeIdentifier" ? value : null)
            .Property("AfterMicrosoftNETSdkTargets", workspace.PathOf("kind.targets")));
        (string, string) solution = ("SolutionPath", workspace.PathOf("All.sln"));

        foreach (var (targets, wish) in new[] { ((string[])["Publish"], new[] { ("ContainerPublish", "true") }), (["PublishContainer"], []) })
        {
            var passed = Workspace.Build(project, [.. targets, .. Outcome.Inspections], [solution, .. wish]).EnsureSuccess();
            Assert.Empty(passed.Items("InspectGeneratedContainer"));
            var line = Assert.Single(
                passed.Output.MessageEvents,
                message => message.Message == $"App is passed over: {why}, and no container can run it.");
            Assert.Equal(Microsoft.Build.Framework.MessageImportance.Normal, line.Importance);
            Assert.StartsWith(
                $"App cannot become a container image: {why}. ",
                Workspace.Build(project, targets, wish).EnsureError("CTZ1014"),
                StringComparison.Ordinal);
        }

        Assert.DoesNotContain(
            Workspace.Build(project, ["Publish"], [solution]).EnsureSuccess().Output.MessageEvents,
            message => message.Message!.Contains("passed over", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PackageReference")]
    [InlineData("Sdk")]
    public void Several_frameworks_are_an_error_until_one_is_named(string form)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(
            project => project.Property("TargetFramework", "").Property("TargetFrameworks", "net10.0"),
            reference: form == "Sdk" ? workspace.ReferenceSdk : workspace.Reference);

        // The other framework's packs need not be here.
        Workspace.Build(project, ["InspectTags"]).EnsureSuccess();

        foreach (var (targets, properties) in new (string[], (string, string)[])[] { (["PublishContainer"], []), (["Publish"], [("ContainerPublish", "true")]), (["Publish"], [("PublishProfile", "DefaultContainer")]) })
        {
            var outcome = Workspace.Build(project, targets, [.. properties, ("TargetFrameworks", "net10.0;net9.0")], restore: false);
            var text = outcome.EnsureError("CTZ1013");
            Assert.Contains("net10.0;net9.0", text, StringComparison.Ordinal);
            Assert.Contains("--framework", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_library_for_several_frameworks_is_no_error_of_ours()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(
            project => project.Property("TargetFramework", "").Property("TargetFrameworks", "net10.0"), name: "Lib", outputType: "Library");

        Workspace.Build(project, ["PublishContainer"]).EnsureSuccess();
    }

    [Theory]
    [InlineData("PackageReference")]
    [InlineData("Sdk")]
    public void Nor_is_a_program_for_several_frameworks_that_is_not_published(string form)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(
            project => project.Property("TargetFramework", "").Property("TargetFrameworks", "net10.0").Property("IsPublishable", "false"),
            reference: form == "Sdk" ? workspace.ReferenceSdk : workspace.Reference);

        Workspace.Build(project, ["Publish"], [("ContainerPublish", "true")]).EnsureSuccess();
    }

    // A solution is no project that could be created: MSBuild builds its metaproject.
    private static Outcome Solution(string path, string target, IEnumerable<(string Name, string Value)> properties)
    {
        var build = ProjectCreator.Create(
            Path.ChangeExtension(path, ".proj"), projectCollection: new Microsoft.Build.Evaluation.ProjectCollection())
            .Target("All")
            .Task("MSBuild", parameters: new Dictionary<string, string?> { ["Projects"] = path, ["Targets"] = target });
        return Workspace.Build(build, ["All"], properties, restore: false);
    }
}
