using Microsoft.Build.Framework;

namespace Containerize.Benchmarks.Measuring;

/// <summary>
/// An MSBuild logger, <c>-logger:Containerize.Benchmarks.Measuring.StepLogger,PATH;OUTPUT;FOLDER</c>, that measures the targets which are
/// defined in files below a folder: those of the container step.
/// </summary>
public sealed class StepLogger : ILogger
{
    private readonly StepClock _clock = new();
    private readonly MemoryPeak _memory = new();
    private string _output = "";
    private string _folder = "";

    /// <inheritdoc/>
    public LoggerVerbosity Verbosity { get; set; } = LoggerVerbosity.Quiet;

    /// <inheritdoc/>
    public string? Parameters { get; set; }

    /// <inheritdoc/>
    public void Initialize(IEventSource eventSource)
    {
        if (Parameters?.Split(';') is not [var output, var folder])
            throw new LoggerException("The logger needs the file to write and the folder of the targets to measure.");
        _output = output;
        _folder = Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar;
        eventSource.TargetStarted += (_, started) => Start(started);
        eventSource.TargetFinished += (_, finished) => Finish(finished);
    }

    /// <inheritdoc/>
    public void Shutdown() =>
        new StepFigures(_clock.Total().TotalMilliseconds, _memory.Bytes, _memory.Growth, _clock.Targets).Write(_output);

    // The time is the event's own: events come here by a queue, some time after they happened.
    private void Start(TargetStartedEventArgs started)
    {
        var isStep = started.TargetFile.StartsWith(_folder, StringComparison.OrdinalIgnoreCase);
        _clock.Start(ProjectOf(started), started.TargetName, isStep, started.Timestamp);
        // From one target of the step to the next, it is one stretch: what the first allocates, the second has too.
        if (isStep)
            _memory.Begin();
        else if (_clock.Running == 0)
            _memory.End();
    }

    private void Finish(TargetFinishedEventArgs finished)
    {
        var running = _clock.Running;
        _clock.Finish(ProjectOf(finished), finished.Timestamp);
        if (_clock.Running < running)
            _memory.Look();
    }

    private static int ProjectOf(BuildEventArgs happened) => happened.BuildEventContext?.ProjectInstanceId ?? 0;
}
