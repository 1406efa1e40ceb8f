using System.IO.Compression;
using System.Security.Cryptography;
using System.Xml.Linq;
using Containerize.Testing;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The package file itself.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PackageTests(PackageFixture fixture)
{
    // MSBuild would quietly take an assembly that is missing here from the SDK, in whatever version that has.
    private static readonly string[] Tasks =
    [
        "Containerize.Tasks.deps.json",
        "Containerize.Tasks.dll",
        "Containerize.dll",
        "ICSharpCode.SharpZipLib.dll",
        "Microsoft.Extensions.FileSystemGlobbing.dll",
        "NuGet.Versioning.dll",
        "Polly.Core.dll",
        "System.IO.Hashing.dll",
        "Tomlyn.dll",
        "ZstdSharp.dll",
    ];

    private static readonly string[] Content =
    [
        "Containerize.nuspec",
        "README.md",
        "Sdk/Sdk.props",
        "Sdk/Sdk.targets",
        "build/Containerize.Config.targets",
        "build/Containerize.Hook.targets",
        "build/Containerize.Image.targets",
        "build/Containerize.Publish.targets",
        "build/Containerize.Requested.props",
        "build/Containerize.SourcePaths.targets",
        "build/Containerize.props",
        "build/Containerize.targets",
        "buildMultiTargeting/Containerize.props",
        "buildMultiTargeting/Containerize.targets",
        .. new[] { "tasks/net10.0/" }.Concat(ReadyToRunTasks.Folders.Select(folder => $"tasks/net10.0/{folder}/"))
        .SelectMany(folder => Tasks.Select(file => folder + file)),
    ];

    [Fact]
    public void It_holds_exactly_this()
    {
        using var package = ZipFile.OpenRead(fixture.Packed.NupkgPath);

        var files = package.Entries.Select(entry => entry.FullName)
            .Where(
                name =>
                    name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal)
                        && !name.StartsWith("package/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        Assert.Equal(Content.Order(StringComparer.Ordinal), files);
    }

    [Fact]
    public void Its_manifest_makes_it_a_tool_without_dependencies()
    {
        using var package = ZipFile.OpenRead(fixture.Packed.NupkgPath);
        using var stream = package.GetEntry("Containerize.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single();
        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

        Assert.Equal("Containerize", Value("id"));
        Assert.Equal("true", Value("developmentDependency"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal(
            "MSBuildSdk", metadata.Descendants().Single(element => element.Name.LocalName == "packageType").Attribute("name")!.Value);
        Assert.DoesNotContain(
            metadata.Descendants(),
            element => element.Name.LocalName is "dependency" or "group" or "frameworkReference" or "frameworkAssembly");
        Assert.False(string.IsNullOrWhiteSpace(Value("description")));
    }

    [Fact]
    public void The_tasks_dependencies_are_those_that_lie_beside_it()
    {
        using var package = ZipFile.OpenRead(fixture.Packed.NupkgPath);
        Assert.All(package.Entries.Where(entry => entry.Name == "Containerize.Tasks.deps.json"), entry =>
        {
            using var stream = entry.Open();
            var target = System.Text.Json.Nodes.JsonNode.Parse(stream)!["targets"]!.AsObject().Single().Value!.AsObject();

            var assemblies = target.SelectMany(
                library =>
                    library.Value!["runtime"]?.AsObject().Select(file => Path.GetFileName(file.Key))
                        ?? []).Distinct().Order(StringComparer.Ordinal);
            Assert.Equal(Tasks.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), assemblies);
        });
    }

    [Fact]
    public void Targets_name_only_tasks_and_files_that_are_there()
    {
        using var package = ZipFile.OpenRead(fixture.Packed.NupkgPath);
        var tasks = typeof(ContainerizeTask).Assembly.GetExportedTypes()
            .Where(type => !type.IsAbstract && typeof(ContainerizeTask).IsAssignableFrom(type)).Select(type => type.FullName!);
        var targets = XDocument.Load(package.GetEntry("build/Containerize.targets")!.Open()).Root!;

        Assert.Equal(
            tasks.Order(StringComparer.Ordinal),
            targets.Elements("UsingTask").Select(task => task.Attribute("TaskName")!.Value).Order(StringComparer.Ordinal));
        Assert.All(targets.Elements("UsingTask"), task => Assert.Equal("NET", task.Attribute("Runtime")!.Value));
        Assert.All(targets.Elements("Import"), import => Assert.NotNull(package.GetEntry("build/" + import.Attribute("Project")!.Value)));
    }

    [Fact]
    public async Task Packing_the_repository_writes_one_file_and_the_same_again()
    {
        var one = fixture.CreateDirectory();
        var all = Path.GetDirectoryName(Environment.GetEnvironmentVariable("CONTAINERIZE_TEST_PACKAGE"));
        if (all == Repository.PathOf("artifacts", "package"))
        {
            // tests/run.sh has packed the repository there.
            await PackAsync(Repository.PathOf("src", "Containerize.Tasks"), one, null, "--no-build");
        }
        else
        {
            // Beside bin and obj, which others may be building.
            var artifacts = fixture.CreateDirectory();
            all = fixture.CreateDirectory();
            await PackAsync(Repository.Root, all, "1700000000", "--artifacts-path", artifacts);
            await PackAsync(Repository.PathOf("src", "Containerize.Tasks"), one, "1700000000", "--artifacts-path", artifacts, "--no-build");
        }

        var package = Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(all)));
        Assert.Matches(@"^Containerize\.[0-9]+\.[0-9]+\.[0-9]+[^/]*\.nupkg$", package);
        Assert.Equal(Hash(Path.Combine(all, package)), Hash(Path.Combine(one, package)));
    }

    private async Task PackAsync(string project, string output, string? epoch, params string[] more)
    {
        var environment = ChildEnvironment.Create();
        environment["SOURCE_DATE_EPOCH"] = epoch ?? Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH");
        environment["NUGET_PACKAGES"] = fixture.GlobalPackagesBefore;
        var result = await ProcessRunner.RunAsync(new ProcessCommand(
            DotnetSdk.Current.HostPath, ["pack", project, "-c", "Release", "-o", output, .. more])
        {
            WorkingDirectory = Repository.Root,
            InheritEnvironment = false,
            Environment = environment,
        });
        result.EnsureSuccess();
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
