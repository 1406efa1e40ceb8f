using System.Collections.Concurrent;

namespace Containerize.Hosting;

/// <summary>
/// Commands without input that are run before their outcome is wanted. Each prefetched outcome is used once; after that the command runs
/// again. Safe for use by many at once.
/// </summary>
/// <param name="processes">Runs them.</param>
internal sealed class PrefetchedCommands(IProcessRunner processes) : IProcessRunner
{
    private readonly ConcurrentDictionary<string, Lazy<Task<ProcessOutcome?>>> _prefetched = new(StringComparer.Ordinal);

    /// <summary>Runs a command ahead; does nothing where its outcome is there already and was not used yet.</summary>
    /// <param name="call">The command, without input.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Completes when the command has ended, and never fails: who uses the outcome gets the failure.</returns>
    public Task PrefetchAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var run = new Lazy<Task<ProcessOutcome?>>(() => processes.RunAsync(call, cancellationToken));
        return _prefetched.TryAdd(call.Key, run) ? Task.WhenAny(run.Value) : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken) =>
        call.WriteInput is null && _prefetched.TryRemove(call.Key, out var run)
            ? await run.Value.WaitAsync(cancellationToken).ConfigureAwait(false)
            : await processes.RunAsync(call, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until commands have ended whose token was cancelled. They would outlive this process.</summary>
    /// <param name="timeout">How long that may take.</param>
    public void WaitForAll(TimeSpan timeout) => Task.WaitAll([.. _prefetched.Values.Select(run => Task.WhenAny(run.Value))], timeout);
}
