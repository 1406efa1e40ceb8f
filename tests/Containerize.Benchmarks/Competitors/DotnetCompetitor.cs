using System.Diagnostics;
using Containerize.Benchmarks.Cases;
using Containerize.Benchmarks.Measuring;
using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>Whoever makes the image within <c>dotnet publish</c>, by the properties that both know.</summary>
public abstract class DotnetCompetitor : Competitor
{
    /// <summary>The argument that asks for an image.</summary>
    protected abstract string Switch { get; }

    /// <summary>The folder with the targets of the container step.</summary>
    protected abstract string TargetsFolder(BenchProject project);

    /// <inheritdoc/>
    public override async Task<Run> RunAsync(BenchProject project, Route route)
    {
        var figures = project.PathOf("step.json");
        File.Delete(figures);
        string[] built = [];
        if (project.Case.BuildsFirst)
        {
            await DotnetCommand.RunAsync("build", project, route, ["-c", "Release"]);
            built = ["--no-build"];
        }

        var cpu = ChildTime.Read();
        var watch = Stopwatch.StartNew();
        await DotnetCommand.PublishAsync(
            project, route, [.. built, Switch, StepFigures.LoggerArgument(figures, TargetsFolder(project)), .. Properties(project, route)]);
        var whole = watch.Elapsed.TotalSeconds;
        cpu = ChildTime.Read() - cpu;
        await VerifyAsync(project, route);
        var step = StepFigures.Read(figures);
        return new Run(step.Milliseconds / 1000, whole, cpu, step.PeakBytes, step.GrowthBytes, step.Targets);
    }

    /// <inheritdoc/>
    public override async Task CleanUpAsync(BenchProject project)
    {
        if (project.Case.Place == Place.Docker)
            await project.Sandbox.RunAsync(Testbed.Get(Server.Docker), ["image", "rm", "-f", $"{project.Repository}:latest"]);
    }

    private static IEnumerable<string> Properties(BenchProject project, Route route)
    {
        yield return $"-p:ContainerBaseImage={route.From}/{project.Case.Base.Name}";
        yield return $"-p:ContainerRepository={project.Repository}";
        yield return "-p:ContainerImageTag=latest";
        yield return project.Case.Place switch
        {
            Place.Archive or Place.GzipArchive => $"-p:ContainerArchiveOutputPath={project.Archive}",
            Place.Docker => "-p:LocalRegistry=Docker",
            _ => $"-p:ContainerRegistry={route.To}",
        };
    }

    // A step that did nothing would be the fastest of all.
    /// <summary>Makes sure that there is an image.</summary>
    protected virtual async Task VerifyAsync(BenchProject project, Route route)
    {
        switch (project.Case.Place)
        {
            case Place.Archive or Place.GzipArchive:
                if (!File.Exists(project.Archive))
                    throw new FileNotFoundException("There is no archive.", project.Archive);
                break;
            case Place.Docker:
                (await project.Sandbox.RunAsync(Testbed.Get(Server.Docker), ["image", "inspect", $"{project.Repository}:latest"]))
                    .EnsureSuccess();
                break;
            default:
                await RegistryImage.VerifyAsync(route.To, project.Repository);
                break;
        }
    }
}
