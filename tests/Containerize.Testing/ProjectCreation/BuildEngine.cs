using System.Collections;
using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>The simplest build engine a task can run in, which keeps what it logs.</summary>
public sealed class BuildEngine : BuildEventArgsCollection, IBuildEngine
{
    private BuildEngine()
    {
    }

    /// <inheritdoc/>
    public int ColumnNumberOfTaskNode => 0;

    /// <inheritdoc/>
    public bool ContinueOnError => false;

    /// <inheritdoc/>
    public int LineNumberOfTaskNode => 0;

    /// <inheritdoc/>
    public string? ProjectFileOfTaskNode => null;

    /// <summary>Creates an empty one.</summary>
    public static BuildEngine Create() => new();

    /// <inheritdoc/>
    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public void LogCustomEvent(CustomBuildEventArgs e) => Add(e);

    /// <inheritdoc/>
    public void LogErrorEvent(BuildErrorEventArgs e) => Add(e);

    /// <inheritdoc/>
    public void LogMessageEvent(BuildMessageEventArgs e) => Add(e);

    /// <inheritdoc/>
    public void LogWarningEvent(BuildWarningEventArgs e) => Add(e);
}
