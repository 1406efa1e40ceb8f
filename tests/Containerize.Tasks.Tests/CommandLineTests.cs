using System.Text.Json.Nodes;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>What only a spawned <c>dotnet</c> shows: its own command line, other processes, packages from the user's sources.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class CommandLineTests
{
    private const string Console = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Containerize" Version="VERSION" PrivateAssets="all" />
          </ItemGroup>
        </Project>
        """;

    // -mt: tasks run in threads of one process, and no longer in the project's directory.
    [Fact]
    public async Task A_web_application_with_packages_in_a_multithreaded_build()
    {
        using var sandbox = await Sandbox.CreateAsync("mt");
        await using var registry = await StartAsync();
        sandbox.CopyDirectory("testassets/HelloWeb", "HelloWeb");
        sandbox.CopyDirectory("testassets/HelloWeb.Greetings", "HelloWeb.Greetings");
        File.Copy(Repository.PathOf("Directory.Packages.props"), sandbox.PathOf("Directory.Packages.props"), overwrite: true);
        sandbox.Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <NuGetAudit>false</NuGetAudit>
                <SatelliteResourceLanguages>fr;de</SatelliteResourceLanguages>
              </PropertyGroup>
              <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloWeb'">
                <PackageReference Include="Containerize" VersionOverride="{sandbox.Package!.Version}" PrivateAssets="all" />
              </ItemGroup>
            </Project>
            """);

        var result = await sandbox.DotnetAsync(["publish", "HelloWeb", "-mt", .. Properties(registry)], environment: null);

        result.EnsureSuccess();
        Assert.DoesNotContain("warning", result.Output, StringComparison.Ordinal);
        Assert.Equal(["latest"], registry.Tags("helloweb"));
        var plan = Plans.Read(sandbox.PathOf("HelloWeb"));
        var layers = plan["layers"]!.AsArray()
            .SelectMany(
                layer =>
                    layer!["entries"]!.AsArray().Where(entry => entry!["directory"] is null)
                        .Select(entry => (File: ((string)entry!["path"]!)["app/".Length..], Layer: (string)layer["name"]!)))
            .ToDictionary(file => file.File, file => file.Layer);
        foreach (var (file, layer) in new (string, string)[]
        {
            ("Dapper.dll", "packages"), ("Markdig.dll", "packages"), ("de/Humanizer.resources.dll", "packages"),
            ($"runtimes/linux-{Workspace.ThisArchitecture}/native/libe_sqlite3.so", "packages"),
            ("HelloWeb.Greetings.dll", "projects"), (
                "HelloWeb.Greetings.pdb",
                "projects"), ("de/HelloWeb.Greetings.resources.dll", "projects"), ("fr/HelloWeb.Greetings.resources.dll", "projects"),
            ("wwwroot/site.css", "static-assets"), (
                "wwwroot/site.css.br", "static-assets"), ("HelloWeb.staticwebassets.endpoints.json", "static-assets"),
            ("HelloWeb.dll", "application"), ("appsettings.json", "application"), ("web.config", "application"),
        })
        {
            Assert.True(layers.TryGetValue(file, out var found), $"{file} is not in the image.\n{string.Join('\n', layers.Keys)}");
            Assert.True(layer == found, $"{file} is in the layer '{found}'.");
        }

        Assert.DoesNotContain("HelloWeb.Greetings.xml", layers.Keys);
        Assert.DoesNotContain("HelloWeb", layers.Keys);
        Assert.DoesNotContain(
            layers.Keys,
            file => file.StartsWith("runtimes/", StringComparison.Ordinal)
                && !file.StartsWith($"runtimes/linux-{Workspace.ThisArchitecture}/", StringComparison.Ordinal)
                && !file.StartsWith("runtimes/linux/", StringComparison.Ordinal)
                && !file.StartsWith("runtimes/unix/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_graph_build_of_the_containers_target()
    {
        using var sandbox = await Sandbox.CreateAsync("graph");
        await using var registry = await StartAsync();
        WriteConsole(sandbox, "dir with spaces/App");

        var result = await sandbox.DotnetAsync(
            ["publish", "dir with spaces/App", "-graph", "-t:PublishContainer", "-getProperty:GeneratedContainerDigest", "-getItem:GeneratedContainerName", .. Properties(registry)[1..]],
            environment: null);

        var answer = JsonNode.Parse(result.EnsureSuccess().StandardOutput)!;
        Assert.Equal(registry.FindManifest("app", "latest")!.Digest, (string?)answer["Properties"]!["GeneratedContainerDigest"]);
        Assert.Equal($"{registry.Host}/app:latest", (string?)answer["Items"]!["GeneratedContainerName"]![0]!["Identity"]);
        Assert.Single(
            registry.Requests, request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Quoted_tags_and_a_promoted_warning()
    {
        using var sandbox = await Sandbox.CreateAsync("tags");
        await using var registry = await StartAsync();
        WriteConsole(sandbox, "App", """<ItemGroup><ContainerEnvironmentVariable Include="a:b" Value="c" /></ItemGroup>""");

        var tagged = await sandbox.DotnetAsync(
            ["publish", "App", "-p:ContainerImageTags=\"1.0;latest\"", .. Properties(registry)], environment: null);
        var promoted = await sandbox.DotnetAsync(
            ["publish", "App", "--no-build", "-warnaserror:CTZ1008", .. Properties(registry)], environment: null);

        Assert.Contains("warning CTZ1008", tagged.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Equal(["1.0", "latest"], registry.Tags("app"));
        Assert.Contains("error CTZ1008", promoted.EnsureFailure().Output, StringComparison.Ordinal);
    }

    // vscode-containers, extensions/vscode-containers/src (2026-08): it asks without publishing or a network, then publishes for one
    // platform.
    [Fact]
    public async Task The_command_lines_of_VS_Code()
    {
        using var sandbox = await Sandbox.CreateAsync("vscode");
        await using var registry = await StartAsync();
        WriteConsole(
            sandbox,
            "App",
            $"<PropertyGroup><ContainerBaseImage>{registry.Host}/base:1</ContainerBaseImage><ContainerChecks>None</ContainerChecks></PropertyGroup>");
        var project = sandbox.PathOf("App", "App.csproj");
        (await sandbox.DotnetAsync(["restore", project], environment: null)).EnsureSuccess();

        var asked = await sandbox.DotnetAsync(
            [
                "build", "--no-restore", "-target:ComputeContainerConfig",
                "-getProperty:AssemblyName,TargetFramework,TargetFrameworks,OutputPath,EnableSdkContainerSupport,ContainerWorkingDirectory,ContainerRepository",
                "-p:ContainerRuntimeIdentifier=\"linux-x64\"", project,
            ],
            environment: null);
        Assert.Empty(registry.Requests);
        var archive = sandbox.PathOf("app.tar");
        var published = await sandbox.DotnetAsync(
            ["publish", "--os", "linux", "--arch", "x64", "/t:PublishContainer", "--configuration", "Debug", "-p:ContainerImageTag=dev", $"-p:ContainerArchiveOutputPath={archive}", project],
            environment: null);

        var properties = JsonNode.Parse(asked.EnsureSuccess().StandardOutput)!["Properties"]!;
        Assert.Equal(
            ("App", "net10.0", "", "true", "/app/", "app"),
            (
                Text("AssemblyName"),
                Text("TargetFramework"),
                Text("TargetFrameworks"),
                Text("EnableSdkContainerSupport"),
                Text("ContainerWorkingDirectory"),
                Text("ContainerRepository")));
        Assert.NotEqual("", Text("OutputPath"));
        Assert.Contains($"App -> {archive} (app:dev@sha256:", published.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.True(File.Exists(archive));

        string? Text(string name) => (string?)properties[name];
    }

    // microsoft/aspire, ResourceContainerImageManager (2026-08): lists come with their quotes, so that ';' survives.
    [Fact]
    public async Task The_command_line_of_Aspire()
    {
        using var sandbox = await Sandbox.CreateAsync("aspire");
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushIndex(
            registry, "base", "1", new BaseImageSpec { Platform = "linux/amd64" }, new BaseImageSpec { Platform = "linux/arm64" });
        WriteConsole(sandbox, "App", """
            <PropertyGroup>
              <UseAppHost>false</UseAppHost>
              <EnableAppHostPackDownload>false</EnableAppHostPackDownload>
              <EnableRuntimePackDownload>false</EnableRuntimePackDownload>
              <ContainerChecks>None</ContainerChecks>
            </PropertyGroup>
            """);
        var archive = sandbox.PathOf("out", "app.tar");

        var result = await sandbox.DotnetAsync(
            [
                "publish", sandbox.PathOf(
                    "App",
                    "App.csproj"), "--configuration", "Release", "/t:PublishContainer", "/p:ContainerRepository=shop/api", "/p:ContainerImageTag=aspire-1",
                $"/p:ContainerArchiveOutputPath={archive}", "/p:ContainerImageFormat=OCI", "/p:LocalRegistry=\"Docker\"",
                "/p:RuntimeIdentifiers=\"linux-x64;linux-arm64\"", "/p:ContainerRuntimeIdentifiers=\"linux-x64;linux-arm64\"", $"/p:ContainerBaseImage=\"{registry.Host}/base:1\"",
            ],
            environment: null);

        Assert.Contains($"App -> {archive} (shop/api:aspire-1@sha256:", result.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Equal(
            ["linux/amd64", "linux/arm64/v8"],
            File.ReadAllLines(Directory.GetFiles(sandbox.PathOf("App", "obj"), "image.platforms", SearchOption.AllDirectories).Single())
                .Select(line => line.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    // Azure/azure-dev, dotnet publish for a container: the ports are read from the config.
    [Theory]
    [InlineData("linux-x64")]
    [InlineData("")]
    public async Task The_command_line_of_azd(string runtimeIdentifier)
    {
        using var sandbox = await Sandbox.CreateAsync("azd");
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushIndex(
            registry, "base", "1", new BaseImageSpec { Platform = "linux/amd64" }, new BaseImageSpec { Platform = "linux/arm64" });
        WriteConsole(sandbox, "App", $"""
            <PropertyGroup>
              <UseAppHost>false</UseAppHost>
              <EnableAppHostPackDownload>false</EnableAppHostPackDownload>
              <EnableRuntimePackDownload>false</EnableRuntimePackDownload>
              <ContainerChecks>None</ContainerChecks>
              <ContainerBaseImage>{registry.Host}/base:1</ContainerBaseImage>
              <RuntimeIdentifiers Condition="'$(RuntimeIdentifier)' == ''">linux-x64;linux-arm64</RuntimeIdentifiers>
            </PropertyGroup>
            <ItemGroup><ContainerPort Include="8085" Type="tcp" /></ItemGroup>
            """);
        string[] runtime = runtimeIdentifier.Length == 0 ? [] : ["-r", runtimeIdentifier, "--self-contained", "false"];

        var result = await sandbox.DotnetAsync(
            [
                "publish", sandbox.PathOf("App"), .. runtime, "-c", "Release", "-p:PublishProfile=DefaultContainer", "-p:ContainerRepository=shop", "-p:ContainerImageTag=azd-1",
                $"-p:ContainerRegistry={registry.Host}", "--getProperty:GeneratedContainerConfiguration",
            ],
            environment: null);

        var config = JsonNode.Parse(result.EnsureSuccess().StandardOutput)!;
        Assert.NotNull(config["config"]!["ExposedPorts"]!["8085/tcp"]);
        Assert.Equal(Workspace.ThisPlatform, $"{config["os"]}/{config["architecture"]}");
        Assert.Equal(["azd-1"], registry.Tags("shop"));
    }

    private static void WriteConsole(Sandbox sandbox, string directory, string more = "")
    {
        sandbox.Write(
            $"{directory}/App.csproj",
            Console.Replace("VERSION", sandbox.Package!.Version, StringComparison.Ordinal)
                .Replace("</Project>", more + "\n</Project>", StringComparison.Ordinal));
        sandbox.Write($"{directory}/Program.cs", "System.Console.WriteLine();\n");
    }

    // The base has no .NET, which the checks would say.
    private static string[] Properties(TestRegistry registry) =>
        ["-p:ContainerPublish=true", "-p:ContainerChecks=None", $"-p:ContainerBaseImage={registry.Host}/base:1", $"-p:ContainerRegistry={registry.Host}"];

    private static async Task<TestRegistry> StartAsync()
    {
        var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec { Platform = Workspace.ThisPlatform });
        return registry;
    }
}
