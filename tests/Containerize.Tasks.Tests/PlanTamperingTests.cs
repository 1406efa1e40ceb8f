using System.Text;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>A plan that another program changes between two steps.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PlanTamperingTests(PackageFixture fixture)
{
    [Fact]
    public async Task A_step_in_another_process_notices()
    {
        var folder = fixture.CreateDirectory();
        var plan = new ImagePlan
        {
            Name = "App",
            BaseImage = ImageLocation.Scratch,
            RuntimeIdentifier = "linux-x64",
            Platform = new Platform("linux", "amd64"),
            Created = DateTimeOffset.UnixEpoch,
            Config = new ConfigPlan { WorkingDirectory = "/app", Command = new CommandPlan() },
            Repository = "app",
            Tags = ["latest"],
            Destinations = [new Destination(DestinationKind.Archive, "/x.tar")],
            Layers = [],
        };
        var json = PlanFile.Serialize(plan);
        var path = ImageFolder.PlanPathOf(folder, json);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, json);
        Assert.Equal("app", (await ImageFolder.ReadPlanAsync(path, default)).Repository);

        File.WriteAllText(path, Encoding.UTF8.GetString(json).Replace("\"app\"", "\"evil\"", StringComparison.Ordinal));
        Assert.Contains(
            "another program has changed it",
            (await Assert.ThrowsAsync<IOException>(() => ImageFolder.ReadPlanAsync(path, default))).Message,
            StringComparison.Ordinal);

        foreach (var garbage in new[] { "", "null", "[]", "{", "{\"layers\":[{\"name\":\"x\",\"entries\":[{\"mode\":\"9\"}]}]}", "{\"layers\":[{\"name\":\"x\",\"entries\":[{\"user\":\"9\"}]}]}", "\ud800" })
        {
            var named = ImageFolder.PlanPathOf(folder, Encoding.UTF8.GetBytes(garbage));
            File.WriteAllBytes(named, Encoding.UTF8.GetBytes(garbage));
            await Assert.ThrowsAsync<IOException>(() => ImageFolder.ReadPlanAsync(named, default));
        }
    }

    [Fact]
    public async Task A_step_in_the_same_process_does_not_read_it()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/Directory.Build.targets", """
            <Project>
              <Target Name="Tamper" AfterTargets="ContainerizePlan">
                <ItemGroup>
                  <_Plan Include="obj/**/builds/*.json" />
                </ItemGroup>
                <Error Condition="'@(_Plan)' == ''" Text="There is no plan." />
                <WriteLinesToFile File="%(_Plan.FullPath)" Lines="{}" Overwrite="true" />
              </Target>
            </Project>
            """);
        var project = workspace.Project();

        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
    }
}
