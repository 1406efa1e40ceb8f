using System.Formats.Tar;

namespace Containerize.Testing.Validation.Sources;

/// <summary>A layout in a tar: the files are found once and then read where they lie.</summary>
internal sealed class TarFiles : ILayoutFiles
{
    private readonly string _path;
    private readonly Dictionary<string, (long Offset, long Length)> _files = new(StringComparer.Ordinal);

    public TarFiles(string path, ICollection<string> problems)
    {
        _path = path;
        using var tar = File.OpenRead(path);
        using var reader = new TarReader(tar);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            if (!_files.TryAdd(entry.Name, (entry.DataOffset, entry.Length)))
                problems.Add($"archive: '{entry.Name}' is there twice.");
        }
    }

    public IReadOnlyCollection<string> Paths => _files.Keys;

    public Stream Open(string path)
    {
        if (!_files.TryGetValue(path, out var place))
            throw new FileNotFoundException($"The archive has no {path}.");
        return new FileSlice(File.OpenRead(_path), place.Offset, place.Length);
    }
}
