using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Logging;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>What a build or a task logged.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "The package's name.")]
public abstract class BuildEventArgsCollection : IDisposable
{
    private readonly ConcurrentQueue<BuildEventArgs> events = new();

    /// <summary>Everything, in order.</summary>
    public IReadOnlyCollection<BuildEventArgs> AllEvents => events;

    /// <summary>The errors.</summary>
    public IReadOnlyCollection<BuildErrorEventArgs> ErrorEvents => [.. events.OfType<BuildErrorEventArgs>()];

    /// <summary>The texts of the errors.</summary>
    public IReadOnlyCollection<string> Errors => [.. ErrorEvents.Select(e => e.Message ?? "")];

    /// <summary>The warnings.</summary>
    public IReadOnlyCollection<BuildWarningEventArgs> WarningEvents => [.. events.OfType<BuildWarningEventArgs>()];

    /// <summary>The texts of the warnings.</summary>
    public IReadOnlyCollection<string> Warnings => [.. WarningEvents.Select(e => e.Message ?? "")];

    /// <summary>The messages.</summary>
    public BuildMessageEventArgsCollection MessageEvents => new(events.OfType<BuildMessageEventArgs>());

    /// <summary>The texts of the messages.</summary>
    public BuildMessageCollection Messages => new(MessageEvents);

    /// <summary>The log as the console shows it.</summary>
    /// <param name="verbosity">How much of it.</param>
    /// <param name="showSummary">Whether errors and warnings are repeated at the end.</param>
    public string GetConsoleLog(LoggerVerbosity verbosity = LoggerVerbosity.Normal, bool showSummary = true)
    {
        var text = new StringBuilder();
        var logger = new ConsoleLogger(verbosity, line => text.Append(line), _ => { }, () => { })
        {
            Parameters = showSummary ? "Summary" : "NoSummary",
        };
        var source = new EventArgsDispatcher();
        logger.Initialize(source);
        foreach (var e in events)
            source.Dispatch(e);
        logger.Shutdown();
        return text.ToString();
    }

    /// <summary>Keeps an event.</summary>
    public void Add(BuildEventArgs buildEventArgs) => events.Enqueue(buildEventArgs);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        events.Clear();
        GC.SuppressFinalize(this);
    }
}
