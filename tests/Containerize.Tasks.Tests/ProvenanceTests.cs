using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Which layer a file lands in, by items as real publishes make them.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ProvenanceTests(PackageFixture fixture)
{
    private static readonly string Rid = "linux-" + Workspace.ThisArchitecture;

    [Fact]
    public async Task A_portable_publish()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace);

        Workspace.Publish(project).EnsureSuccess();

        var expected = new Dictionary<string, string>
        {
            ["App.deps.json"] = "application",
            ["App.dll"] = "application",
            ["App.runtimeconfig.json"] = "application",
            ["Acme.Managed.dll"] = "packages",
            ["Acme.ByPath.dll"] = "packages",
            ["Lib.dll"] = "projects",
            ["acme-content.txt"] = "packages",
            ["data/own.json"] = "application",
            ["lib-content.json"] = "projects",
            ["fr/Acme.Managed.resources.dll"] = "packages",
            [$"runtimes/{Rid}/native/libacme.so"] = "packages",
        };
        Assert.Equal(
            string.Join('\n', expected.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key}: {file.Value}")),
            string.Join('\n', Layers(workspace).Select(file => $"{file.Key}: {file.Value}")));
        Assert.Equal(
            ["packages", "projects", "application"], workspace.Plan()["layers"]!.AsArray().Select(layer => (string?)layer!["name"]));
    }

    [Fact]
    public async Task A_publish_for_a_runtime_identifier_has_natives_beside_the_program()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(Project(workspace), ("RuntimeIdentifier", Rid), ("SelfContained", "false")).EnsureSuccess();

        var layers = Layers(workspace);
        Assert.Equal("packages", layers["libacme.so"]);
        Assert.DoesNotContain(layers.Keys, file => file.StartsWith("runtimes/", StringComparison.Ordinal));
        Assert.Equal("application", layers["App.dll"]);
        Assert.Equal("projects", layers["Lib.dll"]);
    }

    [Fact]
    public async Task A_second_single_file_publish_keeps_its_companions()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace, project => project
            .Property("PublishSingleFile", "true").Property("SelfContained", "false").Property("RuntimeIdentifier", Rid)
            // It would need a package of the SDK's.
            .Property("EnableSingleFileAnalyzer", "false"));

        var first = Workspace.Publish(project).EnsureSuccess();
        var files = workspace.Files();
        var second = Workspace.Publish(project).EnsureSuccess();
        var third = Workspace.Build(project, ["PublishContainer", .. Outcome.Inspections]).EnsureSuccess();

        // The satellite is no assembly, so the bundle leaves it out as well.
        Assert.Equal(
            ["App", "acme-content.txt", "data/own.json", "fr/Acme.Managed.resources.dll", "lib-content.json", "libacme.so"], files);
        Assert.Equal(files, workspace.Files());
        Assert.Equal(first["GeneratedContainerDigest"], second["GeneratedContainerDigest"]);
        Assert.Equal(first["GeneratedContainerDigest"], third["GeneratedContainerDigest"]);
        Assert.Equal("packages", workspace.LayerOf("libacme.so"));
        Assert.Equal("application", workspace.LayerOf("App"));
        Assert.Equal("/app/App", workspace.Config().GetProperty("config").GetProperty("Entrypoint")[0].GetString());
    }

    [Fact]
    public async Task Only_the_application_layer_changes_with_the_application()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace);
        Workspace.Publish(project).EnsureSuccess();
        var before = Digests(workspace);
        workspace.Write("App/data/own.json", "{ \"changed\": true }");

        Workspace.Publish(project).EnsureSuccess();

        var after = Digests(workspace);
        Assert.Equal(before[..^1], after[..^1]);
        Assert.NotEqual(before[^1], after[^1]);
    }

    [Fact]
    public async Task Web_applications_of_libraries_keep_their_assets_apart()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var library = workspace.Project(name: "Razor", sdk: "Microsoft.NET.Sdk.Razor", outputType: "Library", reference: _ => { });
        workspace.Write("Razor/wwwroot/lib.js", "console.log(1)\n");
        workspace.Write("App/wwwroot/site.css", "body { color: black }\n");
        var project = workspace.Project(project => project.ItemProjectReference(library), sdk: "Microsoft.NET.Sdk.Web");
        library.TryRestore(out _, out _);

        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/site.css"));
        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/_content/Razor/lib.js"));
        Assert.Equal("projects", workspace.LayerOf("Razor.dll"));
    }

    [Fact]
    public async Task A_project_that_another_reference_brings_along_is_a_project()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        // Compiled: of two assemblies that are the same one, the SDK publishes one.
        var deep = workspace.Project(name: "Deep", outputType: "Library", reference: _ => { }, compiles: true);
        var library = workspace.Project(
            project => project.ItemProjectReference(deep),
            name: "Lib",
            outputType: "Library",
            reference: _ => { },
            compiles: true);
        var program = workspace.Project(project => project.ItemProjectReference(library), compiles: true);
        deep.TryRestore(out _, out _);
        library.TryRestore(out _, out _);

        Workspace.Publish(program).EnsureSuccess();

        Assert.Equal("projects", workspace.LayerOf("Lib.dll"));
        Assert.Equal("projects", workspace.LayerOf("Deep.dll"));
    }

    [Theory]
    [InlineData("AfterTargets", "ComputeFilesToPublish")]
    [InlineData("BeforeTargets", "ComputeResolvedFilesToPublishList")]
    public async Task A_single_page_application_that_a_target_publishes_is_a_static_asset(string when, string target)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/ClientApp/dist/index.html", "<html></html>");
        workspace.Write("App/ClientApp/dist/assets/index-Dk3f.js", "console.log(1)");
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <Target Name="PublishClient" {when}="{target}">
                <ItemGroup>
                  <DistFiles Include="ClientApp/dist/**" />
                  <ResolvedFileToPublish Include="@(DistFiles->'%(FullPath)')" RelativePath="wwwroot\%(DistFiles.RecursiveDir)%(DistFiles.Filename)%(DistFiles.Extension)" CopyToPublishDirectory="PreserveNewest" />
                </ItemGroup>
              </Target>
            </Project>
            """);

        Workspace.Publish(workspace.Project(sdk: "Microsoft.NET.Sdk.Web")).EnsureSuccess();

        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/index.html"));
        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/assets/index-Dk3f.js"));
        Assert.Equal("static-assets", workspace.LayerOf("App.staticwebassets.endpoints.json"));
    }

    [Fact]
    public async Task A_single_page_application_that_a_target_copies_to_the_publish_folder_is_a_static_asset()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/ClientApp/dist/index.html", "<html></html>");
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="PublishClient" AfterTargets="CopyFilesToPublishDirectory">
                <Copy SourceFiles="ClientApp/dist/index.html" DestinationFolder="$(PublishDir)wwwroot" />
              </Target>
            </Project>
            """);

        Workspace.Publish(workspace.Project(sdk: "Microsoft.NET.Sdk.Web")).EnsureSuccess();

        Assert.Equal("static-assets", workspace.LayerOf("wwwroot/index.html"));
    }

    [Fact]
    public async Task A_web_application_without_static_assets_has_no_layer_for_them()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project(sdk: "Microsoft.NET.Sdk.Web")).EnsureSuccess();

        Assert.Equal("application", workspace.LayerOf("App.staticwebassets.endpoints.json"));
        Assert.Equal(["application"], workspace.Plan()["layers"]!.AsArray().Select(layer => (string?)layer!["name"]));
    }

    private ProjectCreator Project(Workspace workspace, Action<ProjectCreator>? more = null)
    {
        fixture.Repository
            .Package("Acme.Managed", "1.0.0", out var managed).Library("net10.0")
            .FileText("lib/net10.0/fr/Acme.Managed.resources.dll", "satellite")
            .Package("Acme.Native", "1.0.0", out var native).Library("net10.0", filename: "_._")
            .FileText($"runtimes/{Rid}/native/libacme.so", "native").FileText("runtimes/win-x64/native/acme.dll", "other")
            .FileText("runtimes/osx-arm64/native/libacme.dylib", "other")
            .Package("Acme.ByPath", "1.0.0", out _).Library("net10.0")
            .Package("Acme.Content", "1.0.0", out var content)
            .FileText("data/acme-content.txt", "content")
            .BuildTargets(targets => targets.ItemNone(
                "$(MSBuildThisFileDirectory)../data/acme-content.txt",
                link: "acme-content.txt",
                copyToOutputDirectory: "PreserveNewest"));
        // NuGet's mark of a folder that is there and empty.
        var lib = Path.Combine(fixture.Repository.GlobalPackagesFolder, "acme.native", "1.0.0", "lib", "net10.0");
        foreach (var file in Directory.EnumerateFiles(lib))
            File.Move(file, Path.Combine(lib, "_._"), overwrite: true);

        workspace.Write("Lib/lib-content.json", "{}");
        workspace.Write("App/data/own.json", "{}");
        var byPath = workspace.PathOf("third-party", "Acme.ByPath.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(byPath)!);
        File.Copy(
            Path.Combine(fixture.Repository.GlobalPackagesFolder, "acme.bypath", "1.0.0", "lib", "net10.0", "Acme.ByPath.dll"), byPath);

        var library = workspace.Project(
            project => project.ItemContent("lib-content.json", copyToOutputDirectory: "PreserveNewest"),
            name: "Lib",
            outputType: "Library",
            reference: _ => { });
        var program = workspace.Project(project =>
        {
            project
                // The test host has no cultures (InvariantGlobalization), and in its process the SDK finds none either.
                .Property("NoWarn", "$(NoWarn);NETSDK1188")
                .ItemPackageReference(managed).ItemPackageReference(native).ItemPackageReference(content)
                .ItemProjectReference(library)
                .ItemInclude("Reference", "Acme.ByPath", metadata: new Dictionary<string, string?> { ["HintPath"] = byPath })
                .ItemContent("data/own.json", copyToOutputDirectory: "PreserveNewest");
            more?.Invoke(project);
        });
        library.TryRestore(out var restored, out var output);
        Assert.True(restored, output.GetConsoleLog());
        return program;
    }

    private static SortedDictionary<string, string?> Layers(Workspace workspace) =>
        new(workspace.Files().ToDictionary(file => file, file => workspace.LayerOf(file)), StringComparer.Ordinal);

    private static string[] Digests(Workspace workspace) =>
        [.. System.Text.Json.Nodes.JsonNode.Parse(
            workspace.Registry.FindManifest("app", "latest")!.Content)!["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!)];
}
