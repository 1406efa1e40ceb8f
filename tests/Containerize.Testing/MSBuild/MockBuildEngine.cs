using System.Collections;
using System.Collections.Concurrent;
using Microsoft.Build.Framework;

namespace Containerize.Testing;

/// <summary>
/// The build engine of a task under test. Everything a task logs is kept, from whatever thread; registered objects live as long as the
/// engine, or until it is disposed.
/// </summary>
public sealed class MockBuildEngine : IBuildEngine10, IDisposable
{
    private readonly ConcurrentQueue<BuildEventArgs> events = new();
    private readonly ConcurrentDictionary<(object Key, RegisteredTaskObjectLifetime Lifetime), object> taskObjects = new();

    /// <summary>Creates an engine.</summary>
    /// <param name="importance">
    /// The least important messages that someone listens to; what <c>Log.LogsMessagesOfImportance</c> goes by.
    /// </param>
    public MockBuildEngine(MessageImportance importance = MessageImportance.Low) => EngineServices = new Services(importance);

    /// <summary>Everything that was logged, in order.</summary>
    public IReadOnlyList<BuildEventArgs> Events => [.. events];

    /// <summary>The errors, in order.</summary>
    public IReadOnlyList<BuildErrorEventArgs> Errors => [.. events.OfType<BuildErrorEventArgs>()];

    /// <summary>The warnings, in order.</summary>
    public IReadOnlyList<BuildWarningEventArgs> Warnings => [.. events.OfType<BuildWarningEventArgs>()];

    /// <summary>The messages, in order.</summary>
    public IReadOnlyList<BuildMessageEventArgs> Messages => [.. events.OfType<BuildMessageEventArgs>()];

    /// <summary>The names of the telemetry events that were sent; a task that respects its users sends none.</summary>
    public ConcurrentQueue<string> TelemetryEvents { get; } = new();

    /// <summary>The log as text, for the message of a failing assertion.</summary>
    public string Log => string.Join('\n', events.Select(Format));

    /// <inheritdoc/>
    public EngineServices EngineServices { get; }

    /// <inheritdoc/>
    public bool ContinueOnError { get; init; }

    /// <inheritdoc/>
    public int LineNumberOfTaskNode => 1;

    /// <inheritdoc/>
    public int ColumnNumberOfTaskNode => 1;

    /// <inheritdoc/>
    public string ProjectFileOfTaskNode { get; init; } = "test.proj";

    /// <inheritdoc/>
    public bool IsRunningMultipleNodes { get; init; }

    /// <inheritdoc/>
    public bool AllowFailureWithoutError { get; set; }

    /// <summary>The project's global properties.</summary>
    public IReadOnlyDictionary<string, string> GlobalProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>The codes of warnings that the build turns into errors.</summary>
    public ISet<string> WarningsAsErrors { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public void LogErrorEvent(BuildErrorEventArgs e) => events.Enqueue(e);

    /// <inheritdoc/>
    public void LogWarningEvent(BuildWarningEventArgs e) => events.Enqueue(e);

    /// <inheritdoc/>
    public void LogMessageEvent(BuildMessageEventArgs e) => events.Enqueue(e);

    /// <inheritdoc/>
    public void LogCustomEvent(CustomBuildEventArgs e) => events.Enqueue(e);

    /// <inheritdoc/>
    public void LogTelemetry(string eventName, IDictionary<string, string> properties) => TelemetryEvents.Enqueue(eventName);

    /// <inheritdoc/>
    public bool ShouldTreatWarningAsError(string warningCode) => WarningsAsErrors.Contains(warningCode);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> GetGlobalProperties() => GlobalProperties;

    /// <inheritdoc/>
    public object? GetRegisteredTaskObject(object key, RegisteredTaskObjectLifetime lifetime) =>
        taskObjects.GetValueOrDefault((key, lifetime));

    /// <inheritdoc/>
    public void RegisterTaskObject(object key, object obj, RegisteredTaskObjectLifetime lifetime, bool allowEarlyCollection) =>
        // As MSBuild does: who comes second is not heard.
        taskObjects.TryAdd((key, lifetime), obj);

    /// <summary>How many objects live as long.</summary>
    public int Registered(RegisteredTaskObjectLifetime lifetime) => taskObjects.Keys.Count(key => key.Lifetime == lifetime);

    /// <inheritdoc/>
    public object? UnregisterTaskObject(object key, RegisteredTaskObjectLifetime lifetime) =>
        taskObjects.TryRemove((key, lifetime), out var value) ? value : null;

    /// <inheritdoc/>
    public int RequestCores(int requestedCores) => requestedCores;

    /// <inheritdoc/>
    public void ReleaseCores(int coresToRelease)
    {
    }

    /// <inheritdoc/>
    public void Yield()
    {
    }

    /// <inheritdoc/>
    public void Reacquire()
    {
    }

    /// <inheritdoc/>
    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) =>
        throw BuildsNothing();

    /// <inheritdoc/>
    public bool BuildProjectFile(
        string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs, string toolsVersion) =>
        throw BuildsNothing();

    /// <inheritdoc/>
    public bool BuildProjectFilesInParallel(
        string[] projectFileNames, string[] targetNames, IDictionary[] globalProperties, IDictionary[] targetOutputsPerProject,
        string[] toolsVersion, bool useResultsCache, bool unloadProjectsOnCompletion) =>
        throw BuildsNothing();

    /// <inheritdoc/>
    public BuildEngineResult BuildProjectFilesInParallel(
        string[] projectFileNames, string[] targetNames, IDictionary[] globalProperties, IList<string>[] removeGlobalProperties,
        string[] toolsVersion, bool returnTargetOutputs) =>
        throw BuildsNothing();

    /// <summary>Ends the build: disposes the registered objects, each once.</summary>
    public void Dispose()
    {
        foreach (var key in taskObjects.Keys)
        {
            if (taskObjects.TryRemove(key, out var value))
                (value as IDisposable)?.Dispose();
        }
    }

    private static NotSupportedException BuildsNothing() =>
        new("A task that builds projects cannot run in a task host; it is not what this engine is for.");

    private static string Format(BuildEventArgs e) => e switch
    {
        BuildErrorEventArgs error => $"error {error.Code}: {error.Message}",
        BuildWarningEventArgs warning => $"warning {warning.Code}: {warning.Message}",
        _ => e.Message ?? e.GetType().Name,
    };

    private sealed class Services(MessageImportance importance) : EngineServices
    {
        public override bool LogsMessagesOfImportance(MessageImportance messageImportance) => messageImportance <= importance;

        public override bool IsTaskInputLoggingEnabled => false;
    }
}
