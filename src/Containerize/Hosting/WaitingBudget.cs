namespace Containerize.Hosting;

/// <summary>
/// How long a build waits for others on its machine that do the same work, all its waiting together: one that was stopped keeps its locks,
/// and a base may have thirty layers. Waits at the same time count once. Safe for use by many at once.
/// </summary>
/// <param name="clock">Measures the waiting.</param>
internal sealed class WaitingBudget(TimeProvider clock)
{
    // Fetching a hundred megabytes over a slow line takes a minute and a half. Beyond that, doing it twice costs less than waiting.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Lock _lock = new();
    private TimeSpan _spent;
    private long _since;
    private int _waiting;

    /// <summary>Measures the waiting, and the pauses in it.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Whether there is nothing left of it.</summary>
    public bool IsSpent
    {
        get
        {
            lock (_lock)
                return _spent + (_waiting > 0 ? clock.GetElapsedTime(_since) : TimeSpan.Zero) >= Limit;
        }
    }

    /// <summary>Begins to wait; disposing ends it.</summary>
    public IDisposable Begin()
    {
        lock (_lock)
        {
            if (_waiting++ == 0)
                _since = clock.GetTimestamp();
        }

        return new Wait(this);
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_waiting == 0)
                _spent += clock.GetElapsedTime(_since);
        }
    }

    private sealed class Wait(WaitingBudget budget) : IDisposable
    {
        public void Dispose() => budget.End();
    }
}
