using Containerize.Hosting;

namespace Containerize.Stores.Engine;

/// <summary>Questions to an engine's program, which it answers at once or, where its daemon hangs, never.</summary>
/// <param name="processes">Runs it.</param>
/// <param name="program">The program.</param>
/// <param name="clock">Tells when an answer is overdue.</param>
internal sealed class EngineCommands(IProcessRunner processes, string program, TimeProvider clock)
{
    // A daemon on another machine, by way of ssh, takes some seconds.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks one.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it; null where there is no such program.</returns>
    /// <exception cref="TimeoutException">
    /// There was no answer. The message is the beginning of a sentence, without its full stop.
    /// </exception>
    public async Task<ProcessOutcome?> AskAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await processes.RunAsync(new ProgramCall(program, arguments, Patience), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        {
            var command = string.Join(' ', arguments.Take(arguments[0] == "image" ? 2 : 1));
            throw new TimeoutException($"'{program} {command}' has not answered within {Patience.TotalSeconds} seconds");
        }
        }
    }
}
