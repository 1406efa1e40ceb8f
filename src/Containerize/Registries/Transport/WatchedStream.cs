namespace Containerize.Registries.Transport;

/// <summary>One direction of an exchange; see <see cref="SilenceHandler"/>.</summary>
/// <param name="inner">The body.</param>
/// <param name="watchdog">Tells when nothing comes.</param>
/// <param name="total">How long the body may be waited for in all; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it comes.</param>
/// <remarks>
/// A byte now and then is a sign of life, too, and could keep a build for years: what comes in while it is waited for must be at least
/// <see cref="Least"/> bytes in the time that silence may last. The time that the reader takes does not count.
/// </remarks>
internal sealed class WatchedStream(Stream inner, Watchdog watchdog, TimeSpan total) : OnePassStream
{
    /// <summary>Bytes. A modem of 1980 brings thirty times as many.</summary>
    public const int Least = 1000;

    private TimeSpan _waited;
    private TimeSpan _waitedInAll;
    private long _came;

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var began = watchdog.Now;
        watchdog.Touch();
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watchdog.Token) : null;
        try
        {
            return Account(await inner.ReadAsync(buffer, linked?.Token ?? watchdog.Token).ConfigureAwait(false), began);
        }
        catch (Exception e) when (watchdog.Expired && !cancellationToken.IsCancellationRequested)
        {
            throw watchdog.Silence(e);
        }
        finally
        {
            watchdog.Pause();
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var began = watchdog.Now;
        watchdog.Touch();
        try
        {
            // A blocking read takes no token; closing the connection under it ends it.
            using var close = watchdog.Token.Register(inner.Dispose);
            return Account(inner.Read(buffer), began);
        }
        catch (Exception e) when (watchdog.Expired)
        {
            throw watchdog.Silence(e);
        }
        finally
        {
            watchdog.Pause();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        watchdog.Touch();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        watchdog.Touch();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    private int Account(int count, long began)
    {
        _came += count;
        var since = watchdog.Since(began);
        _waited += since;
        _waitedInAll += since;
        if (count > 0 && total != Timeout.InfiniteTimeSpan && _waitedInAll >= total)
            throw new TimeoutException($"It had not come to its end after {_waitedInAll.TotalSeconds:0} s.");
        if (_waited < watchdog.Limit)
            return count;
        if (count > 0 && _came < Least)
            throw new TimeoutException($"Only {_came} bytes came in {_waited.TotalSeconds:0} s.");
        (_waited, _came) = (TimeSpan.Zero, 0);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
