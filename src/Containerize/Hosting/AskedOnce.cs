using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Containerize.Hosting;

/// <summary>
/// Answers that are the same for all of a build: each question is asked once. Only one that was asked ahead, and that nobody has wanted for a while,
/// is asked again. Safe for use by many at once.
/// </summary>
/// <param name="isLasting">Whether a failure would be the same a moment later, so that nobody need wait for it twice; null for all.</param>
/// <param name="clock">Tells how old an answer is.</param>
internal sealed class AskedOnce<TQuestion, TAnswer>(Func<Exception, bool>? isLasting = null, TimeProvider? clock = null)
    where TQuestion : notnull
{
    // Copying a trimmed or native application takes minutes, and what runs meanwhile may well move a tag.
    private static readonly TimeSpan LongestAhead = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<TQuestion, Entry> _entries = new();

    /// <summary>The answer; asks where nobody has yet.</summary>
    public async Task<TAnswer> GetAsync(TQuestion question, Func<CancellationToken, Task<TAnswer>> ask, CancellationToken cancellationToken)
    {
        var entry = EntryOf(question);
        // One after the other: where the first one fails or is cancelled, the second asks for itself.
        await entry.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var isFresh = entry.Begun is not { } begun || _clock.GetElapsedTime(begun) <= LongestAhead;
            entry.Begun = null;
            if (Interlocked.Exchange(ref entry.Failure, null) is { } failure && isFresh)
                failure.Throw();
            if (!entry.IsKnown || !isFresh)
                entry.Set(await ask(cancellationToken).ConfigureAwait(false));
            return entry.Answer;
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    /// <summary>Asks ahead. That it fails for longer is told to the first who wants the answer, who need not wait for the same failure again.</summary>
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
            {
                entry.Set(await ask(cancellationToken).ConfigureAwait(false));
                entry.Begun = _clock.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever wants the answer asks for it.
        }
        catch (Exception e)
        {
            if (isLasting?.Invoke(e) == false)
                return;
            entry.Failure = ExceptionDispatchInfo.Capture(e);
            entry.Begun = _clock.GetTimestamp();
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

        // When an answer came ahead that nobody has wanted yet.
        public long? Begun { get; set; }

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
