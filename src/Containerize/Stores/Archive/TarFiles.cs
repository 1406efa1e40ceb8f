using Containerize.Files;

namespace Containerize.Stores.Archive;

/// <summary>
/// The files of a tar. It is gone through once, header by header; contents are read where they lie, and nothing is unpacked.
/// </summary>
internal sealed class TarFiles : IImageFiles
{
    // Docker 20 writes a layer that images share as a link to the first image's.
    private const int MaxLinks = 16;

    private readonly Dictionary<string, Entry> _entries;

    private TarFiles(string path, Dictionary<string, Entry> entries)
    {
        Place = path;
        _entries = entries;
    }

    /// <inheritdoc/>
    public string Place { get; }

    /// <summary>Goes through a tar; throws <see cref="FormatException"/> where it is none, or larger than any archive of images.</summary>
    public static async Task<TarFiles> ScanAsync(string path, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        var names = 0L;
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                var tar = new TarInput(file, Limits.EntriesOfArchive);
                while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } header)
                    Add(header);
            }
            catch (InvalidDataException e)
            {
                throw new FormatException($"'{path}' is not a whole tar of an image: {TarInput.ReasonOf(e)}", e);
            }
        }

        return entries.Count > 0 ? new TarFiles(path, entries) : throw new FormatException($"'{path}' is not a tar, or an empty one");

        void Add(TarHeader header)
        {
            names += header.Name.Length + header.LinkName.Length;
            if (header.Name.Length > Limits.PathLength || header.LinkName.Length > Limits.PathLength)
                throw TarInput.Damaged("a path is longer than any system takes");
            if (names > Limits.NamesOfArchive)
                throw TarInput.Damaged($"its paths have more than {Limits.NamesOfArchive} characters");
            var part = header is { IsFile: true, IsSparse: false } ? new FilePart(path, header.Offset, header.Size) : null;
            if (part is not null && part.Length > file.Length - part.Offset)
                throw TarInput.Damaged($"its entry '{ErrorText.Clean(header.Name, 100)}' is cut off");
            var target = header.Type switch
            {
                '2' => Normalize(header.Name + "/../" + header.LinkName),
                '1' => Normalize(header.LinkName),
                _ => null,
            };
            // Of two with one name the later one counts: that is what unpacking would come to.
            if (Normalize(header.Name) is { } name)
                entries[name] = new Entry(part, target);
        }
    }

    /// <inheritdoc/>
    public FilePart? Find(string path)
    {
        var at = Normalize(path);
        for (var links = 0; links <= MaxLinks && at is not null && _entries.TryGetValue(at, out var entry); links++)
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
