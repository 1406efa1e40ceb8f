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
        var project = workspace.Project(compiles: true);
        Publish();
        Publish();
        Publish("System.Console.WriteLine(1);\n");

        void Publish(string? program = null)
        {
            if (program is not null)
                workspace.Write("App/Program.cs", program);
            var outcome = Workspace.Build(project, ["Build"], [("_IsPublishing", publishing), ("ContainerPublish", container)]).EnsureSuccess();
            Assert.Equal(expected, outcome.Output.MessageEvents.Any(message => message.Message!.StartsWith($"Using \"{nameof(Rehearse)}\" task", StringComparison.Ordinal)));
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
