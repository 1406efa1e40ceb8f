namespace Containerize.Registries.Endpoints;

/// <summary>
/// A cancellation that comes a little later than the caller's: a request that opens something at the registry is not broken off while its
/// answer is on the way, because only the answer says how to close that again.
/// </summary>
internal sealed class DelayedCancellation : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public DelayedCancellation(TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _registration = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAfter(Limit), _source);
    }

    public CancellationToken Token => _source.Token;

    // In this order: the registration waits for a callback that is running.
    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
