using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Microsoft.Build.Evaluation;
using Microsoft.Build.Utilities.ProjectCreation;

namespace Containerize.Tasks.Tests;

/// <summary>A directory with projects that reference the packed package, and a registry with a base image.</summary>
public sealed class Workspace : IAsyncDisposable
{
    /// <summary>The project's name.</summary>
    public const string App = "App";

    /// <summary>Where the base lies in <see cref="Registry"/>.</summary>
    public const string BaseRepository = "base";

    // Written to a file that projects import. Properties and items of a build are not to be had from outside; what a target
    // returns is.
    private const string Inspection = """
        <Project>
          <Target Name="InspectProperties" Returns="@(_InspectedProperty)">
            <ItemGroup>
              PROPERTIES
            </ItemGroup>
          </Target>
          <Target Name="InspectLabels" Returns="@(ContainerLabel)" />
          <Target Name="InspectVariables" Returns="@(ContainerEnvironmentVariables)" />
          <Target Name="InspectTags" Returns="@(ContainerImageTags)" />
          <Target Name="InspectGeneratedContainer" Returns="@(GeneratedContainer)" />
          <Target Name="InspectGeneratedContainerName" Returns="@(GeneratedContainerName)" />
          <Target Name="InspectCommand" Returns="@(ContainerAppCommand)" />
        </Project>
        """;

    private static readonly string[] InspectedProperties =
    [
        "ContainerBaseImage", "ContainerBaseRegistry", "ContainerBaseName", "ContainerBaseTag", "ContainerBaseDigest", "ContainerRepository",
        "ContainerRegistry", "ContainerImageTag", "ContainerImageTags", "ContainerRuntimeIdentifier", "ContainerWorkingDirectory",
        "ContainerUser", "GeneratedContainerManifest", "GeneratedContainerConfiguration", "GeneratedContainerDigest",
        "GeneratedContainerMediaType", "GeneratedContainerImageId", "GeneratedImageIndex", "GeneratedArchiveOutputPath", "PublishDir",
    ];

    private readonly PackageFixture fixture;
    private TestRegistry? registry;

    private Workspace(PackageFixture fixture)
    {
        this.fixture = fixture;
        Root = fixture.CreateDirectory();
        var properties = InspectedProperties.Select(name => $"""<_InspectedProperty Include="{name}"><Value>$({name})</Value></_InspectedProperty>""");
        Write("inspect.targets", Inspection.Replace("PROPERTIES", string.Join("\n      ", properties), StringComparison.Ordinal));
    }

    /// <summary>The directory.</summary>
    public string Root { get; }

    /// <summary>The registry; only with <see cref="StartAsync"/>.</summary>
    public TestRegistry Registry => registry ?? throw new InvalidOperationException("This workspace has no registry.");

    /// <summary>The base image's reference.</summary>
    public string BaseImage => $"{Registry.Host}/{BaseRepository}:1";

    /// <summary>The base as it was pushed.</summary>
    public PushedImage? Base { get; private set; }

    /// <summary>A workspace without a registry.</summary>
    public static Workspace Create(PackageFixture fixture) => new(fixture);

    /// <summary>A workspace with a registry and a base image for this machine's architecture.</summary>
    public static async Task<Workspace> StartAsync(
        PackageFixture fixture, TestRegistryOptions? options = null, BaseImageSpec? baseImage = null)
    {
        var workspace = new Workspace(fixture) { registry = await TestRegistry.StartAsync(options) };
        workspace.Base = BaseImages.PushImage(
            workspace.Registry, BaseRepository, "1", (baseImage ?? new BaseImageSpec()) with { Platform = ThisPlatform });
        return workspace;
    }

    /// <summary>The platform of an image for Linux on this machine's architecture.</summary>
    public static string ThisPlatform => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "linux/amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "linux/arm64",
        var other => $"linux/{other.ToString().ToLowerInvariant()}",
    };

    /// <summary>The part of a runtime identifier that names this machine's architecture.</summary>
    public static string ThisArchitecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    /// <summary>The full path of something below <see cref="Root"/>.</summary>
    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Writes a file.</summary>
    public string Write(string path, string content)
    {
        var full = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return full;
    }

    /// <summary>A program's project with a reference to the package.</summary>
    /// <param name="projectCreator">Adds to it.</param>
    /// <param name="name">Its name, and its directory's.</param>
    /// <param name="sdk">Its SDK.</param>
    /// <param name="outputType">Its OutputType.</param>
    /// <param name="reference">Adds the reference to the package; by default a PackageReference.</param>
    /// <param name="folder">Its directory; by default one of its name.</param>
    /// <param name="compiles">
    /// Whether the compiler runs. Nothing is started here, so any assembly does, and compiling takes longest.
    /// </param>
    public ProjectCreator Project(
        Action<ProjectCreator>? projectCreator = null,
        string name = App,
        string sdk = "Microsoft.NET.Sdk",
        string outputType = "Exe",
        Action<ProjectCreator>? reference = null,
        bool compiles = false,
        string? folder = null)
    {
        folder ??= name;
        Write(Path.Combine(folder, "Program.cs"), outputType == "Exe" ? "System.Console.WriteLine();\n" : $"public class {name}Class;\n");
        if (!compiles)
        {
            Write(Path.Combine(folder, "Directory.Build.targets"), $"""
                <Project>
                  <Import Project="$([MSBuild]::GetPathOfFileAbove('Directory.Build.targets', '$(MSBuildThisFileDirectory)../'))" />
                  <Target Name="CoreCompile">
                    <Copy SourceFiles="{typeof(Xunit.Abstractions.ITest).Assembly.Location}" DestinationFiles="@(IntermediateAssembly)" />
                  </Target>
                </Project>
                """);
        }

        return ProjectCreator.Templates
            .SdkCsproj(
                PathOf(folder, name + ".csproj"),
                sdk,
                "net10.0",
                outputType,
                // A collection of its own: the global one would keep every project of every test.
                projectCollection: new ProjectCollection(),
                projectCreator: project =>
                {
                    project.Property("ProduceReferenceAssembly", "false").Property("GenerateDocumentationFile", "false");
                    if (registry is not null && outputType == "Exe")
                        project.Property("ContainerBaseImage", BaseImage, condition: "'$(ContainerBaseImage)' == ''")
                            .Property("ContainerRegistry", Registry.Host, condition: "'$(ContainerRegistry)' == ''");
                    if (!compiles)
                        project.Property("DebugType", "none");
                    (reference ?? Reference)(project);
                    projectCreator?.Invoke(project);
                })
            .Import(PathOf("inspect.targets"))
            .Save();
    }

    /// <summary>Adds a PackageReference to the package.</summary>
    public void Reference(ProjectCreator project) => project.ItemPackageReference(fixture.Package, privateAssets: "all");

    /// <summary>Adds an <c>Sdk</c> element for the package.</summary>
    public void ReferenceSdk(ProjectCreator project) => project.Sdk(fixture.Package.Id, fixture.Package.Version);

    /// <summary>Restores and builds, with the properties that <c>dotnet publish</c> sets.</summary>
    /// <param name="project">The project.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="properties">More global properties.</param>
    /// <param name="restore">Whether to restore first.</param>
    public static Outcome Build(
        ProjectCreator project, string[] targets, IEnumerable<(string Name, string Value)>? properties = null, bool restore = true)
    {
        var global = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Configuration"] = "Release",
            ["_IsPublishing"] = "true",
            ["NuGetAudit"] = "false",
        };
        foreach (var (name, value) in properties ?? [])
            global[name] = value;
        project.TryBuild(restore, targets, global, out var succeeded, out var output, out var results);
        return new Outcome(succeeded, output, results);
    }

    /// <summary>What <c>dotnet publish -p:ContainerPublish=true</c> does.</summary>
    public static Outcome Publish(ProjectCreator project, params (string Name, string Value)[] properties) =>
        Build(project, ["Publish", .. Outcome.Inspections], [("ContainerPublish", "true"), .. properties]);

    /// <summary>The target <c>ComputeContainerConfig</c> alone, which needs no publish folder and no network.</summary>
    public static Outcome Configure(ProjectCreator project, params (string Name, string Value)[] properties) =>
        Build(project, ["ComputeContainerConfig", .. Outcome.Inspections], properties);

    /// <summary>The file below obj that a step left.</summary>
    public string Report(string file, string project = App) =>
        Directory.EnumerateFiles(PathOf(project, "obj"), file, SearchOption.AllDirectories).Single();

    /// <summary>The plan of the last build.</summary>
    public JsonObject Plan(string project = App) => Plans.Read(PathOf(project));

    /// <summary>The layer of the plan that a published file is in; null if it is in none.</summary>
    public string? LayerOf(string file, string project = App) => Plan(project)["layers"]!.AsArray()
        .Where(layer => layer!["entries"]!.AsArray().Any(entry => (string?)entry!["path"] == "app/" + file))
        .Select(layer => (string?)layer!["name"]).SingleOrDefault();

    /// <summary>All published files of the plan, without the working directory.</summary>
    public IReadOnlyList<string> Files(string project = App) =>
    [
        .. Plan(project)["layers"]!.AsArray().SelectMany(layer => layer!["entries"]!.AsArray())
            .Where(entry => entry!["directory"] is null).Select(entry => ((string)entry!["path"]!)["app/".Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The publish folder of a build.</summary>
    public string PublishFolder(Outcome outcome, string project = App) =>
        Path.Combine(PathOf(project), outcome["PublishDir"].Replace('\\', '/'));

    /// <summary>
    /// Makes the machine one that has built nothing yet: no cache, and nothing of images below obj. The registry keeps what it has.
    /// </summary>
    /// <param name="cache">The folder that <c>ContainerCacheDirectory</c> names, below <see cref="Root"/>.</param>
    public void ForgetMachine(string cache = "cache")
    {
        if (Directory.Exists(PathOf(cache)))
            Directory.Delete(PathOf(cache), recursive: true);
        foreach (var obj in Directory.GetDirectories(Root, "obj", SearchOption.AllDirectories))
        {
            foreach (var folder in Directory.GetDirectories(obj, "containerize", SearchOption.AllDirectories))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The manifest of an image in the registry.</summary>
    public JsonElement Manifest(string repository = "app", string tag = "latest") =>
        JsonDocument.Parse(Registry.FindManifest(repository, tag)!.Content).RootElement;

    /// <summary>The config of an image in the registry.</summary>
    public JsonElement Config(string repository = "app", string tag = "latest") =>
        JsonDocument.Parse(
            Registry.FindBlob(repository, Manifest(repository, tag).GetProperty("config").GetProperty("digest").GetString()!)!).RootElement;

    /// <summary>Writes items as users do, into a file that all projects here import after their own body.</summary>
    public void WriteItems(string items) =>
        Write("Directory.Build.targets", $"<Project><ItemGroup>{items}</ItemGroup></Project>");

    /// <summary>How many manifests were put.</summary>
    public int ManifestPuts =>
        Registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (registry is not null)
            await registry.DisposeAsync();
    }
}
