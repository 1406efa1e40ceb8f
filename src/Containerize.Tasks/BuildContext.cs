using System.Collections.Concurrent;
using Containerize.Hosting;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>
/// What the tasks of one build share in memory: the one object that is registered with MSBuild. It lives as long as the build, inside one
/// process; a task that runs elsewhere (Visual Studio's task host, another node) has its own, and reads from below <c>obj</c> what steps
/// hand on.
/// </summary>
internal sealed class BuildContext : IDisposable
{
    private const string Key = "Containerize.BuildContext/1";

    private readonly ConcurrentDictionary<string, Lazy<BuildSession>> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StepState> _steps = new(StringComparer.Ordinal);

    private BuildContext()
    {
    }

    /// <summary>How long this build waits for others, in all of its projects.</summary>
    public WaitingBudget Patience { get; } = new(TimeProvider.System);

    /// <summary>The context of the build; one for a single task where MSBuild keeps no objects.</summary>
    public static BuildContext Of(IBuildEngine? engine)
    {
        if (engine is not IBuildEngine4 objects)
            return new BuildContext();
        if (objects.GetRegisteredTaskObject(Key, RegisteredTaskObjectLifetime.Build) is BuildContext known)
            return known;
        var context = new BuildContext();
        // Of two that are registered at once, the first is kept.
        objects.RegisterTaskObject(Key, context, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: true);
        return objects.GetRegisteredTaskObject(Key, RegisteredTaskObjectLifetime.Build) as BuildContext ?? context;
    }

    /// <summary>The session with a key.</summary>
    public BuildSession SessionOf(string key, Func<BuildSession> create) =>
        _sessions.GetOrAdd(key, _ => new Lazy<BuildSession>(create)).Value;

    /// <summary>What the steps with a plan hand on; empty where another process has run those before.</summary>
    public StepState StepsOf(string planPath) => _steps.GetOrAdd(planPath, _ => new StepState());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values.Where(session => session.IsValueCreated))
            session.Value.Dispose();
    }
}
