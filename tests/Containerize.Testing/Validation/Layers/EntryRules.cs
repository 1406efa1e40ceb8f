namespace Containerize.Testing.Validation.Layers;

/// <summary>What holds for every layer, whoever made it: what engines refuse, or read differently from one another.</summary>
internal static class EntryRules
{
    public static void Check(IReadOnlyList<LayerEntry> entries, ProblemList problems)
    {
        var seen = new Dictionary<string, LayerEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.Name.StartsWith('/'))
                problems.Add($"'{entry.Name}' is an absolute name.");
            if (entry.Path.Split('/').Contains(".."))
                problems.Add($"'{entry.Name}' leads out of the image.");
            CheckWhiteout(entry, problems);
            if (entry.IsHardLink && !(seen.TryGetValue(LayerEntry.Clean(entry.Target), out var target) && !target.IsDirectory))
                problems.Add($"'{entry.Name}' is a hard link to '{entry.Target}', which is no earlier file of this layer.");
            if (!seen.TryAdd(entry.Path, entry))
                problems.Add($"'{entry.Name}' is there twice ('{seen[entry.Path].Name}' before): docker and podman refuse that.");
        }
        foreach (var entry in entries)
        {
            if (entry.Ancestors.FirstOrDefault(path => seen.TryGetValue(path, out var above) && !above.IsDirectory) is { } blocked)
                problems.Add($"'{entry.Name}' lies below '{blocked}', which is no directory in the same layer.");
        }
    }

    /// <summary>image-spec, layer.md, "Whiteouts": an empty file; the prefix is reserved, and doubled only for the opaque one.</summary>
    private static void CheckWhiteout(LayerEntry entry, ProblemList problems)
    {
        if (entry.Parent.Split('/').Any(part => part.StartsWith(LayerEntry.WhiteoutPrefix, StringComparison.Ordinal)))
            problems.Add($"'{entry.Name}' lies in a directory with the reserved prefix .wh.");
        if (!entry.IsWhiteout)
            return;
        if (!entry.IsFile || entry.Size != 0)
            problems.Add($"'{entry.Name}' has the name of a whiteout and is no empty file.");
        var hidden = entry.FileName[LayerEntry.WhiteoutPrefix.Length..];
        if (hidden is "" or "." or ".."
            || hidden.StartsWith(LayerEntry.WhiteoutPrefix, StringComparison.Ordinal) && entry.FileName != LayerEntry.OpaqueWhiteout)
            problems.Add($"'{entry.Name}' is a whiteout of nothing.");
    }
}
