namespace Containerize.Testing.Validation.Layers;

/// <summary>
/// What a layer of ours must not do to those below. Docker, Podman and containerd replace a symbolic link by an empty directory
/// when a layer has a file beneath it (a base's <c>/bin → usr/bin</c> is gone with all its commands), and Docker and Podman give a
/// directory 0755 root:root when a layer has a file in it and no entry for it (<c>/tmp</c> loses its 1777).
/// </summary>
internal static class HidingRules
{
    /// <param name="entries">The layer.</param>
    /// <param name="below">The layers below.</param>
    /// <param name="allowedDirectory">Directories whose mode and owner the layer may change; null is none.</param>
    /// <param name="problems">Where to tell.</param>
    public static void Check(
        IReadOnlyList<LayerEntry> entries, LayerUnion below, Func<string, bool>? allowedDirectory, ProblemList problems)
    {
        foreach (var entry in entries)
        {
            if (entry.IsWhiteout)
                CheckWhiteout(entry, below, problems);
            else if (below.Find(entry.Path) is { } lower)
                CheckReplacement(entry, lower, allowedDirectory, problems);
        }
        CheckParents(entries, below, problems);
    }

    private static void CheckWhiteout(LayerEntry whiteout, LayerUnion below, ProblemList problems)
    {
        foreach (var link in below.HiddenBy(whiteout).Where(hidden => hidden.IsSymlink))
            problems.Add($"'{whiteout.Name}' hides the symbolic link '{link.Path}' of a lower layer.");
    }

    private static void CheckReplacement(LayerEntry entry, LayerEntry lower, Func<string, bool>? allowedDirectory, ProblemList problems)
    {
        if (lower.IsSymlink && !(entry.IsSymlink && entry.Target == lower.Target))
            problems.Add($"'{entry.Name}' hides the symbolic link '{lower.Path}' to '{lower.Target}' of a lower layer.");
        else if (lower.IsDirectory && !entry.IsDirectory)
            problems.Add($"'{entry.Name}' hides a directory of a lower layer and all that it holds.");
        else if (!lower.IsSymlink && !lower.IsDirectory && entry.IsDirectory)
            problems.Add($"'{entry.Name}' is a directory where a lower layer has a file.");
        else if (entry.IsDirectory && lower.Attributes != entry.Attributes && allowedDirectory?.Invoke(entry.Path) != true)
            problems.Add($"'{entry.Name}' is {entry.Attributes} where a lower layer has it as {lower.Attributes}.");
    }

    /// <summary>The directories that entries lie in and that the layer does not describe; each is told once.</summary>
    private static void CheckParents(IReadOnlyList<LayerEntry> entries, LayerUnion below, ProblemList problems)
    {
        var known = entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            foreach (var ancestor in entry.Ancestors.Where(known.Add))
            {
                switch (below.Find(ancestor))
                {
                    case { IsSymlink: true } link:
                        problems.Add(
                            $"'{entry.Name}' lies below '{ancestor}', a symbolic link to '{link.Target}' in a lower layer, and hides it.");
                        break;
                    case { IsDirectory: true } lower when lower.Attributes != EntryAttributes.Implied:
                        problems.Add(
                            $"'{entry.Name}' lies in '{ancestor}' without an entry for it: "
                                + $"{lower.Attributes} of a lower layer becomes {EntryAttributes.Implied}.");
                        break;
                    case { IsDirectory: false }:
                        problems.Add($"'{entry.Name}' lies below '{ancestor}', which is a file in a lower layer.");
                        break;
                }
            }
        }
    }
}
