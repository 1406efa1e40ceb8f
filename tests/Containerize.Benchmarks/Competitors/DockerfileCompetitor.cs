using System.Diagnostics;
using Containerize.Benchmarks.Cases;
using Containerize.Benchmarks.Measuring;
using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>Whoever builds an image from a Dockerfile that copies the publish folder, and pushes it.</summary>
/// <param name="server">Its key in the testbed.</param>
public abstract class DockerfileCompetitor(string server) : Competitor
{
    private readonly HashSet<string> _images = [];

    /// <inheritdoc/>
    public override string? WhyMissing => Testbed.WhyMissing(server);

    /// <inheritdoc/>
    public override bool TakesPart(BenchCase benchCase) => benchCase.HasDockerfile;

    /// <inheritdoc/>
    public override async Task<Run> RunAsync(BenchProject project, Route route)
    {
        var dockerfile = project.Sandbox.Write($"{project.Folder}/Dockerfile", $"""
            FROM {route.From}/{project.Case.Base.Name}
            WORKDIR /app
            COPY . .
            ENTRYPOINT ["dotnet", "HelloWeb.dll"]

            """);
        var image = $"{route.To}/{project.Repository}:latest";

        var cpu = ChildTime.Read();
        var whole = Stopwatch.StartNew();
        await DotnetCommand.PublishAsync(project, route);
        var step = Stopwatch.StartNew();
        var built = (
            await RunAsync(
                project,
                BuildArguments(dockerfile, image, project.PathOf("HelloWeb", "bin", "Release", "net10.0", "publish")))).EnsureSuccess();
        (await RunAsync(project, PushArguments(image))).EnsureSuccess();
        var run = new Run(
            step.Elapsed.TotalSeconds, whole.Elapsed.TotalSeconds, ChildTime.Read() - cpu, null, null, new Dictionary<string, double>());
        await RegistryImage.VerifyAsync(route.To, project.Repository);
        _images.UnionWith([image, built.StandardOutput.Trim(), $"{route.From}/{project.Case.Base.Name}"]);
        return run;
    }

    /// <inheritdoc/>
    public override async Task CleanUpAsync(BenchProject project)
    {
        // One by one: what went with another one is no reason to leave the rest.
        foreach (var image in _images)
            await RunAsync(project, ["rmi", "--force", image]);
        _images.Clear();
    }

    /// <summary>The command that builds and, with <c>--quiet</c>, writes the image's id.</summary>
    /// <param name="dockerfile">The Dockerfile.</param>
    /// <param name="image">The image's full name.</param>
    /// <param name="context">The folder that is copied.</param>
    protected abstract IReadOnlyList<string> BuildArguments(string dockerfile, string image, string context);

    /// <summary>The command that pushes.</summary>
    protected abstract IReadOnlyList<string> PushArguments(string image);

    private Task<ProcessResult> RunAsync(BenchProject project, IReadOnlyList<string> arguments) =>
        project.Sandbox.RunAsync(Testbed.Get(server), arguments, new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" });
}
