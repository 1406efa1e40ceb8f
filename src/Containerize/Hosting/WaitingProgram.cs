namespace Containerize.Hosting;

/// <summary>A program that was started before there is all that it shall read. It has the beginning, and waits for the rest.</summary>
internal sealed class WaitingProgram : IDisposable
{
    private readonly ReadOnlyMemory<byte> _beginning;
    private readonly TaskCompletionSource<Func<Stream, CancellationToken, Task>?> _input = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _killing = new();
    private readonly Task<ProcessOutcome?> _outcome;

    /// <summary>Starts it.</summary>
    /// <param name="processes">Runs it.</param>
    /// <param name="call">The program, without its input.</param>
    /// <param name="beginning">The first bytes of its standard input, whatever the others will be.</param>
    /// <param name="lettingGo">Closes its input, if nobody has wanted it until then: what it makes of that is its business.</param>
    public WaitingProgram(IProcessRunner processes, ProgramCall call, ReadOnlyMemory<byte> beginning, CancellationToken lettingGo)
    {
        _beginning = beginning;
        lettingGo.Register(() => _input.TrySetResult(null));
        _outcome = processes.RunAsync(call with { WriteInput = WriteInputAsync }, _killing.Token);
    }

    /// <summary>Completes when it has ended, and never fails: whoever finishes it is told.</summary>
    public Task Ended => Task.WhenAny(_outcome);

    /// <summary>Has it read all that its writer writes, of which it has the beginning.</summary>
    /// <returns>How it ended; null where it cannot be had any more, or does not exist.</returns>
    /// <exception cref="InvalidOperationException">What is written begins otherwise.</exception>
    public async Task<ProcessOutcome?> FinishAsync(Func<Stream, CancellationToken, Task> writeInput, CancellationToken cancellationToken)
    {
        if (!_input.TrySetResult(writeInput))
            return null;
        using (cancellationToken.Register(_killing.Cancel))
            return await _outcome.ConfigureAwait(false);
    }

    /// <summary>Ends it and all that it has started, if it has not ended by itself.</summary>
    public void Kill() => _killing.Cancel();

    /// <summary>For whoever has finished it.</summary>
    public void Dispose() => _killing.Dispose();

    private async Task WriteInputAsync(Stream input, CancellationToken cancellationToken)
    {
        await input.WriteAsync(_beginning, cancellationToken).ConfigureAwait(false);
        await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (await _input.Task.ConfigureAwait(false) is { } write)
            await write(new Rest(input, _beginning), cancellationToken).ConfigureAwait(false);
    }

    // Takes all, and passes on what has not been sent.
    private sealed class Rest(Stream input, ReadOnlyMemory<byte> sent) : OnePassStream
    {
        private ReadOnlyMemory<byte> _sent = sent;

        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer) => input.Write(buffer[Skip(buffer)..]);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.WriteAsync(buffer[Skip(buffer.Span)..], cancellationToken);

        public override void Flush() => input.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => input.FlushAsync(cancellationToken);

        private int Skip(ReadOnlySpan<byte> buffer)
        {
            var count = Math.Min(buffer.Length, _sent.Length);
            if (!buffer[..count].SequenceEqual(_sent.Span[..count]))
                throw new InvalidOperationException("The input begins otherwise than the program was told.");
            _sent = _sent[count..];
            return count;
        }
    }
}
