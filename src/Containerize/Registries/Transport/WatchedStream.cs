namespace Containerize.Registries.Transport;

/// <summary>One direction of an exchange; see <see cref="SilenceHandler"/>.</summary>
internal sealed class WatchedStream(Stream inner, Watchdog watchdog) : OnePassStream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        watchdog.Touch();
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watchdog.Token) : null;
        try
        {
            return await inner.ReadAsync(buffer, linked?.Token ?? watchdog.Token).ConfigureAwait(false);
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
        watchdog.Touch();
        try
        {
            // A blocking read takes no token; closing the connection under it ends it.
            using var close = watchdog.Token.Register(inner.Dispose);
            return inner.Read(buffer);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
