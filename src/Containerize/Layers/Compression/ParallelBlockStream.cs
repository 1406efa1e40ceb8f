using System.Threading.Channels;

namespace Containerize.Layers.Compression;

/// <summary>
/// Compresses blocks side by side. The bytes depend neither on the number of threads nor on how the input is cut into writes.
/// </summary>
internal sealed class ParallelBlockStream : OnePassStream
{
    private readonly Stream _output;
    private readonly IBlockFormat _format;
    private readonly Channel<Task<MemoryStream>> _blocks;
    private readonly Stack<byte[]> _buffers = new();
    private readonly Stack<MemoryStream> _compressed = new();
    private readonly CancellationToken _cancellationToken;
    private readonly Task _writing;
    private byte[] _current;
    private int _filled;

    /// <summary>Starts compressing to a stream that stays open.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="format">How; disposed with the stream.</param>
    /// <param name="threads">How many blocks are compressed at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public ParallelBlockStream(Stream output, IBlockFormat format, int threads, CancellationToken cancellationToken)
    {
        _output = output;
        _format = format;
        _current = new byte[format.BlockSize];
        _cancellationToken = cancellationToken;
        _blocks = Channel.CreateBounded<Task<MemoryStream>>(
            new BoundedChannelOptions(Math.Max(1, threads)) { SingleReader = true, SingleWriter = true });
        _writing = WriteBlocksAsync();
    }

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, _current.Length - _filled);
            buffer[..count].CopyTo(_current.AsMemory(_filled));
            _filled += count;
            buffer = buffer[count..];
            if (_filled == _current.Length)
                await EndBlockAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) =>
        WriteAsync(buffer.ToArray(), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>Compresses what is left and writes the end. Without it the output is not whole.</summary>
    public async Task FinishAsync()
    {
        if (_filled > 0)
            await EndBlockAsync().ConfigureAwait(false);
        _blocks.Writer.Complete();
        await _writing.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        // Abandoned: the writer has failed already, and its output must not be written to any more.
        _blocks.Writer.TryComplete(new OperationCanceledException());
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _format.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask EndBlockAsync()
    {
        var block = _current;
        var length = _filled;
        _format.Append(block.AsSpan(0, length));
        lock (_buffers)
            _current = _buffers.TryPop(out var spare) ? spare : new byte[block.Length];
        _filled = 0;
        try
        {
            await _blocks.Writer.WriteAsync(
                Task.Run(() => Compress(block, length), CancellationToken.None), _cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            await _writing.ConfigureAwait(false); // It has failed, and says why.
            throw;
        }
    }

    private MemoryStream Compress(byte[] block, int length)
    {
        MemoryStream? output;
        lock (_compressed)
        {
            if (!_compressed.TryPop(out output))
                output = new MemoryStream(block.Length / 2);
        }

        output.SetLength(0);
        _format.Compress(block, length, output);
        lock (_buffers)
            _buffers.Push(block);
        return output;
    }

    private async Task WriteBlocksAsync()
    {
        try
        {
            await _output.WriteAsync(_format.Start, _cancellationToken).ConfigureAwait(false);
            await foreach (var compressing in _blocks.Reader.ReadAllAsync(_cancellationToken).ConfigureAwait(false))
            {
                var block = await compressing.ConfigureAwait(false);
                await _output.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length), _cancellationToken).ConfigureAwait(false);
                lock (_compressed)
                    _compressed.Push(block);
            }

            await _output.WriteAsync(_format.End(), _cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _blocks.Writer.TryComplete(e);
            throw;
        }
    }
}
