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
#pragma warning disable CA1001 // Disposing would end the tar as if it were whole; FinishAsync alone does, and the destination is not owned.
internal sealed class TarStream
#pragma warning restore CA1001
{
    /// <summary>
    /// The time that every entry carries: fixed, so that a layer does not change because a commit did. Not 0, which some
    /// programs show as missing, but the earliest time that a zip archive made of the files could hold.
    /// </summary>
    public static readonly DateTime Time = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private const int NameLength = 100;

    // What seven octal digits hold. SharpZipLib cuts off the rest. Owners are 32 bits without a sign.
    private const uint LargestId = 0x1fffff;
    private readonly TarOutputStream _tar;

    /// <summary>Writes to a stream that stays open.</summary>
    public TarStream(Stream destination) =>
        _tar = new TarOutputStream(destination, TarBuffer.DefaultBlockFactor, new UTF8Encoding(false, throwOnInvalidBytes: true)) { IsStreamOwner = false };

    /// <summary>Adds an entry without content.</summary>
    public async Task AddAsync(LayerEntry entry, CancellationToken cancellationToken)
    {
        await BeginAsync(entry, 0, Time, cancellationToken).ConfigureAwait(false);
        await _tar.CloseEntryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a file, whose content is then written in exactly <paramref name="size"/> bytes, and ended.</summary>
    public Task BeginFileAsync(LayerEntry entry, long size, DateTime time, CancellationToken cancellationToken) =>
        BeginAsync(entry, size, time, cancellationToken);

    /// <summary>Writes some of the current file's content.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _tar.WriteAsync(content, cancellationToken);

    /// <summary>Ends the current file.</summary>
    public Task EndFileAsync(CancellationToken cancellationToken) => _tar.CloseEntryAsync(cancellationToken);

    /// <summary>Adds a file whose content is at hand.</summary>
    public async Task AddFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await BeginFileAsync(new LayerEntry(path, LayerEntryKind.File, "", LayerEntry.FileMode), content.Length, Time, cancellationToken).ConfigureAwait(false);
        await WriteAsync(content, cancellationToken).ConfigureAwait(false);
        await EndFileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds a file from a stream of exactly <paramref name="size"/> bytes, which the tar's header has to promise before
    /// the first of them is read.
    /// </summary>
    public async Task AddFileAsync(string path, Stream content, long size, CancellationToken cancellationToken)
    {
        await BeginFileAsync(new LayerEntry(path, LayerEntryKind.File, "", LayerEntry.FileMode), size, Time, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[128 * 1024];
        int count;
        while ((count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            await WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        await EndFileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the end. Without it the tar is not whole; there is no other way to end it, so that a failure never looks like success.</summary>
    public void Finish() => _tar.Dispose(); // Its own Finish leaves the last record in the buffer.

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
            var records = $"{Record("uid", Number(entry.UserId))}{Record("gid", Number(entry.GroupId))}{Record("path", name)}{(target.Length == 0 ? "" : Record("linkpath", target))}";
            await AddRecordAsync("././@PaxHeader", TarHeader.LF_XHDR, records, cancellationToken).ConfigureAwait(false);
        }

        // A file's name that happens to be cut behind a slash would make SharpZipLib take it for a directory.
        var header = Header(type == TarHeader.LF_DIR ? Truncate(name) : Truncate(name).TrimEnd('/'), type, entry, size, time);
        header.LinkName = Truncate(target);
        await _tar.PutNextEntryAsync(new TarEntry(header), cancellationToken).ConfigureAwait(false);
    }

    // image-spec, layer.md, "Whiteouts": an empty file beside the path that is gone.
    private static string WhiteoutOf(string path) => path.Insert(path.LastIndexOf('/') + 1, ".wh.");

    // The record that goes before a header whose name or target is too long for it. SharpZipLib does it for names, but
    // counts characters where it should count bytes: names of over 512 bytes that are not ASCII come out wrong.
    private Task AddLongAsync(byte type, string text, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetByteCount(text) <= NameLength ? Task.CompletedTask : AddRecordAsync("././@LongLink", type, text + "\0", cancellationToken);

    private async Task AddRecordAsync(string name, byte type, string text, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var header = Header(name, type, new LayerEntry("", LayerEntryKind.File, "", 0), bytes.Length, Time);
        await _tar.PutNextEntryAsync(new TarEntry(header), cancellationToken).ConfigureAwait(false);
        await _tar.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await _tar.CloseEntryAsync(cancellationToken).ConfigureAwait(false);
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
        // Where it does not fit, the record before says it; to who does not read that, it is nobody's rather than root's.
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
