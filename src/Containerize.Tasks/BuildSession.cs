using Containerize.Building;
using Containerize.Hosting;
using Containerize.Planning;
using Containerize.Registries;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>
/// What the tasks of one build share: connections, tokens, bases. It lives as long as the build, inside one process; a task
/// that runs elsewhere (Visual Studio's task host) makes its own.
/// </summary>
internal sealed class BuildSession : IDisposable
{
    private const string Key = "Containerize.BuildSession/1";
    private readonly AsyncLocal<Action<string>?> _trace = new();
    private readonly AsyncLocal<Action<string>?> _notice = new();

    private BuildSession(IEnvironment environment, IProcessRunner processes, TimeProvider clock, SharedCache cache, RegistrySettings settings) => Registries = new RegistryClient(new RegistryClientOptions
    {
        Environment = environment,
        Processes = processes,
        Clock = clock,
        Notes = cache.Notes(message => _notice.Value?.Invoke(message)),
        UserAgent = "containerize/" + (typeof(BuildSession).Assembly.GetName().Version?.ToString(3) ?? "0"),
        Trace = message => _trace.Value?.Invoke(message),
        Notice = message => _notice.Value?.Invoke(message),
    }.With(settings));

    /// <summary>The connections.</summary>
    public RegistryClient Registries { get; }

    /// <summary>The bases that were pulled.</summary>
    public ResolvedBases Bases { get; } = new();

    /// <summary>The session of this build for projects with these settings; what it logs goes to the calling task.</summary>
    public static BuildSession Of(
        IBuildEngine? engine, IEnvironment environment, IProcessRunner processes, TimeProvider clock, SharedCache cache, RegistrySettings settings, Action<string>? trace, Action<string> notice)
    {
        var key = $"{Key}{cache.Key}\n{PlanFile.Serialize(settings)}";
        var session = Registered(engine as IBuildEngine4, key) ?? Register(engine as IBuildEngine4, key, new BuildSession(environment, processes, clock, cache, settings));
        session._trace.Value = trace;
        session._notice.Value = notice;
        return session;
    }

    /// <inheritdoc/>
    public void Dispose() => Registries.Dispose();

    private static BuildSession? Registered(IBuildEngine4? engine, string key) =>
        engine?.GetRegisteredTaskObject(key, RegisteredTaskObjectLifetime.Build) as BuildSession;

    private static BuildSession Register(IBuildEngine4? engine, string key, BuildSession session)
    {
        engine?.RegisterTaskObject(key, session, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: true);
        return Registered(engine, key) ?? session;
    }
}
