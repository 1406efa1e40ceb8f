using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>The logger of a build that keeps everything.</summary>
public sealed class BuildOutput : BuildEventArgsCollection, ILogger
{
    private BuildOutput()
    {
    }

    /// <summary>Whether the build succeeded; <see langword="null"/> until it ended. After a restore and a build, the latter's.</summary>
    public bool? Succeeded { get; private set; }

    /// <inheritdoc/>
    public string? Parameters { get; set; }

    /// <inheritdoc/>
    public LoggerVerbosity Verbosity { get; set; } = LoggerVerbosity.Diagnostic;

    /// <summary>Creates an empty one.</summary>
    public static BuildOutput Create() => new();

    /// <inheritdoc/>
    public void Initialize(IEventSource eventSource)
    {
        eventSource.BuildFinished += (_, e) => Succeeded = e.Succeeded;
        eventSource.AnyEventRaised += (_, e) => Add(e);
    }

    /// <inheritdoc/>
    public void Shutdown()
    {
        // Read after the build, and used for a restore and a build in turn.
    }
}
