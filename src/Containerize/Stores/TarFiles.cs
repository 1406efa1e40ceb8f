using System.Formats.Tar;

namespace Containerize.Stores;

/// <summary>The files of a tar. It is gone through once, header by header; contents are read where they lie, and nothing is unpacked.</summary>
internal sealed class TarFiles : IImageFiles
{
    // An image's archive has a few entries for each layer. A layer or a whole root file system that is given in place of one has more.
    private const int MostEntries = 100_000;

    // Docker 20 writes a layer that images share as a link to the first image's.
    private const int MostLinks = 16;

    private readonly Dictionary<string, Entry> _entries;

    private TarFiles(string path, Dictionary<string, Entry> entries)
    {
        Place = path;
        _entries = entries;
    }

    /// <inheritdoc/>
    public string Place { get; }

    /// <summary>Goes through a tar; throws <see cref="FormatException"/> where it is none.</summary>
    public static async Task<TarFiles> ScanAsync(string path, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                var reader = new TarReader(file, leaveOpen: true);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
                        Add(entry);
                }
            }
            // What the reader throws on damaged headers is not written down anywhere.
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException or InvalidOperationException)
            {
                throw new FormatException($"'{path}' is not a whole tar: {e.Message.TrimEnd('.')}", e);
            }
        }

        return entries.Count > 0 ? new TarFiles(path, entries) : throw new FormatException($"'{path}' is not a tar, or an empty one");

        void Add(TarEntry entry)
        {
            if (entries.Count == MostEntries)
                throw new FormatException($"it has more than {MostEntries} entries, and so is not an image's archive");
            var part = entry.EntryType switch
            {
                TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => new FilePart(path, entry.DataOffset, entry.Length),
                _ => null,
            };
            if (part is not null && (part.Length < 0 || part.Length > file.Length - part.Offset))
                throw new FormatException($"its entry '{entry.Name}' is cut off");
            var target = entry.EntryType switch
            {
                TarEntryType.SymbolicLink => Normalize(entry.Name + "/../" + entry.LinkName),
                TarEntryType.HardLink => Normalize(entry.LinkName),
                _ => null,
            };
            // Of two with one name the later one counts: that is what unpacking would come to.
            if (Normalize(entry.Name) is { } name)
                entries[name] = new Entry(part, target);
        }
    }

    /// <inheritdoc/>
    public FilePart? Find(string path)
    {
        var at = Normalize(path);
        for (var links = 0; links <= MostLinks && at is not null && _entries.TryGetValue(at, out var entry); links++)
        {
            if (entry.Target is null)
                return entry.Part;
            at = entry.Target;
        }

        return null;
    }

    // Without empty parts, "." and ".."; null for what leads out of the archive.
    private static string? Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
                return null;
            if (part == "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "."))
                parts.Add(part);
        }

        return string.Join('/', parts);
    }

    private sealed record Entry(FilePart? Part, string? Target);
}
