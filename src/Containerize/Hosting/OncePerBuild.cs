using System.Collections.Concurrent;

namespace Containerize.Hosting;

/// <summary>
/// Values that are the same for all of a build: each is fetched once, and failures are forgotten. Safe for use by many at once.
/// </summary>
/// <param name="isFinal">
/// Whether a prefetch's failure would be the same a moment later, so that nothing waits for it twice; null for all.
/// </param>
internal sealed class OncePerBuild<TKey, TValue>(Func<Exception, bool>? isFinal = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<Task<TValue>>> _values = new();

    /// <summary>The value; fetches it where that has not begun.</summary>
    public async Task<TValue> GetAsync(TKey key, Func<CancellationToken, Task<TValue>> fetch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var own = Fetching(fetch, cancellationToken);
            var value = _values.GetOrAdd(key, own);
            try
            {
                return await value.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (value.Value.IsFaulted || value.Value.IsCanceled)
            {
                _values.TryRemove(new KeyValuePair<TKey, Lazy<Task<TValue>>>(key, value));
                if (value == own || (e is not OperationCanceledException && isFinal?.Invoke(e) != false))
                    throw;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Fetches a value before it is needed. A failure is that of the first who gets the value.</summary>
    public Task PrefetchAsync(TKey key, Func<CancellationToken, Task<TValue>> fetch, CancellationToken cancellationToken) =>
        Task.WhenAny(_values.GetOrAdd(key, Fetching(fetch, cancellationToken)).Value);

    /// <summary>Sets the value.</summary>
    public void Set(TKey key, TValue value) => _values[key] = new(() => Task.FromResult(value));

    private static Lazy<Task<TValue>> Fetching(Func<CancellationToken, Task<TValue>> fetch, CancellationToken cancellationToken) =>
        new(async () => await fetch(cancellationToken).ConfigureAwait(false));
}
