namespace Containerize.Files;

/// <summary>
/// What the layers of one image may still hold of files: each alone could be as large as an image may be, and a manifest may list a
/// thousand. Layers that are read at the same time share it.
/// </summary>
internal sealed class FileListBudget
{
    private long _entries;
    private long _names;

    /// <summary>As much as an image may hold.</summary>
    public FileListBudget()
        : this(Limits.EntriesOfImage, Limits.NamesOfImage)
    {
    }

    /// <summary>Less, for tests.</summary>
    /// <param name="entries">How many entries.</param>
    /// <param name="names">How many characters of paths and of what else is kept as text.</param>
    public FileListBudget(long entries, long names) => (_entries, _names) = (entries, names);

    /// <summary>Counts an entry.</summary>
    /// <exception cref="InvalidDataException">It is one too many.</exception>
    public void Take(ContentEntry entry) => Take(1, entry.Path.Length + (entry.LinkTarget?.Length ?? 0));

    /// <summary>Counts what is kept of a layer beside its entries.</summary>
    /// <exception cref="InvalidDataException">It is too much.</exception>
    public void Take(IReadOnlyDictionary<string, string> texts, IReadOnlyDictionary<string, IReadOnlyList<string>> versions) =>
        Take(0, texts.Sum(text => (long)text.Value.Length) + versions.Sum(library => library.Value.Sum(version => (long)version.Length)));

    /// <summary>Counts a layer that was read before.</summary>
    /// <exception cref="InvalidDataException">It is too much.</exception>
    public void Take(FileList contents)
    {
        Take(contents.Entries.Count, contents.Entries.Sum(entry => (long)entry.Path.Length + (entry.LinkTarget?.Length ?? 0)));
        Take(contents.Texts, contents.SymbolVersions);
    }

    private void Take(long entries, long names)
    {
        if (Interlocked.Add(ref _entries, -entries) < 0 || Interlocked.Add(ref _names, -names) < 0)
            throw new InvalidDataException(
                $"The layers hold more files than an image can sensibly have: more than {Limits.EntriesOfImage}, or "
                    + $"{Limits.NamesOfImage} characters of paths.");
    }
}
