using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>
/// A sandbox with the test assets in it as a user has projects: a reference to the packed package, and nothing else of this repository.
/// </summary>
/// <remarks>
/// Most publishes run in this process, where MSBuild is warm (<see cref="DotnetInProcess"/>); tests of what a process has of its own, and
/// one of each kind besides, publish as a user does.
/// </remarks>
public sealed partial class Workspace : IDisposable
{
    private readonly BuiltAssets? _built;

    private Workspace(Sandbox sandbox, BuiltAssets? built = null)
    {
        Sandbox = sandbox;
        _built = built;
    }

    public Sandbox Sandbox { get; }

    /// <summary>Where the projects lie, relative to the sandbox.</summary>
    public string Folder { get; init; } = "src";

    /// <summary>A workspace with all test assets, restored and built as a release.</summary>
    public static async Task<Workspace> CreateAsync(string name)
    {
        var built = await BuiltAssets.TakeAsync();
        return new Workspace(await Sandbox.OpenAsync(built.Renew(name)), built);
    }

    /// <summary>A workspace with the sources of all test assets, as a clone has them.</summary>
    public static async Task<Workspace> CreateUnbuiltAsync(string name)
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

    /// <summary>Publishes a project in this process and expects success.</summary>
    public async Task<Published> PublishAsync(string project, params string[] properties) =>
        Succeeded(project, await TryPublishAsync(project, properties));

    /// <summary>Publishes a project in this process.</summary>
    public Task<ProcessResult> TryPublishAsync(string project, params string[] properties) =>
        Sandbox.DotnetInProcessAsync(Publish(project, properties), environment: null, workingDirectory: Folder);

    /// <summary>Publishes a project as a user does, with a <c>dotnet publish</c>, and expects success.</summary>
    public async Task<Published> PublishAsUserAsync(string project, params string[] properties) =>
        Succeeded(project, await TryPublishAsUserAsync(project, properties));

    /// <summary>Publishes a project as a user does, with a <c>dotnet publish</c>.</summary>
    public Task<ProcessResult> TryPublishAsUserAsync(string project, params string[] properties) =>
        Sandbox.DotnetAsync(Publish(project, properties), environment: null, workingDirectory: Folder);

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

    public void Dispose()
    {
        Sandbox.Dispose();
        _built?.GiveBack();
    }

    private static string[] Publish(string project, string[] properties) => ["publish", project, "-p:ContainerPublish=true", .. properties];

    private Published Succeeded(string project, ProcessResult result)
    {
        result.EnsureSuccess();
        return new Published(result.Output, PathOf(project, "obj", "Release", "net10.0"));
    }

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
