using System.Buffers;
using System.Threading.Channels;

namespace Containerize.Layers.Contents;

/// <summary>
/// Bytes that somebody reads, and that another reader gets, too. Neither is ever far ahead of the other, and either may stop at any time: where the
/// first one does before the end, the other one's stream ends with an error.
/// </summary>
internal sealed class ForkedStream : OnePassStream
{
    // Bytes. Pieces of that size, and so many, lie between the two.
    private const int PieceSize = 128 * 1024;
    private const int PiecesBetween = 8;

    // Whoever asks for what the other one has found out right after this is closed, also in another process, finds it then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly Stream _inner;
    private readonly Channel<ArraySegment<byte>> _pieces = Channel.CreateBounded<ArraySegment<byte>>(new BoundedChannelOptions(PiecesBetween) { SingleReader = true, SingleWriter = true });
    private readonly Task _other;

    /// <summary>Wraps a stream.</summary>
    /// <param name="inner">The bytes; disposed with this.</param>
    /// <param name="other">The other reader; what it throws is its own affair.</param>
    public ForkedStream(Stream inner, Func<Stream, Task> other)
    {
        _inner = inner;
        _other = Task.Run(async () =>
        {
            try
            {
                await other(new Branch(_pieces.Reader)).ConfigureAwait(false);
            }
            finally
            {
                _pieces.Writer.TryComplete();
            }
        });
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count == 0 && buffer.Length > 0)
            _pieces.Writer.TryComplete();
        for (var handedOn = 0; handedOn < count && !_other.IsCompleted;)
        {
            var length = Math.Min(count - handedOn, PieceSize);
            await HandOnAsync(buffer.Slice(handedOn, length), cancellationToken).ConfigureAwait(false);
            handedOn += length;
        }

        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        EndEarly();
        await _other.WaitAsync(LongestWait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            EndEarly();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask HandOnAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(piece);
        try
        {
            await _pieces.Writer.WriteAsync(new ArraySegment<byte>(piece, 0, bytes.Length), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            ArrayPool<byte>.Shared.Return(piece); // The other one has stopped.
        }
    }

    private void EndEarly() => _pieces.Writer.TryComplete(new EndOfStreamException("The bytes were not read to their end."));

    private sealed class Branch(ChannelReader<ArraySegment<byte>> pieces) : OnePassStream
    {
        private ArraySegment<byte> _piece = ArraySegment<byte>.Empty;
        private int _read;

        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_read == _piece.Count)
            {
                if (_read > 0)
                    ArrayPool<byte>.Shared.Return(_piece.Array!);
                (_piece, _read) = (ArraySegment<byte>.Empty, 0);
                if (!await pieces.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                    return 0;
                if (pieces.TryRead(out var next))
                    _piece = next;
            }

            var count = Math.Min(_piece.Count - _read, buffer.Length);
            _piece.AsMemory(_read, count).CopyTo(buffer);
            _read += count;
            return count;
        }
    }
}
