using System.Buffers;
using System.Net;
using System.Runtime.ExceptionServices;

namespace Containerize.Registries.Endpoints;

/// <summary>
/// A body of known length that is opened anew for every time it is sent: after a 401, a redirect or a broken connection.
/// </summary>
internal sealed class BlobContent : HttpContent
{
    private const int BufferSize = 128 * 1024;

    private readonly Func<CancellationToken, Task<Stream>> _open;
    private readonly long _size;
    private readonly long _from;

    /// <summary>The bytes of a blob.</summary>
    /// <param name="open">Opens them, from the first on.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="from">How many of them the registry has already; they are read, but not sent.</param>
    public BlobContent(Func<CancellationToken, Task<Stream>> open, long size, long from = 0)
    {
        _open = open;
        _size = size;
        _from = from;
        Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
    }

    /// <summary>
    /// What went wrong with the source, as opposed to the connection. HttpClient wraps both alike, but only one of them
    /// is worth another attempt.
    /// </summary>
    public ExceptionDispatchInfo? SourceFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var source = await FromSourceAsync(() => _open(cancellationToken)).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long read = 0;
            while (true)
            {
                // To the end and one read further: a source that verifies itself does so there.
                var count = await FromSourceAsync(() => source.ReadAsync(buffer, cancellationToken).AsTask()).ConfigureAwait(false);
                if (count == 0 ? read < _size : read + count > _size)
                    await FromSourceAsync(() => Task.FromException<int>(WrongLength(read + count, _size))).ConfigureAwait(false);
                if (count == 0)
                    return;
                var known = (int)Math.Clamp(_from - read, 0, count);
                if (known < count)
                    await stream.WriteAsync(buffer.AsMemory(known, count - known), cancellationToken).ConfigureAwait(false);
                read += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _size - _from;
        return true;
    }

    private async Task<T> FromSourceAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SourceFailure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    /// <summary>The failure of a source that gives another number of bytes than was announced.</summary>
    public static InvalidDataException WrongLength(long actual, long size) =>
        new($"The blob's source gave {(actual < size ? "only " : "at least ")}{actual} bytes, but {size} were announced.");
}
