using System.Security.Cryptography;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>Counts and hashes what is written, on its way to another stream or to nowhere.</summary>
internal sealed class HashingStream : OnePassStream
{
    private readonly Stream? _next;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _count;

    /// <summary>Starts hashing.</summary>
    /// <param name="next">Where the bytes go on to, and stays open; null for nowhere.</param>
    public HashingStream(Stream? next) => _next = next;

    /// <summary>The digest of what was written so far.</summary>
    public Digest Digest => Digest.FromHash(_hash.GetCurrentHash());

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>The number of bytes written so far.</summary>
    public override long Length => _count;

    /// <inheritdoc/>
    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        _count += buffer.Length;
        _next?.Write(buffer);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _hash.AppendData(buffer.Span);
        _count += buffer.Length;
        return _next?.WriteAsync(buffer, cancellationToken) ?? ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush() => _next?.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _next?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
