using Microsoft.Build.Construction;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The ways to reference the package, and the take-over of the SDK's container targets.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ImportTests(PackageFixture fixture)
{
    private static readonly string[] OurTargets =
        ["PublishContainer", "ComputeContainerConfig", "ComputeContainerBaseImage", "Containerize", "ContainerizePlan", "ContainerizeResolveBase", "ContainerizeBuildLayers", "ContainerizePublish", "ContainerizeOutputs"];

    public static TheoryData<string> Forms => ["PackageReference", "Sdk", "both", "GlobalPackageReference"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_publishes_without_a_warning(string form)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(reference: Form(workspace, form));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        Assert.Equal(1, workspace.ManifestPuts);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_defines_each_target_once_and_keeps_the_SDKs_out(string form)
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(reference: Form(workspace, form));
        project.TryRestore(out var restored, out var output);
        Assert.True(restored, output.GetConsoleLog());

        var evaluated = project.Project;
        Assert.Equal("true", evaluated.GetPropertyValue("ContainerizePropsImported"));
        Assert.Equal("true", evaluated.GetPropertyValue("ContainerizeTargetsImported"));
        Assert.Equal("", evaluated.GetPropertyValue("_IsSDKContainerAllowedVersion"));
        Assert.EndsWith(ReadyToRunTasks.AssemblyForThisMachine, ReadyToRunTasks.AssemblyOf(evaluated), StringComparison.Ordinal);
        foreach (var target in OurTargets)
        {
            var definition = Assert.Single(Definitions(evaluated, target));
            Assert.Contains("/containerize/", definition.ContainingProject.FullPath.Replace('\\', '/'), StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain(
            evaluated.Imports, import => Path.GetFileName(import.ImportedProject.FullPath) == "Microsoft.NET.Build.Containers.targets");
        Assert.Single(evaluated.GetItems("ProjectCapability"), item => item.EvaluatedInclude == "NetSdkOCIImageBuild");
    }

    [Fact]
    public void A_library_that_references_the_package_does_not_hand_it_on()
    {
        var workspace = Workspace.Create(fixture);
        var library = workspace.Project(name: "Lib", outputType: "Library");
        var program = workspace.Project(reference: project => project.ItemProjectReference(library));
        program.TryRestore(out var restored, out var output);
        Assert.True(restored, output.GetConsoleLog());

        Assert.Equal("", program.Project.GetPropertyValue("ContainerizePropsImported"));
    }

    [Fact]
    public void A_plain_publish_builds_no_image()
    {
        var workspace = Workspace.Create(fixture);

        var outcome = Workspace.Build(workspace.Project(), ["Publish", .. Outcome.Inspections]).EnsureSuccess();

        Assert.Equal("", outcome["GeneratedContainerDigest"]);
        Assert.Empty(Directory.EnumerateDirectories(workspace.PathOf("App", "obj"), "containerize", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_SDKs_targets_come_back_only_with_a_warning()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("_ContainersTargetsDir", ""));

        var outcome = Workspace.Publish(project);

        Assert.Contains(outcome.Warnings, warning => warning.Code == "CTZ1017");
    }

    [Fact]
    public void The_other_package_is_an_error()
    {
        var workspace = Workspace.Create(fixture);
        fixture.Repository.Package("Microsoft.NET.Build.Containers", "0.0.1", out var other);
        var project = workspace.Project(project => project.ItemPackageReference(other));

        var text = Workspace.Publish(project, ("ContainerRegistry", "127.0.0.1:1")).EnsureError("CTZ1016");

        Assert.Contains("Remove the reference to Microsoft.NET.Build.Containers", text, StringComparison.Ordinal);
    }

    private Action<ProjectCreator> Form(Workspace workspace, string form)
    {
        switch (form)
        {
            case "PackageReference":
                return workspace.Reference;
            case "Sdk":
                return workspace.ReferenceSdk;
            case "both":
                return project =>
                {
                    workspace.ReferenceSdk(project);
                    workspace.Reference(project);
                };
            default:
                workspace.Write("App/Directory.Packages.props", $"""
                    <Project>
                      <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
                      <ItemGroup><GlobalPackageReference Include="{fixture.Package.Id}" Version="{fixture.Package.Version}" /></ItemGroup>
                    </Project>
                    """);
                return _ => { };
        }
    }

    private static List<ProjectTargetElement> Definitions(Project project, string target) =>
        [.. project.Imports.Select(
            import => import.ImportedProject).Append(project.Xml).Distinct().SelectMany(root =>
                root.Targets).Where(candidate => candidate.Name == target)];
}
