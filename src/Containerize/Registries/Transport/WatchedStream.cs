namespace Containerize.Registries.Transport;

/// <summary>One direction of an exchange; see <see cref="SilenceHandler"/>.</summary>
internal sealed class WatchedStream(Stream inner, Watchdog watchdog) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        watchdog.Touch();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Write(buffer, offset, count);
        watchdog.Touch();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
