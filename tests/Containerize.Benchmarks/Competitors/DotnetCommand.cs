using Containerize.Benchmarks.Cases;
using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>How <c>dotnet publish</c> is run on a project, for all competitors alike.</summary>
internal static class DotnetCommand
{
    /// <summary>Publishes, and expects success.</summary>
    public static Task PublishAsync(BenchProject project, Route route, params IReadOnlyList<string> arguments) =>
        RunAsync("publish", project, route, arguments);

    /// <summary>Runs a command of <c>dotnet</c>, and expects success.</summary>
    public static async Task RunAsync(string command, BenchProject project, Route route, IReadOnlyList<string> arguments)
    {
        string[] runtime = project.Case.IsSelfContained ? ["-r", "linux-x64", "--self-contained"] : [];
        var result = await project.Sandbox.DotnetAsync([command, .. runtime, .. arguments], Environment(project, route), project.Folder);
        result.EnsureSuccess();
    }

    private static Dictionary<string, string?> Environment(BenchProject project, Route route)
    {
        var environment = new Dictionary<string, string?>
        {
            ["TMPDIR"] = project.TemporaryFolder,
            ["XDG_CACHE_HOME"] = project.CacheFolder,
            ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = $"{route.From};{route.To}",
        };
        if (project.Case.Place == Place.Docker)
        {
            environment["PATH"] = Path.GetDirectoryName(
                Testbed.Get(Server.Docker)) + Path.PathSeparator + project.Sandbox.Environment["PATH"];
            environment["DOCKER_HOST"] = Testbed.Get(Server.DockerHost);
        }

        return environment;
    }
}
