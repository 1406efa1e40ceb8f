using System.Buffers;
using System.Globalization;
using System.Text;
using ICSharpCode.SharpZipLib.Tar;

namespace Containerize.Layers;

/// <summary>
/// Writes tars whose every header field is given or fixed, nothing taken from the machine: the bytes are the same
/// everywhere. ustar headers; a GNU record where a name does not fit, which docker, podman, containerd and umoci all
/// read. PAX is used for owners alone that do not fit: it costs 1 KiB for each such entry, and the framework's PAX writer puts
/// its process id into the archive.
/// </summary>
/// <remarks>SharpZipLib encodes the headers. Its stream is not used: it cuts all content into records of 10 KiB.</remarks>
internal sealed class TarStream
{
    /// <summary>
    /// The time that every entry carries: fixed, so that a layer does not change because a commit did. Not 0, which some
    /// programs show as missing, but the earliest time that a zip archive made of the files could hold.
    /// </summary>
    public static readonly DateTime Time = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private const int NameLength = 100;

    // What seven octal digits hold. SharpZipLib cuts off the rest. Owners are 32 bits without a sign.
    private const uint LargestId = 0x1fffff;

    private const int RecordSize = TarBuffer.DefaultBlockFactor * TarBuffer.BlockSize;

    // What one read brings. Each read and each write of a large file may be a change of threads.
    private const int CopySize = 512 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly byte[] Zeros = new byte[RecordSize];

    private readonly Stream _destination;
    private readonly byte[] _block = new byte[TarBuffer.BlockSize];
    private long _length;
    private long _left;

    /// <summary>Writes to a stream that stays open.</summary>
    public TarStream(Stream destination) => _destination = destination;

    /// <summary>Adds an entry without content.</summary>
    public Task AddAsync(LayerEntry entry, CancellationToken cancellationToken) => BeginAsync(entry, 0, Time, cancellationToken);

    /// <summary>Starts a file, whose content is then written in exactly <paramref name="size"/> bytes, and ended.</summary>
    public Task BeginFileAsync(LayerEntry entry, long size, DateTime time, CancellationToken cancellationToken) =>
        BeginAsync(entry, size, time, cancellationToken);

    /// <summary>Writes some of the current file's content.</summary>
    /// <exception cref="InvalidDataException">It is more than was promised.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length > _left)
            throw new InvalidDataException("A file has more content than its header says.");
        _left -= content.Length;
        _length += content.Length;
        return _destination.WriteAsync(content, cancellationToken);
    }

    /// <summary>Ends the current file.</summary>
    /// <exception cref="InvalidDataException">There was less of it than was promised.</exception>
    public ValueTask EndFileAsync(CancellationToken cancellationToken)
    {
        if (_left > 0)
            throw new InvalidDataException("A file has less content than its header says.");
        return PadAsync(TarBuffer.BlockSize, cancellationToken);
    }

    /// <summary>Adds a file whose content is at hand.</summary>
    public async Task AddFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await BeginFileAsync(
            new LayerEntry(path, LayerEntryKind.File, "", LayerEntry.FileMode),
            content.Length,
            Time,
            cancellationToken).ConfigureAwait(false);
        await WriteAsync(content, cancellationToken).ConfigureAwait(false);
        await EndFileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds a file from a stream of exactly <paramref name="size"/> bytes, which the tar's header has to promise before
    /// the first of them is read.
    /// </summary>
    public async Task AddFileAsync(string path, Stream content, long size, CancellationToken cancellationToken)
    {
        await BeginFileAsync(
            new LayerEntry(path, LayerEntryKind.File, "", LayerEntry.FileMode), size, Time, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(CopySize, Math.Max(size, 1)));
        try
        {
            int count;
            while ((count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                await WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await EndFileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the end: two blocks of zeros (POSIX, pax, "ustar Interchange Format"), and what fills a record. Without it the tar is not
    /// whole.
    /// </summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await PutAsync(Zeros.AsMemory(0, 2 * TarBuffer.BlockSize), cancellationToken).ConfigureAwait(false);
        await PadAsync(RecordSize, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask PadAsync(int unit, CancellationToken cancellationToken) =>
        _length % unit is > 0 and var over ? PutAsync(Zeros.AsMemory(0, unit - (int)over), cancellationToken) : ValueTask.CompletedTask;

    private ValueTask PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _length += bytes.Length;
        return _destination.WriteAsync(bytes, cancellationToken);
    }

    private ValueTask PutAsync(TarHeader header, CancellationToken cancellationToken)
    {
        header.WriteHeader(_block, Utf8);
        _left = header.Size;
        return PutAsync(_block, cancellationToken);
    }

    private async Task BeginAsync(LayerEntry entry, long size, DateTime time, CancellationToken cancellationToken)
    {
        var (type, name, target) = entry.Kind switch
        {
            LayerEntryKind.Directory => (TarHeader.LF_DIR, entry.Path + "/", ""),
            LayerEntryKind.SymbolicLink => (TarHeader.LF_SYMLINK, entry.Path, entry.Source),
            LayerEntryKind.Whiteout => (TarHeader.LF_NORMAL, WhiteoutOf(entry.Path), ""),
            _ => (TarHeader.LF_NORMAL, entry.Path, ""),
        };
        if (Fits(entry.UserId) && Fits(entry.GroupId))
        {
            await AddLongAsync(TarHeader.LF_GNU_LONGLINK, target, cancellationToken).ConfigureAwait(false);
            await AddLongAsync(TarHeader.LF_GNU_LONGNAME, name, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // No reader has to know both kinds of records for one entry.
            var records = Record("uid", Number(entry.UserId)) + Record("gid", Number(entry.GroupId)) + Record("path", name)
                + (target.Length == 0 ? "" : Record("linkpath", target));
            await AddRecordAsync("././@PaxHeader", TarHeader.LF_XHDR, records, cancellationToken).ConfigureAwait(false);
        }

        // A file's name that happens to be cut behind a slash would be taken for a directory.
        var header = Header(type == TarHeader.LF_DIR ? Truncate(name) : Truncate(name).TrimEnd('/'), type, entry, size, time);
        header.LinkName = Truncate(target);
        await PutAsync(header, cancellationToken).ConfigureAwait(false);
    }

    // image-spec, layer.md, "Whiteouts": an empty file beside the path that is gone.
    private static string WhiteoutOf(string path) => path.Insert(path.LastIndexOf('/') + 1, ".wh.");

    // The record before a header whose name or target is too long for it.
    private Task AddLongAsync(byte type, string text, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetByteCount(text) <= NameLength
            ? Task.CompletedTask
            : AddRecordAsync("././@LongLink", type, text + "\0", cancellationToken);

    private async Task AddRecordAsync(string name, byte type, string text, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var header = Header(name, type, new LayerEntry("", LayerEntryKind.File, "", 0), bytes.Length, Time);
        await PutAsync(header, cancellationToken).ConfigureAwait(false);
        await WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await EndFileAsync(cancellationToken).ConfigureAwait(false);
    }

    // "LENGTH KEY=VALUE\n", the length counting itself (POSIX, pax, "pax Extended Header").
    private static string Record(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = Encoding.UTF8.GetByteCount(rest);
        var digits = Number(length).Length;
        digits = Number(length + digits).Length;
        return Number(length + digits) + rest;
    }

    private static string Number(int value) => unchecked((uint)value).ToString(CultureInfo.InvariantCulture);

    private static bool Fits(int id) => unchecked((uint)id) <= LargestId;

    private static TarHeader Header(string name, byte type, LayerEntry entry, long size, DateTime time) => new()
    {
        Name = name,
        TypeFlag = type,
        Size = size,
        Mode = entry.Mode,
        // Where it does not fit, the record before says it; a reader that ignores it sees the user nobody rather than root.
        UserId = Fits(entry.UserId) ? entry.UserId : (int)LargestId,
        GroupId = Fits(entry.GroupId) ? entry.GroupId : (int)LargestId,
        // Names are looked up in the builder's user database otherwise, and mean nothing in the image's.
        UserName = "",
        GroupName = "",
        ModTime = time,
        LinkName = "",
    };

    private static string Truncate(string text)
    {
        var length = text.Length;
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, length)) > NameLength)
            length -= char.IsLowSurrogate(text[length - 1]) ? 2 : 1;
        return text[..length];
    }
}
