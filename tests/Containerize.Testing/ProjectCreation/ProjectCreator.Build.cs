using Containerize.Testing;
using Microsoft.Build.Execution;
using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

// Restoring and building.
public sealed partial class ProjectCreator
{
    /// <summary>Saves the project and restores its packages.</summary>
    /// <param name="result">Whether the restore succeeded.</param>
    /// <param name="buildOutput">What it logged.</param>
    public ProjectCreator TryRestore(out bool result, out BuildOutput buildOutput)
    {
        buildOutput = BuildOutput.Create();
        result = Restore(globalProperties, buildOutput).OverallResult == BuildResultCode.Success;
        return this;
    }

    private ProjectCreator Build(
        bool restore,
        IEnumerable<string>? targets,
        IDictionary<string, string>? globalProperties,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs)
    {
        buildOutput = BuildOutput.Create();
        globalProperties ??= this.globalProperties;
        if (restore)
        {
            var restored = Restore(globalProperties, buildOutput);
            targetOutputs = restored.ResultsByTarget;
            result = restored.OverallResult == BuildResultCode.Success;
            if (!result)
                return this;
        }

        Save();
        var built = BuildManagerHost.Build(FullPath, targets, globalProperties, Loggers(buildOutput), BuildRequestDataFlags.None);
        targetOutputs = built.ResultsByTarget;
        result = built.OverallResult == BuildResultCode.Success;
        return this;
    }

    // What `-restore` does: an evaluation of its own, without the imports that the restore is about to write.
    private BuildResult Restore(IDictionary<string, string>? globalProperties, BuildOutput buildOutput)
    {
        Save();
        var properties = new Dictionary<string, string>(
            globalProperties ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase)
        {
            ["ExcludeRestorePackageImports"] = "true",
            ["MSBuildRestoreSessionId"] = Guid.NewGuid().ToString("D"),
        };
        const BuildRequestDataFlags flags =
            BuildRequestDataFlags.ClearCachesAfterBuild
            | BuildRequestDataFlags.SkipNonexistentTargets
            | BuildRequestDataFlags.IgnoreMissingEmptyAndInvalidImports;
        var result = BuildManagerHost.Build(FullPath, ["Restore"], properties, Loggers(buildOutput), flags);
        ForgetEvaluation();
        return result;
    }

    private IEnumerable<ILogger> Loggers(BuildOutput buildOutput) => [.. ProjectCollection.Loggers, buildOutput];
}
