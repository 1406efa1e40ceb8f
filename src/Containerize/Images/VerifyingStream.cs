using System.Security.Cryptography;

namespace Containerize.Images;

/// <summary>
/// Reads foreign bytes, and throws <see cref="InvalidDataException"/> as soon as they are more
/// than promised, or at the end if they are fewer or other ones. Size first: it is the cheaper attack to stop.
/// </summary>
internal sealed class VerifyingStream : OnePassStream
{
    private readonly Stream _inner;
    private readonly Digest _digest;
    private readonly long _size;
    private readonly string _what;
    private readonly Action? _damaged;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _verified;

    /// <summary>Wraps a stream.</summary>
    /// <param name="inner">The bytes; disposed with this.</param>
    /// <param name="digest">What they must hash to.</param>
    /// <param name="size">How many they must be.</param>
    /// <param name="what">What they are and where they come from, for the error.</param>
    /// <param name="damaged">Is told when they turn out to be others, before that is thrown.</param>
    public VerifyingStream(Stream inner, Digest digest, long size, string what, Action? damaged = null)
    {
        _damaged = damaged;
        _inner = inner;
        _digest = digest;
        _size = size;
        _what = what;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override long Length => _size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = _inner.Read(buffer);
        Account(buffer[..count], atEnd: count == 0 && buffer.Length > 0);
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Account(buffer.Span[..count], atEnd: count == 0 && buffer.Length > 0);
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Account(ReadOnlySpan<byte> bytes, bool atEnd)
    {
        if (_verified)
            return;
        _read += bytes.Length;
        if (_read > _size)
            throw Damaged($"{_what} is longer than the {_size} bytes that its descriptor promises.");
        _hash.AppendData(bytes);
        if (!atEnd && _read < _size)
            return;
        // The last byte counts as the end: who reads exactly Length bytes must not get unverified ones.
        if (_read < _size)
            throw Damaged($"{_what} ended after {_read} of {_size} bytes.");
        var actual = Digest.FromHash(_hash.GetCurrentHash());
        if (actual != _digest)
            throw Damaged($"{_what} has the digest {actual} instead of {_digest}.");
        _verified = atEnd;
    }

    private InvalidDataException Damaged(string message)
    {
        _damaged?.Invoke();
        return new InvalidDataException(message);
    }
}
