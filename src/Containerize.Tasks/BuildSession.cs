using System.Collections.Concurrent;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// What projects of one build share that talk to registries in the same way: connections, tokens, bases.
/// </summary>
internal sealed class BuildSession : IDisposable
{
    // A killed program ends within milliseconds.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    private readonly AsyncLocal<Action<string>?> _trace = new();
    private readonly AsyncLocal<Action<string>?> _notice = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<(bool IsNotice, string Message)> _ahead = new();

    // The first who has something to ask makes it, which takes its time: that may well be while another task's work goes on.
    private readonly Lazy<RegistryClient> _registries;
    private readonly Lazy<TagLookups> _tagged;

    private BuildSession(
        IEnvironment environment, IProcessRunner processes, TimeProvider clock, SharedCache cache, RegistrySettings settings)
    {
        Processes = new PrefetchedCommands(processes);
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
        _tagged = new(() => new TagLookups(Registries));
    }

    /// <summary>This machine's programs, some of whose commands were run ahead.</summary>
    public PrefetchedCommands Processes { get; }

    /// <summary>The connections.</summary>
    public RegistryClient Registries => _registries.Value;

    /// <summary>The bases that were pulled.</summary>
    public PulledImages Bases { get; } = new();

    /// <summary>What tags name.</summary>
    public TagLookups Tagged => _tagged.Value;

    /// <summary>Tells the task that works with the session what the user should know though all goes well.</summary>
    public void Notice(string message) => _notice.Value?.Invoke(message);

    /// <summary>What is at destinations already.</summary>
    public PreviousImages Previous => new(Registries, Tagged);

    /// <summary>
    /// Does something that a later task will want, while the calling one goes on. What it logs is told by the next task: this one may be
    /// over, and a task that is over must not log.
    /// </summary>
    public void Begin(Func<CancellationToken, Task> work) => _ = Task.Run(async () =>
    {
        _trace.Value = _trace.Value is null ? null : message => _ahead.Enqueue((false, message));
        _notice.Value = message => _ahead.Enqueue((true, message));
        await work(_ending.Token).ConfigureAwait(false);
    });

    /// <summary>Tells the calling task's log what was said meanwhile.</summary>
    public void FlushPrefetchLog()
    {
        while (_ahead.TryDequeue(out var said))
            (said.IsNotice ? _notice : _trace).Value?.Invoke(said.Message);
    }

    /// <summary>The session of this build for projects with these settings; what it logs goes to the calling task.</summary>
    public static BuildSession Of(
        IBuildEngine? engine,
        IEnvironment environment,
        IProcessRunner processes,
        TimeProvider clock,
        SharedCache cache,
        RegistrySettings settings,
        Action<string>? trace,
        Action<string> notice)
    {
        var session = BuildContext.Of(engine).SessionOf(
            $"{cache.Key}\n{settings.Key}", () => new BuildSession(environment, processes, clock, cache, settings));
        session._trace.Value = trace;
        session._notice.Value = notice;
        session.FlushPrefetchLog();
        return session;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        Processes.WaitForAll(EndTimeout);
        if (_registries.IsValueCreated)
            _registries.Value.Dispose();
        _ending.Dispose();
    }
}
