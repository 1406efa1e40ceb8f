namespace Containerize.Testing.Validation.Sources;

/// <summary>A part of a file, read from its beginning to its end.</summary>
internal sealed class FileSlice : Stream
{
    private readonly FileStream _file;
    private readonly long _length;
    private long _position;

    public FileSlice(FileStream file, long offset, long length)
    {
        _file = file;
        _length = length;
        if (length > 0)
            file.Position = offset;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _file.Read(buffer[..(int)Math.Min(buffer.Length, _length - _position)]);
        _position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
