using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Containerize.Hosting;

/// <summary>Answers that are the same for all of a build: each question is asked once. Safe for use by many at once.</summary>
internal sealed class AskedOnce<TQuestion, TAnswer>
    where TQuestion : notnull
{
    private readonly ConcurrentDictionary<TQuestion, Entry> _entries = new();

    /// <summary>The answer; asks where nobody has yet.</summary>
    public async Task<TAnswer> GetAsync(TQuestion question, Func<CancellationToken, Task<TAnswer>> ask, CancellationToken cancellationToken)
    {
        var entry = EntryOf(question);
        // One after the other: where the first one fails or is cancelled, the second asks for itself.
        await entry.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Interlocked.Exchange(ref entry.Failure, null) is { } failure)
                failure.Throw();
            if (!entry.IsKnown)
                entry.Set(await ask(cancellationToken).ConfigureAwait(false));
            return entry.Answer;
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    /// <summary>Asks ahead. That it fails is told to the first who wants the answer, who need not wait for the same failure again.</summary>
    public async Task BeginAsync(TQuestion question, Func<CancellationToken, Task<TAnswer>> ask, CancellationToken cancellationToken)
    {
        var entry = EntryOf(question);
        try
        {
            await entry.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            if (!entry.IsKnown)
                entry.Set(await ask(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Whoever wants the answer asks for it.
        }
        catch (Exception e)
        {
            entry.Failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    /// <summary>Tells the answer.</summary>
    public void Set(TQuestion question, TAnswer answer) => EntryOf(question).Set(answer);

    private Entry EntryOf(TQuestion question) => _entries.GetOrAdd(question, _ => new Entry());

    private sealed class Entry
    {
        public ExceptionDispatchInfo? Failure;

        // Never disposed: nobody takes its wait handle.
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public bool IsKnown { get; private set; }

        public TAnswer Answer { get; private set; } = default!;

        public void Set(TAnswer answer)
        {
            Answer = answer;
            IsKnown = true;
        }
    }
}
