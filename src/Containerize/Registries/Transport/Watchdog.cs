namespace Containerize.Registries.Transport;

/// <summary>Cancels when nothing has moved for a while. Not started until the first <see cref="Touch"/>.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;

    public Watchdog(TimeProvider clock, TimeSpan limit)
    {
        _clock = clock;
        _limit = limit;
        _timer = clock.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), _source, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    public bool Expired => _source.IsCancellationRequested;

    /// <summary>Something moved, or is about to be waited for.</summary>
    public void Touch() => _timer.Change(_limit, Timeout.InfiniteTimeSpan);

    /// <summary>Nothing is expected of the other side.</summary>
    public void Pause() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Now, for <see cref="Since"/>.</summary>
    public long Now => _clock.GetTimestamp();

    /// <summary>The limit.</summary>
    public TimeSpan Limit => _limit;

    /// <summary>The time that has passed.</summary>
    public TimeSpan Since(long then) => _clock.GetElapsedTime(then);

    public TimeoutException Silence(Exception inner) => new($"Nothing came for {_limit.TotalSeconds:0} s.", inner);

    public void Dispose() => _timer.Dispose();
}
