namespace Containerize.Images;

/// <summary>A part of a file, read from its first byte to its last.</summary>
internal sealed class SliceStream : OnePassStream
{
    private readonly FileStream _file;
    private readonly long _length;
    private long _read;

    /// <summary>Opens the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">How long it is. A file that ends sooner ends the stream.</param>
    public SliceStream(string path, long offset, long length)
    {
        _file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            1,
            FileOptions.SequentialScan | FileOptions.Asynchronous)
        {
            Position = offset,
        };
        _length = length;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = _file.Read(buffer[..Left(buffer.Length)]);
        _read += count;
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _file.ReadAsync(buffer[..Left(buffer.Length)], cancellationToken).ConfigureAwait(false);
        _read += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }

    private int Left(int wanted) => (int)Math.Min(wanted, _length - _read);
}
