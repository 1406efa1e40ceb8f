using System.Collections.Concurrent;

namespace Containerize.Hosting;

/// <summary>
/// Runs other programs, and some of them ahead: who later wants just that gets the outcome of then, once. For questions, whose answers are as good
/// a moment later. Safe for use by many at once.
/// </summary>
/// <param name="processes">Runs them.</param>
public sealed class AskedProcesses(IProcessRunner processes) : IProcessRunner
{
    private readonly ConcurrentDictionary<string, Task<ProcessOutcome?>> _begun = new(StringComparer.Ordinal);

    /// <summary>Runs a program without input ahead; nothing where it was begun already and nobody has wanted it.</summary>
    /// <param name="fileName">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task BeginAsync(string fileName, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var outcome = new TaskCompletionSource<ProcessOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_begun.TryAdd(KeyOf(fileName, arguments), outcome.Task))
            return;
        try
        {
            outcome.SetResult(await processes.RunAsync(fileName, arguments, null, cancellationToken).ConfigureAwait(false));
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

    /// <inheritdoc/>
    public async Task<ProcessOutcome?> RunAsync(
        string fileName, IReadOnlyList<string> arguments, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken cancellationToken) =>
        writeInput is null && _begun.TryRemove(KeyOf(fileName, arguments), out var begun)
            ? await begun.WaitAsync(cancellationToken).ConfigureAwait(false)
            : await processes.RunAsync(fileName, arguments, writeInput, cancellationToken).ConfigureAwait(false);

    private static string KeyOf(string fileName, IReadOnlyList<string> arguments) => string.Join('\0', [fileName, .. arguments]);
}
