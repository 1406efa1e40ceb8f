using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json.Nodes;
using Containerize.Testing;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// What the compiler writes of the sources' paths: nothing changes without an image, and with one debuggers still find the sources.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SourcePathTests(PackageFixture fixture)
{
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Theory]
    [InlineData("property", "/_/src/Shop/Program.cs")]
    [InlineData("profile", "/_/src/Shop/Program.cs")]
    [InlineData("target", "REAL/src/Shop/Program.cs")]
    [InlineData("plain", "REAL/src/Shop/Program.cs")]
    [InlineData("Debug", "REAL/src/Shop/Program.cs")]
    public async Task In_a_repository_Source_Link_covers_the_document(string way, string document)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(folder: "src/Shop", compiles: true);
        await InitAsync(workspace.Root);

        Build(project, way).EnsureSuccess();

        var (documents, map) = Symbols(workspace.PathOf("src/Shop"), way == "Debug" ? "Debug" : "Release");
        var root = document.StartsWith("/_/", StringComparison.Ordinal) ? "/_/" : workspace.Root + "/";
        Assert.Equal(
            document.Replace("REAL", workspace.Root, StringComparison.Ordinal),
            documents.Single(name => name.EndsWith("/Program.cs", StringComparison.Ordinal)));
        // What a debugger does: the entry whose key fits, and the rest of the path.
        var entry = Assert.Single(map, entry => entry.Key == root + "*");
        Assert.EndsWith("/*", (string?)entry.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_repository_the_projects_folder_is_mapped()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(compiles: true);

        Build(project, "property").EnsureSuccess();

        Assert.Contains("/_/App/Program.cs", Symbols(workspace.PathOf("App"), "Release").Documents);
    }

    // Build, test, publish is what a CI does.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_built_without_an_image_is_compiled_anew_for_one_and_the_other_way_round(bool inRepository)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(folder: "src/Shop", compiles: true);
        if (inRepository)
            await InitAsync(workspace.Root);

        foreach (var (way, mapped) in new[] { ("plain", false), ("property", true), ("plain", false), ("profile", true) })
        {
            Build(project, way).EnsureSuccess();
            var document = Symbols(
                workspace.PathOf("src/Shop"), "Release").Documents.Single(name => name.EndsWith("/Program.cs", StringComparison.Ordinal));
            Assert.Equal(mapped, document.StartsWith("/_/", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task What_the_user_says_of_it_holds(string value)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(
            project => project.Property("DeterministicSourcePaths", value).Property("PathMap", "/nowhere=/n"), compiles: true);

        Assert.True(Build(project, "property").Succeeded);

        Assert.Contains(
            value == "true" ? "/_/App/Program.cs" : workspace.PathOf("App/Program.cs"),
            Symbols(workspace.PathOf("App"), "Release").Documents);
    }

    // A reference changes nothing: the same bytes, in the same folder, one after the other; NuGet's own files aside, which name the
    // package.
    [Theory]
    [InlineData("console", "Build")]
    [InlineData("console", "Publish")]
    [InlineData("web", "Publish")]
    [InlineData("worker", "Publish")]
    [InlineData("repository", "Publish")]
    public async Task Without_an_image_a_build_with_the_package_is_the_one_without(string kind, string target)
    {
        var workspace = Workspace.Create(fixture);
        workspace.Write("App/wwwroot/site.css", "body { color: red }\n");
        var project = workspace.Project(
            sdk: kind switch { "web" => "Microsoft.NET.Sdk.Web", "worker" => "Microsoft.NET.Sdk.Worker", _ => "Microsoft.NET.Sdk" },
            reference: project =>
                project.ItemPackageReference(fixture.Package.Id, fixture.Package.Version, condition: "'$(WithPackage)' == 'true'"),
            compiles: true);
        workspace.Write("App/Program.cs", """
            System.Console.WriteLine(Where.File());
            static class Where { public static string File([System.Runtime.CompilerServices.CallerFilePath] string file = "") => file; }
            """);
        if (kind == "repository")
            await InitAsync(workspace.Root);

        var without = Files("false");
        // In another second: manifests of static assets hold times in seconds, and would else differ from one build to the next by chance.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var again = Files("false");
        var with = Files("true");

        Assert.Equal(without.Keys, with.Keys);
        // What differs between two builds without it has times in it: manifests and caches of static assets.
        Assert.Equal(
            [],
            without.Where(file => again[file.Key].AsSpan().SequenceEqual(file.Value) && !with[file.Key].AsSpan().SequenceEqual(file.Value))
                .Select(file => file.Key));
        Assert.All(
            without.Where(file => !again[file.Key].AsSpan().SequenceEqual(file.Value)),
            file => Assert.Matches("staticwebassets|cache", file.Key));
        Assert.Contains(without.Keys, file => file.EndsWith("App.dll", StringComparison.Ordinal));

        SortedDictionary<string, byte[]> Files(string value)
        {
            foreach (var folder in new[] { "bin", "obj" })
            {
                if (Directory.Exists(workspace.PathOf("App", folder)))
                    Directory.Delete(workspace.PathOf("App", folder), recursive: true);
            }

            Workspace.Build(project, [target], [("WithPackage", value)]).EnsureSuccess();
            var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var file in Directory.EnumerateFiles(workspace.PathOf("App"), "*", SearchOption.AllDirectories))
            {
                if (!Path.GetFileName(file).StartsWith("project.", StringComparison.Ordinal)
                    && !file.Contains(".nuget.", StringComparison.Ordinal) && !file.EndsWith(".assets.cache", StringComparison.Ordinal))
                    files[Path.GetRelativePath(workspace.Root, file)] = File.ReadAllBytes(file);
            }

            return files;
        }
    }

    private static Outcome Build(ProjectCreator project, string way) => way switch
    {
        "property" => Workspace.Publish(project),
        "profile" => Workspace.Build(project, ["Publish"], [("PublishProfile", "DefaultContainer")]),
        "target" => Workspace.Build(project, ["Publish", "PublishContainer"]),
        "Debug" => Workspace.Publish(project, ("Configuration", "Debug")),
        _ => Workspace.Build(project, ["Publish"]),
    };

    private static async Task InitAsync(string root)
    {
        File.WriteAllText(Path.Combine(root, ".gitignore"), "bin\nobj\n");
        foreach (var arguments in new string[][]
        {
            ["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop"], ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "x"],
        })
        {
            (await ProcessRunner.RunAsync(new ProcessCommand("git", ["-C", root, .. arguments]))).EnsureSuccess();
        }
    }

    private static (List<string> Documents, JsonObject Map) Symbols(string project, string configuration)
    {
        var folder = Path.Combine(project, "obj", configuration, "net10.0");
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.Combine(folder, "App.pdb")));
        var reader = provider.GetMetadataReader();
        var documents = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToList();
        var map = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == SourceLink)
            .Select(information => JsonNode.Parse(reader.GetBlobBytes(information.Value))!["documents"]!.AsObject()).FirstOrDefault();
        return (documents, map ?? []);
    }
}
