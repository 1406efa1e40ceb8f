using System.Text.RegularExpressions;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Several projects, or several builds, that push at the same time and have a base in common.</summary>
public sealed class SolutionTests
{
    private const int Projects = 8;
    private const int Nodes = 3;

    // Where a run before has left the images, there would be nothing to push.
    private static readonly string Prefix = "solution-" + Guid.NewGuid().ToString("N")[..8];

    private static readonly ImageValidationOptions Validation = new() { OwnLayers = 1, AllowedDirectory = path => path == "app" };

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Eight_projects_of_a_solution_fetch_their_base_once()
    {
        using var workspace = await SolutionAsync();
        var origin = Testbed.Get(Server.Registry);
        var baseLayers = (await RemoteImage.GetAsync(origin, "dotnet/runtime", "10.0")).Layers;
        using var other = new OwnRegistry(workspace.PathOf("registry"));
        await other.StartAsync();

        // Each with a cache of its own, as on a new machine.
        var mounted = await PublishAsync(workspace, "mounted", $"-p:ContainerRegistry={origin}");
        var copied = await PublishAsync(workspace, "copied", $"-p:ContainerRegistry={other.Host}");
        var written = await PublishAsync(workspace, "written", $"-p:ContainerArchiveOutputPath={workspace.PathOf("archives")}/");

        foreach (var output in new[] { mounted, copied, written })
        {
            Assert.All(baseLayers, layer => Assert.Single(Requests(output, "GET", $"/v2/dotnet/runtime/blobs/{layer}: 200")));
            Assert.InRange(Requests(output, "GET", "/v2/dotnet/runtime/manifests/10.0: 200").Count, 1, Nodes);
        }

        foreach (var layer in baseLayers)
        {
            Assert.Empty(Requests(mounted, "PUT", $"digest={Uri.EscapeDataString(layer)}: 201"));
            Assert.Equal(
                Projects,
                Requests(mounted, "POST", $"/blobs/uploads/?mount={Uri.EscapeDataString(layer)}&from=dotnet%2Fruntime: 201").Count);
            Assert.Single(Requests(copied, "PUT", $"digest={Uri.EscapeDataString(layer)}: 201"));
            Assert.Equal(
                Projects - 1,
                Requests(copied, "POST", $"/blobs/uploads/?mount={Uri.EscapeDataString(layer)}&from={Prefix}%2Fcopied%2Fapp")
                    .Count(line => line.EndsWith(": 201", StringComparison.Ordinal)));
        }

        for (var i = 0; i < Projects; i++)
        {
            var digest = (await RemoteImage.GetAsync(origin, $"{Prefix}/mounted/app{i}", "1")).Digest;
            Assert.Equal(digest, (await RemoteImage.GetAsync(other.Host, $"{Prefix}/copied/app{i}", "1")).Digest);
            await ImageValidator.AssertValidAsync(
                await ImageUnderTest.FromRemoteAsync(other.Host, $"{Prefix}/copied/app{i}", "1"), Validation);
            var archive = Path.Combine(workspace.PathOf("archives"), $"app{i}.tar.gz");
            await ImageValidator.AssertValidAsync(
                ImageUnderTest.FromArchive(
                    File.Exists(archive) ? archive : Directory.GetFiles(workspace.PathOf("archives"), $"*app{i}*").Single()),
                Validation);
        }
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Builds_that_push_the_same_layers_at_the_same_time_do_not_hinder_each_other()
    {
        using var workspace = await Workspace.CreateAsync("machines");
        using var registry = new OwnRegistry(workspace.PathOf("registry"));
        await registry.StartAsync();
        foreach (var machine in Enumerable.Range(0, 2))
        {
            WriteProject(workspace, $"machine{machine}/App");
            (await workspace.Sandbox.DotnetAsync(["build", "App", "-c", "Release"], environment: null, workingDirectory: Folder(machine)))
                .EnsureSuccess();
        }

        foreach (var round in Enumerable.Range(0, 3))
        {
            // Two machines: neither knows of the other.
            var builds = await Task.WhenAll(Enumerable.Range(0, 2).Select(machine => workspace.Sandbox.DotnetAsync(
                [
                    "publish", "App", "--no-build", "-p:ContainerPublish=true", $"-p:ContainerCacheDirectory={workspace.PathOf("cache", $"machine{machine}")}",
                    .. Workspace.To(registry.Host, $"team/app{round}", Testbed.Get(Server.BaseRuntime), $"{machine}"),
                ],
                environment: null,
                workingDirectory: Folder(machine))));
            Assert.All(builds, build => build.EnsureSuccess());
            var images = await Task.WhenAll(
                Enumerable.Range(0, 2).Select(machine => RemoteImage.GetAsync(registry.Host, $"team/app{round}", $"{machine}")));
            Assert.Equal(images[0].Digest, images[1].Digest);
            await ImageValidator.AssertValidAsync(await ImageUnderTest.FromRemoteAsync(registry.Host, $"team/app{round}", "0"), Validation);
        }

        string Folder(int machine) => Path.Combine(workspace.Folder, $"machine{machine}");
    }

    private static async Task<string> PublishAsync(Workspace workspace, string name, string destination)
    {
        var result = await workspace.Sandbox.DotnetAsync(
            [
                "publish", "All.slnx", "--no-build", "-c", "Release", $"-m:{Nodes}", "-v:detailed", "-p:ContainerPublish=true",
                $"-p:ContainerCacheDirectory={workspace.PathOf("cache", name)}", $"-p:RepositoryPrefix={Prefix}/{name}/", $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", destination,
            ],
            environment: null,
            workingDirectory: workspace.Folder);
        return result.EnsureSuccess().Output;
    }

    private static List<string> Requests(string output, string method, string end) =>
        [.. Regex.Matches(
            output,
            $"{method} http://[^\\s]*: [0-9]{{3}}").Select(match =>
                match.Value).Where(line => line.Contains(end, StringComparison.Ordinal))];

    private static async Task<Workspace> SolutionAsync()
    {
        var workspace = await Workspace.CreateAsync("solution");
        workspace.Sandbox.Write("src/Directory.Build.targets", """
            <Project>
              <PropertyGroup>
                <ContainerRepository>$(RepositoryPrefix)$(MSBuildProjectName.ToLowerInvariant())</ContainerRepository>
                <ContainerImageTag Condition="'$(ContainerImageTag)' == ''">1</ContainerImageTag>
              </PropertyGroup>
            </Project>
            """);
        var projects = Enumerable.Range(0, Projects).Select(i => $"App{i}").ToList();
        foreach (var project in projects)
            WriteProject(workspace, project);

        workspace.Sandbox.Write(
            "src/All.slnx",
            $"<Solution>{string.Concat(projects.Select(project => $"<Project Path=\"{project}/{project}.csproj\" />"))}</Solution>");
        (await workspace.Sandbox.DotnetAsync(["build", "All.slnx", "-c", "Release"], environment: null, workingDirectory: workspace.Folder))
            .EnsureSuccess();
        return workspace;
    }

    // Without symbols: they tell where they were built.
    private static void WriteProject(Workspace workspace, string path)
    {
        var name = Path.GetFileName(path);
        workspace.Sandbox.Write($"src/{path}/{name}.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><DebugType>none</DebugType></PropertyGroup></Project>""");
        workspace.Sandbox.Write($"src/{path}/Program.cs", $"Console.WriteLine(\"{name}\");");
    }
}
