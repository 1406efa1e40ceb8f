using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>A sandbox with the test assets in it as a user has projects: a reference to the packed package, and nothing else of this repository.</summary>
public sealed partial class Workspace : IDisposable
{
    private Workspace(Sandbox sandbox) => Sandbox = sandbox;

    public Sandbox Sandbox { get; }

    /// <summary>Where the projects lie, relative to the sandbox.</summary>
    public string Folder { get; init; } = "src";

    /// <summary>Creates a workspace with all test assets.</summary>
    public static async Task<Workspace> CreateAsync(string name)
    {
        var workspace = new Workspace(await Sandbox.CreateAsync(name));
        workspace.AddAssets("src");
        return workspace;
    }

    /// <summary>Copies the test assets to a folder.</summary>
    public void AddAssets(string folder)
    {
        foreach (var project in new[] { "HelloConsole", "HelloWeb", "HelloWeb.Greetings" })
            Sandbox.CopyDirectory($"testassets/{project}", $"{folder}/{project}");
        Sandbox.Write($"{folder}/Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <SatelliteResourceLanguages>fr;de</SatelliteResourceLanguages>
                <NuGetAudit>false</NuGetAudit>
                <ContinuousIntegrationBuild>true</ContinuousIntegrationBuild>
              </PropertyGroup>
              <ItemGroup Condition="'$(MSBuildProjectName)' != 'HelloWeb.Greetings' and '$(WithoutContainerize)' != 'true'">
                <PackageReference Include="Containerize" PrivateAssets="all" />
              </ItemGroup>
            </Project>
            """);
        var versions = File.ReadAllText(Repository.PathOf("Directory.Packages.props"));
        Sandbox.Write($"{folder}/Directory.Packages.props", versions.Replace(
            "</Project>",
            $"""<ItemGroup><PackageVersion Include="Containerize" Version="{Sandbox.Package!.Version}" /></ItemGroup></Project>""",
            StringComparison.Ordinal));
    }

    /// <summary>The full path of a file of the workspace.</summary>
    public string PathOf(params string[] parts) => Sandbox.PathOf([Folder, .. parts]);

    /// <summary>Publishes a project and expects success.</summary>
    public async Task<Published> PublishAsync(string project, params string[] properties)
    {
        var result = await TryPublishAsync(project, properties);
        result.EnsureSuccess();
        return new Published(result.Output, PathOf(project, "obj", "Release", "net10.0"));
    }

    /// <summary>Publishes a project.</summary>
    public Task<ProcessResult> TryPublishAsync(string project, params string[] properties) =>
        Sandbox.DotnetAsync(["publish", project, "-p:ContainerPublish=true", .. properties], environment: null, workingDirectory: Folder);

    /// <summary>The properties that name a base and a registry of the testbed.</summary>
    public static string[] To(string registry, string repository, string baseImage, string tag = "latest") =>
    [
        $"-p:ContainerBaseImage={baseImage}",
        $"-p:ContainerRegistry={registry}",
        $"-p:ContainerRepository={repository}",
        $"-p:ContainerImageTag={tag}",
    ];

    /// <summary>A repository's name that no other test uses.</summary>
    public static string UniqueName(string name) => $"e2e/{name}-{Guid.NewGuid():N}"[..(name.Length + 13)];

    public void Dispose() => Sandbox.Dispose();

    /// <summary>What a publish left.</summary>
    public sealed record Published(string Output, string IntermediateFolder)
    {
        public string Digest => Report("image.digest");

        public string ImageId => Report("image.id");

        public string[] References => Report("image.references").Split('\n');

        /// <summary>The line that says where the image is.</summary>
        public string ResultLine => Output.Split('\n').Last(line => ResultPattern().IsMatch(line)).Trim();

        private string Report(string name) => File.ReadAllText(Path.Combine(IntermediateFolder, "containerize", name)).Trim();
    }

    [GeneratedRegex(@"^\s+\S+ -> .*(@sha256:|in Docker|in Podman)")]
    private static partial Regex ResultPattern();
}
