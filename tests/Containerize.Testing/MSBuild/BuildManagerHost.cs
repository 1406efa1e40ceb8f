using Microsoft.Build.Execution;
using Microsoft.Build.Framework;

namespace Containerize.Testing;

/// <summary>Builds in this process, one build at a time: there is one build manager, and it changes the current directory.</summary>
internal static class BuildManagerHost
{
    private static readonly Lock Gate = new();

    public static BuildResult Build(
        string projectFullPath,
        IEnumerable<string>? targets,
        IDictionary<string, string>? globalProperties,
        IEnumerable<ILogger> loggers,
        BuildRequestDataFlags flags)
    {
        lock (Gate)
        {
            // Parameters of their own, not those of a project collection, whose cache would hide what changed on disk since the last build.
            var parameters = new BuildParameters
            {
                EnableNodeReuse = false,
                MaxNodeCount = 1,
                Loggers = [.. loggers],
                UseSynchronousLogging = true,
            };
            var properties = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in globalProperties ?? new Dictionary<string, string>())
                properties[name] = value;

            var request = new BuildRequestData(
                projectFullPath, properties, targetsToBuild: [.. targets ?? []], toolsVersion: null, hostServices: null, flags: flags);
            return BuildManager.DefaultBuildManager.Build(parameters, request);
        }
    }
}
