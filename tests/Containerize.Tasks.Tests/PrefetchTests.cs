using System.Collections.Concurrent;
using Containerize.Testing.Registries.Faults;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Registries are asked when publishing begins, long before there is a plan.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PrefetchTests(PackageFixture fixture)
{
    // Waits for the files that the registry makes when it is asked; without them the build fails.
    private const string Waiting = """
        <Project>
          <Target Name="WaitUntilAsked" BeforeTargets="CopyFilesToPublishDirectory">
            <Exec Command="while [ ! -e &quot;ROOT/asked-base&quot; ] || [ ! -e &quot;ROOT/asked-app&quot; ]; do sleep 0.05; done" Timeout="60000" />
          </Target>
        </Project>
        """;

    [Theory]
    [InlineData("", "1.0.0", "latest")]
    [InlineData("Version", "1.2.3", "1.2.3")]
    public async Task Both_tags_are_asked_for_before_files_are_copied(string policy, string version, string tag)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var asked = new ConcurrentBag<string>();
        foreach (var (repository, name) in new[] { ("base", "1"), ("app", tag) })
        {
            workspace.Registry.Faults.Add("GET", $"^/v2/{repository}/manifests/{name}$", FaultScript.Always, (context, next) =>
            {
                asked.Add(repository);
                File.WriteAllText(workspace.PathOf("asked-" + repository), "");
                return next(context);
            });
        }

        workspace.Write("Directory.Build.targets", Waiting.Replace("ROOT", workspace.Root, StringComparison.Ordinal));

        Workspace.Publish(
            workspace.Project(),
            ("ContainerTagPolicy", policy),
            ("Version", version),
            ("ContainerCacheDirectory", workspace.PathOf("cache"))).EnsureSuccess();

        Assert.Equal(["app", "base"], asked.Order());
        Assert.Equal([tag], workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task What_targets_of_the_project_change_afterwards_counts()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Late" BeforeTargets="ComputeContainerConfig">
                <PropertyGroup>
                  <ContainerRepository>late</ContainerRepository>
                  <ContainerImageTag>2.0</ContainerImageTag>
                </PropertyGroup>
              </Target>
            </Project>
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Equal(["2.0"], workspace.Registry.Tags("late"));
        Assert.Empty(workspace.Registry.Tags("app"));
    }

    [Theory]
    [InlineData("ContainerImageTag", "a b", "CTZ1005")]
    [InlineData("ContainerTagPolicy", "Never", "CTZ1037")]
    [InlineData("ContainerRegistryTimeout", "soon", "CTZ1041")]
    [InlineData("ContainerRuntimeIdentifier", "win-x64", "CTZ1011")]
    [InlineData("LocalRegistry", "rkt", "CTZ1022")]
    public async Task What_is_wrong_is_said_once(string property, string value, string code)
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        var outcome = Workspace.Publish(workspace.Project(), (property, value));

        outcome.EnsureError(code);
        Assert.Single(outcome.Output.ErrorEvents);
        Assert.Empty(workspace.Registry.Requests);
    }

    [Fact]
    public async Task A_build_that_makes_no_image_asks_nobody()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Build(workspace.Project(), ["Publish"]).EnsureSuccess();

        Assert.Empty(workspace.Registry.Requests);
    }
}
