using System.Collections.Concurrent;
using Containerize.Building;
using Containerize.Hosting;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// What the tasks of one build share: connections, tokens, bases. It lives as long as the build, inside one process; a task
/// that runs elsewhere (Visual Studio's task host) makes its own.
/// </summary>
internal sealed class BuildSession : IDisposable
{
    private const string Key = "Containerize.BuildSession/1";

    private const string PatienceKey = "Containerize.Patience/1";

    // Docker takes a tenth of it to see that nothing will come.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly AsyncLocal<Action<string>?> _trace = new();
    private readonly AsyncLocal<Action<string>?> _notice = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<(bool IsNotice, string Message)> _ahead = new();

    // The first who has something to ask makes it, which takes its time: that may well be while another task's work goes on.
    private readonly Lazy<RegistryClient> _registries;
    private readonly Lazy<TaggedManifests> _tagged;

    private BuildSession(IEnvironment environment, IProcessRunner processes, TimeProvider clock, SharedCache cache, RegistrySettings settings)
    {
        Processes = new AskedProcesses(processes);
        _registries = new(() => new RegistryClient(new RegistryClientOptions
        {
            Environment = environment,
            Processes = processes,
            Clock = clock,
            Notes = cache.Notes(message => _notice.Value?.Invoke(message)),
            Documents = cache.Documents,
            UserAgent = "containerize/" + (typeof(BuildSession).Assembly.GetName().Version?.ToString(3) ?? "0"),
            Trace = message => _trace.Value?.Invoke(message),
            Notice = message => _notice.Value?.Invoke(message),
        }.With(settings)));
        _tagged = new(() => new TaggedManifests(Registries));
    }

    /// <summary>This machine's programs, some of which were run ahead.</summary>
    public AskedProcesses Processes { get; }

    /// <summary>The connections.</summary>
    public RegistryClient Registries => _registries.Value;

    /// <summary>The bases that were pulled.</summary>
    public ResolvedBases Bases { get; } = new();

    /// <summary>What tags name.</summary>
    public TaggedManifests Tagged => _tagged.Value;

    /// <summary>Tells whoever works with the session what the user should know though all goes well.</summary>
    public void Notice(string message) => _notice.Value?.Invoke(message);

    /// <summary>What is at destinations already.</summary>
    public PreviousImages Previous => new(Registries, Tagged);

    /// <summary>
    /// Does something that a later task will want, while the calling one goes on. What it logs is told by the next task: this one may be over,
    /// and a task that is over must not log.
    /// </summary>
    public void Begin(Func<CancellationToken, Task> work) => _ = Task.Run(async () =>
    {
        _trace.Value = _trace.Value is null ? null : message => _ahead.Enqueue((false, message));
        _notice.Value = message => _ahead.Enqueue((true, message));
        await work(_ending.Token).ConfigureAwait(false);
    });

    /// <summary>Tells the calling task's log what was said meanwhile.</summary>
    public void TellOfWhatWasBegun()
    {
        while (_ahead.TryDequeue(out var said))
            (said.IsNotice ? _notice : _trace).Value?.Invoke(said.Message);
    }

    /// <summary>The session of this build for projects with these settings; what it logs goes to the calling task.</summary>
    public static BuildSession Of(
        IBuildEngine? engine, IEnvironment environment, IProcessRunner processes, TimeProvider clock, SharedCache cache, RegistrySettings settings, Action<string>? trace, Action<string> notice)
    {
        var key = $"{Key}{cache.Key}\n{PlanFile.Serialize(settings)}";
        var session = Registered(engine as IBuildEngine4, key) ?? Register(engine as IBuildEngine4, key, new BuildSession(environment, processes, clock, cache, settings));
        session._trace.Value = trace;
        session._notice.Value = notice;
        session.TellOfWhatWasBegun();
        return session;
    }

    /// <summary>How long this build waits for others, in all of its projects.</summary>
    public static WaitingBudget PatienceOf(IBuildEngine? engine)
    {
        var engine4 = engine as IBuildEngine4;
        if (engine4?.GetRegisteredTaskObject(PatienceKey, RegisteredTaskObjectLifetime.Build) is WaitingBudget known)
            return known;
        var patience = new WaitingBudget(TimeProvider.System);
        engine4?.RegisterTaskObject(PatienceKey, patience, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: true);
        return engine4?.GetRegisteredTaskObject(PatienceKey, RegisteredTaskObjectLifetime.Build) as WaitingBudget ?? patience;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        Processes.EndAll(Patience);
        if (_registries.IsValueCreated)
            _registries.Value.Dispose();
        _ending.Dispose();
    }

    private static BuildSession? Registered(IBuildEngine4? engine, string key) =>
        engine?.GetRegisteredTaskObject(key, RegisteredTaskObjectLifetime.Build) as BuildSession;

    private static BuildSession Register(IBuildEngine4? engine, string key, BuildSession session)
    {
        engine?.RegisterTaskObject(key, session, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: true);
        return Registered(engine, key) ?? session;
    }
}
