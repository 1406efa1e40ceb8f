using System.Collections.Concurrent;

namespace Containerize.Hosting;

/// <summary>
/// Runs other programs, and some of them ahead: who later wants just that gets the outcome of then, once. For questions, whose answers are as good
/// a moment later, and for programs that have something to do before they come to their input. Safe for use by many at once.
/// </summary>
/// <param name="processes">Runs them.</param>
public sealed class AskedProcesses(IProcessRunner processes) : IProcessRunner
{
    private readonly ConcurrentDictionary<string, Task<ProcessOutcome?>> _begun = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<WaitingProgram>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Runs a program without input ahead; nothing where it was begun already and nobody has wanted it.</summary>
    /// <param name="call">The program, without its input.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task BeginAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var outcome = new TaskCompletionSource<ProcessOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_begun.TryAdd(call.Key, outcome.Task))
            return;
        try
        {
            outcome.SetResult(await processes.RunAsync(call, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            outcome.SetCanceled(CancellationToken.None);
        }
        catch (Exception e)
        {
            outcome.SetException(e);
        }
    }

    /// <summary>Starts a program that waits for its input; nothing where one waits already.</summary>
    /// <param name="call">The program, without its input.</param>
    /// <param name="beginning">With what any input of it will begin.</param>
    /// <param name="lettingGo">Ends its input, if nobody has wanted it until then.</param>
    /// <returns>Completes when it has ended, and never fails: whoever wants it is told.</returns>
    public Task BeginAsync(ProgramCall call, ReadOnlyMemory<byte> beginning, CancellationToken lettingGo)
    {
        // Of two who begin it at the same time, one starts it.
        var waiting = new Lazy<WaitingProgram>(() => new WaitingProgram(processes, call, beginning, lettingGo));
        return _waiting.TryAdd(call.Key, waiting) ? waiting.Value.Ended : Task.CompletedTask;
    }

    /// <summary>
    /// Waits until what was begun and let go has ended: programs that wait for input, most of which end by themselves when there is no more, and
    /// are killed otherwise, and questions, which were killed. They would outlive this process.
    /// </summary>
    /// <param name="patience">How long that may take.</param>
    public void EndAll(TimeSpan patience)
    {
        var waiting = _waiting.Values.Where(program => program.IsValueCreated).Select(program => program.Value).ToList();
        Task[] ended =
        [
            .. waiting.Select(program => program.Ended),
            .. _begun.Values.Select(begun => Task.WhenAny(begun)),
        ];
        _waiting.Clear();
        _begun.Clear();
        if (Task.WaitAll(ended, patience))
            return;
        waiting.ForEach(program => program.Kill());
        Task.WaitAll(ended, patience);
    }

    /// <inheritdoc/>
    /// <remarks>A program that waited and failed is run again: it may have waited too long.</remarks>
    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var key = call.Key;
        if (call.WriteInput is null)
        {
            if (_begun.TryRemove(key, out var begun))
                return await begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (_waiting.TryRemove(key, out var started))
        {
            using (var waiting = started.Value)
            {
                if (await waiting.FinishAsync(call.WriteInput, cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } done)
                    return done;
            }
        }

        return await processes.RunAsync(call, cancellationToken).ConfigureAwait(false);
    }
}
