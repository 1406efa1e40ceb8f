using System.Buffers;
using System.Threading.Channels;

namespace Containerize.Layers.Contents;

/// <summary>
/// Bytes that somebody reads, and that another reader gets, too. Neither is ever far ahead of the other; nobody waits for what the other one does
/// with the last of them. Where the first one stops before the end, the other one's stream ends with an error.
/// </summary>
internal sealed class ForkedStream : OnePassStream
{
    // What one reads at once, each: enough for one to read on while the other unpacks.
    private const int BlocksBetween = 8;

    private readonly Stream _inner;
    private readonly Channel<ArraySegment<byte>> _blocks = Channel.CreateBounded<ArraySegment<byte>>(new BoundedChannelOptions(BlocksBetween) { SingleReader = true, SingleWriter = true });

    /// <summary>Wraps a stream.</summary>
    /// <param name="inner">The bytes; disposed with this.</param>
    public ForkedStream(Stream inner)
    {
        _inner = inner;
        Branch = new OtherReader(_blocks);
    }

    /// <summary>What the other reader reads, and disposes of when it wants no more.</summary>
    public Stream Branch { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            await HandOnAsync(buffer[..count], cancellationToken).ConfigureAwait(false);
        }
        else if (buffer.Length > 0)
        {
            _blocks.Writer.TryComplete();
        }

        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        EndEarly();
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
        var block = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(block);
        try
        {
            await _blocks.Writer.WriteAsync(new ArraySegment<byte>(block, 0, bytes.Length), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            ArrayPool<byte>.Shared.Return(block); // The other one has stopped.
        }
    }

    private void EndEarly() => _blocks.Writer.TryComplete(new EndOfStreamException("The bytes were not read to their end."));

    private sealed class OtherReader(Channel<ArraySegment<byte>> blocks) : OnePassStream
    {
        private ArraySegment<byte> _block = ArraySegment<byte>.Empty;
        private int _read;

        public override bool CanRead => true;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_read == _block.Count)
            {
                if (_read > 0)
                    ArrayPool<byte>.Shared.Return(_block.Array!);
                (_block, _read) = (ArraySegment<byte>.Empty, 0);
                if (!await blocks.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                    return 0;
                if (blocks.Reader.TryRead(out var next))
                    _block = next;
            }

            var count = Math.Min(_block.Count - _read, buffer.Length);
            _block.AsMemory(_read, count).CopyTo(buffer);
            _read += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                blocks.Writer.TryComplete();
            base.Dispose(disposing);
        }
    }
}
