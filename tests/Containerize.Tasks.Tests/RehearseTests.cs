using Containerize.Testing;
using Microsoft.Build.Framework;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Code that a publish will want is loaded when the compiler has ended, for images and for nothing else.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class RehearseTests(PackageFixture fixture)
{
    [Theory]
    [InlineData("true", "true", true)]
    [InlineData("true", "false", false)] // dotnet publish that makes no image
    [InlineData("false", "true", false)] // dotnet build of a project that always asks for one
    public async Task An_image_is_rehearsed_whether_or_not_something_was_compiled(string publishing, string container, bool expected)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <Target Name="Tell" AfterTargets="_ContainerizeRehearse">
                <WriteLinesToFile File="{workspace.PathOf("rehearsed")}" Lines="once" />
              </Target>
            </Project>
            """);
        var project = workspace.Project(compiles: true);
        int[] counts = [Publish(), Publish(), Publish("System.Console.WriteLine(1);\n")];

        Assert.Equal(expected ? [1, 2, 3] : [0, 0, 0], counts);

        int Publish(string? program = null)
        {
            if (program is not null)
                workspace.Write("App/Program.cs", program);
            Workspace.Build(project, ["Build"], [("_IsPublishing", publishing), ("ContainerPublish", container)]).EnsureSuccess();
            return File.Exists(workspace.PathOf("rehearsed")) ? File.ReadAllLines(workspace.PathOf("rehearsed")).Length : 0;
        }
    }

    [Fact]
    public void Once_in_a_process_is_enough()
    {
        using var engine = new MockBuildEngine();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var task = new Rehearse { BuildEngine = engine, Assembly = typeof(Rehearse).Assembly.Location };
            Assert.True(task.Execute(), engine.Log);
        }

        Assert.Equal(Environment.ProcessorCount > 1 ? 1 : 0, engine.Registered(RegisteredTaskObjectLifetime.Build));
        Assert.Empty(engine.Events);
    }
}
