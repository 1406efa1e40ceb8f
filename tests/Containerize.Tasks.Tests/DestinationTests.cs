using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Items ContainerDestination, from the project file to where the image then is.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class DestinationTests(PackageFixture fixture)
{
    private static readonly ImageValidationOptions OneLayer = new() { OwnLayers = 1 };

    [Fact]
    public async Task One_build_reaches_two_registries_an_archive_and_a_layout()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        var project = workspace.Project(project => Destinations(
            project.Property("ContainerImageTags", "1.0;latest"),
            ($"{other.Host}/acme/shop", "Tags", "2.0;edge"),
            ("oci-archive:out/shop.tar", "Repository", "acme/shop"),
            ("oci:out/layout:nightly", "", "")));

        var outcome = Workspace.Publish(project).EnsureSuccess();

        var registry = workspace.Registry;
        var digest = outcome["GeneratedContainerDigest"];
        Assert.Equal(["1.0", "latest"], registry.Tags("app"));
        Assert.Equal(["2.0", "edge"], other.Tags("acme/shop"));
        Assert.Equal(digest, registry.FindManifest("app", "1.0")!.Digest);
        Assert.Equal(digest, other.FindManifest("acme/shop", "edge")!.Digest);
        var archive = workspace.PathOf("App", "out", "shop.tar");
        var layout = workspace.PathOf("App", "out", "layout");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(archive, "latest"), OneLayer);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(layout, "nightly"), OneLayer);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(other, "acme/shop", "2.0"), OneLayer);
        Assert.Equal(["acme/shop:1.0", "acme/shop:latest"], ImageUnderTest.FromArchive(archive, "latest").RepoTags);

        string[] names =
        [
            $"{other.Host}/acme/shop:2.0", $"{other.Host}/acme/shop:edge", "acme/shop:1.0", "acme/shop:latest", "app:nightly",
            $"{registry.Host}/app:1.0", $"{registry.Host}/app:latest",
        ];
        Assert.Equal(names, outcome.Items("InspectGeneratedContainerName").Select(item => item.ItemSpec));
        Assert.Equal(string.Concat(names.Select(name => $"{name}@{digest}\n")), File.ReadAllText(workspace.Report("image.references")));
        Assert.Equal(archive, outcome["GeneratedArchiveOutputPath"]);
        Assert.Equal(
            [
                $"App -> {other.Host}/acme/shop:2.0@{digest} (also edge)",
                $"App -> {archive} (acme/shop:1.0@{digest}) (also latest); load it with: docker load --input \"{archive}\"",
                $"App -> {layout} (app:nightly@{digest})",
                $"App -> {registry.Host}/app:1.0@{digest} (also latest)",
            ],
            outcome.Output.Messages.High.Where(
                message =>
                    message.StartsWith("App -> ", StringComparison.Ordinal) && message.Contains("sha256:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Images_in_the_projects_folder_are_no_part_of_the_next_one()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => Destinations(project, ("oci:layout", "", ""), ("docker-archive:image.json", "", "")), sdk: "Microsoft.NET.Sdk.Web");

        var first = Workspace.Publish(project).EnsureSuccess();
        Assert.True(File.Exists(workspace.PathOf("App", "layout", "index.json")));
        var second = Workspace.Publish(project).EnsureSuccess();

        Assert.DoesNotContain(workspace.Files(), file => file.StartsWith("layout/", StringComparison.Ordinal) || file == "image.json");
        Assert.Equal(first["GeneratedContainerDigest"], second["GeneratedContainerDigest"]);
    }

    [Fact]
    public void The_plan_holds_all_destinations_and_needs_no_server()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(project => Destinations(
            project,
            ("ghcr.io/acme/shop:1.2", "", ""),
            ("ghcr.io/acme/shop", "Tags", "1.3"),
            ("oci:layout", "", ""),
            ("docker-daemon:", "", "")));
        workspace.Write("publish/App.dll", "app");

        Workspace.Build(
            project, ["_ContainerizeEstablish", "ComputeContainerConfig", "ContainerizePlan"],
            [("ContainerBaseImage", "scratch"), (
                "PublishDir", workspace.PathOf("publish") + "/"), ("ContainerArchiveOutputPath", "../app.tar")]).EnsureSuccess();

        var expected = new JsonArray(
            new JsonObject { ["kind"] = "registry", ["target"] = "ghcr.io", ["repository"] = "acme/shop", ["tags"] = new JsonArray("1.2", "1.3") },
            new JsonObject { ["kind"] = "ociLayout", ["target"] = workspace.PathOf("App", "layout") },
            new JsonObject { ["kind"] = "engine", ["target"] = "Docker" },
            new JsonObject { ["kind"] = "archive", ["target"] = workspace.PathOf("app.tar") });
        Assert.True(JsonNode.DeepEquals(expected, workspace.Plan()["destinations"]), workspace.Plan()["destinations"]!.ToJsonString());
    }

    [Theory]
    [InlineData("acme/shop", "", "", "names no registry")]
    [InlineData("oci:", "", "", "lacks a path")]
    [InlineData("ghcr.io/acme/shop:1", "Tags", "2", "Keep one of them")]
    public async Task What_is_wrong_is_told_before_anything_is_asked(string include, string name, string value, string says)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => Destinations(project, ($"{workspace.Registry.Host}/good", "", ""), (include, name, value)));

        var text = Workspace.Publish(project).EnsureError("CTZ1036");

        Assert.Contains($"ContainerDestination '{include}'", text, StringComparison.Ordinal);
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Requests);
    }

    [Fact]
    public async Task A_registry_that_refuses_keeps_the_others_without_a_tag()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await TestRegistry.StartAsync();
        other.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.Status(400));
        var project = workspace.Project(
            project => Destinations(project, ($"{other.Host}/app", "", ""), ("oci-archive:out/app.tar", "", "")));

        var text = Workspace.Publish(project).EnsureError("CTZ4003");

        Assert.EndsWith($"The image has arrived already as {workspace.PathOf("App", "out", "app.tar")}.", text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));
        Assert.NotEmpty(workspace.Registry.Blobs("app"));
    }

    private static void Destinations(ProjectCreator project, params (string Include, string Name, string Value)[] items)
    {
        foreach (var (include, name, value) in items)
            project.ItemInclude(
                "ContainerDestination", include, metadata: name.Length == 0 ? null : new Dictionary<string, string?> { [name] = value });
    }
}
