using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Containerize.Layers.Compression;

/// <summary>
/// What foreign bytes unpack to, be they in gzip, in zstd or not packed at all, and no more of it than <see cref="UnpackLimits"/> allow: a
/// megabyte can hold a terabyte of zeros. The only place that unpacks.
/// </summary>
internal sealed class UnpackedStream : OnePassStream
{
    // gzip's and zstd's marks (RFC 1952, 2.3.1; RFC 8878, 3.1.1), and those of frames that are to be skipped, any of sixteen (3.1.2).
    private const uint ZstdMark = 0xfd2fb528, FirstSkippable = 0x184d2a50, LastSkippable = 0x184d2a5f;
    private const int MarkLength = 4;

    private readonly Stream _unpacked;
    private readonly PackedStream _packed;
    private readonly UnpackLimits _limits;
    private readonly string _what;
    private long _read;

    private UnpackedStream(PackedStream packed, ReadOnlySpan<byte> mark, UnpackLimits limits, string what)
    {
        (_packed, _limits, _what) = (packed, limits, what);
        // By the bytes, not by a media type, as engines do: there are layers whose type says gzip and which are none.
        _unpacked = mark is [0x1f, 0x8b, ..] ? new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true)
            : IsZstd(mark) ? Zstd(packed)
            : packed;
        packed.Unpacked = ReferenceEquals(_unpacked, packed) ? null : this;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <summary>Begins to unpack.</summary>
    /// <param name="packed">The bytes; stays open.</param>
    /// <param name="limits">How much of it.</param>
    /// <param name="what">What it is, for errors: "The layer".</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<UnpackedStream> OpenAsync(Stream packed, UnpackLimits limits, string what, CancellationToken cancellationToken)
    {
        var mark = new byte[MarkLength];
        var count = await packed.ReadAtLeastAsync(mark, mark.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return new UnpackedStream(new PackedStream(mark.AsMemory(0, count), packed), mark.AsSpan(0, count), limits, what);
    }

    /// <summary>Whether bytes begin as zstd does.</summary>
    public static bool IsZstd(ReadOnlySpan<byte> start) =>
        start.Length >= MarkLength
            && BinaryPrimitives.ReadUInt32LittleEndian(start) is ZstdMark or (>= FirstSkippable and <= LastSkippable);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">They are damaged, or unpack to too much.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _unpacked.Read(buffer);
        }
        catch (Exception e) when (IsOwn(e))
        {
            throw Damaged(e);
        }

        return Counted(count);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">They are damaged, or unpack to too much.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await _unpacked.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOwn(e))
        {
            throw Damaged(e);
        }

        return Counted(count);
    }

    /// <summary>Unpacks the rest to a stream.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or too much.</exception>
    public Task UnpackAsync(Stream destination, CancellationToken cancellationToken) => CopyToAsync(destination, cancellationToken);

    /// <summary>
    /// Reads all that is left, packed and unpacked: what stands there means nothing, but checksums and digests are verified at the end.
    /// </summary>
    /// <exception cref="InvalidDataException">It is damaged, or too much.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }

        _packed.Unpacked = null;
        while (await _packed.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _unpacked.Dispose();
        base.Dispose(disposing);
    }

    // The format's, and not what the stream below says of its bytes.
    private bool IsOwn(Exception e) => !_packed.HasFailed && e is (ZstdException or InvalidDataException or EndOfStreamException);

    private static DecompressionStream Zstd(Stream packed)
    {
        var zstd = new DecompressionStream(packed, leaveOpen: true);
        zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, Limits.ZstdWindowLog);
        return zstd;
    }

    private InvalidDataException Damaged(Exception e) => new($"{_what} is damaged: {e.Message.TrimEnd('.')}.", e);

    private int Counted(int count)
    {
        _read += count;
        if (_read > _limits.Most)
            throw TooMuch($"more than {Size(_limits.Most)}");
        // A plain one is as long as it is.
        return _read <= _limits.Free || _read / _limits.Ratio <= _packed.Position ? count
            : throw TooMuch($"more than {_limits.Ratio} times its size, beyond {Size(_limits.Free)}");
    }

    private InvalidDataException TooMuch(string what) => new($"{_what} unpacks to {what}, so it may be made to do damage.");

    private static string Size(long bytes) =>
        bytes >= 1L << 30
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30} GiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");

    /// <summary>The packed bytes, whose first were read already; counts them.</summary>
    private sealed class PackedStream(ReadOnlyMemory<byte> prefix, Stream rest) : OnePassStream
    {
        private ReadOnlyMemory<byte> _prefix = prefix;
        private long _position;

        public override bool CanRead => true;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        /// <summary>
        /// The unpacked bytes, so that input without output is noticed: an unpacker reads on until there is output. Null where that does
        /// not matter.
        /// </summary>
        public UnpackedStream? Unpacked { get; set; }

        /// <summary>Whether an error came from here, and not from what the bytes are.</summary>
        public bool HasFailed { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            HasFailed = true;
            var count = _prefix.IsEmpty ? rest.Read(buffer) : FromPrefix(buffer);
            HasFailed = false;
            return Counted(count);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            HasFailed = true;
            var count = _prefix.IsEmpty ? await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) : FromPrefix(buffer.Span);
            HasFailed = false;
            return Counted(count);
        }

        private int FromPrefix(Span<byte> buffer)
        {
            var count = Math.Min(_prefix.Length, buffer.Length);
            _prefix.Span[..count].CopyTo(buffer);
            _prefix = _prefix[count..];
            return count;
        }

        private int Counted(int count)
        {
            _position += count;
            // Twice: the worst that either format makes of noise is a thousandth more.
            if (Unpacked is not { } stream || _position - (2 * stream._read) <= stream._limits.Idle)
                return count;
            HasFailed = true;
            throw new InvalidDataException(
                $"{stream._what} has more than {Size(stream._limits.Idle)} that unpack to nothing, so it may be made to do damage.");
        }
    }
}
