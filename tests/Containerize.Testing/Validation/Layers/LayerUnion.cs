namespace Containerize.Testing.Validation.Layers;

/// <summary>What a number of layers, one upon the other, show (image-spec, layer.md, "Applying Changesets").</summary>
internal sealed class LayerUnion
{
    private readonly Dictionary<string, LayerEntry> _entries = new(StringComparer.Ordinal);

    public LayerEntry? Find(string path) => _entries.GetValueOrDefault(path);

    /// <summary>What lies below a directory, at any depth.</summary>
    public IReadOnlyList<LayerEntry> Below(string directory) =>
        [.. _entries.Values.Where(entry => directory.Length == 0 || entry.Path.StartsWith(directory + "/", StringComparison.Ordinal))];

    /// <summary>What a whiteout hides.</summary>
    public IReadOnlyList<LayerEntry> HiddenBy(LayerEntry whiteout)
    {
        if (whiteout.FileName == LayerEntry.OpaqueWhiteout)
            return Below(whiteout.Parent);
        var name = whiteout.FileName[LayerEntry.WhiteoutPrefix.Length..];
        var path = whiteout.Parent.Length == 0 ? name : $"{whiteout.Parent}/{name}";
        return Find(path) is { } hidden ? [hidden, .. Below(path)] : Below(path);
    }

    /// <summary>Lays one more layer on top. Whiteouts go first: they are about the layers below, wherever in the tar they stand.</summary>
    public void Apply(IReadOnlyList<LayerEntry> layer)
    {
        foreach (var whiteout in layer.Where(entry => entry.IsWhiteout))
            Remove(HiddenBy(whiteout));
        foreach (var entry in layer.Where(entry => !entry.IsWhiteout && entry.Path.Length > 0))
        {
            // What is no directory gives way to one as soon as something lies below it.
            foreach (var ancestor in entry.Ancestors)
            {
                if (Find(ancestor) is { IsDirectory: false })
                    _entries.Remove(ancestor);
            }
            if (!entry.IsDirectory && Find(entry.Path) is { IsDirectory: true })
                Remove(Below(entry.Path));
            _entries[entry.Path] = entry;
        }
    }

    private void Remove(IEnumerable<LayerEntry> entries)
    {
        foreach (var entry in entries)
            _entries.Remove(entry.Path);
    }
}
