namespace Containerize.Testing.Validation.Layers;

/// <summary>
/// How Containerize writes its own entries: relative names in one form, owners by number, no times but the one, no stray directories.
/// </summary>
internal static class OwnEntryRules
{
    /// <param name="entries">The layer.</param>
    /// <param name="below">The layers below.</param>
    /// <param name="allowedDirectory">Which directories may have an entry; null is any.</param>
    /// <param name="problems">Where to tell.</param>
    public static void Check(
        IReadOnlyList<LayerEntry> entries, LayerUnion below, Func<string, bool>? allowedDirectory, ProblemList problems)
    {
        foreach (var entry in entries)
        {
            CheckName(entry, problems);
            if (entry.OwnerNames.Length > 0)
                problems.Add($"'{entry.Name}' has its owner by name ({entry.OwnerNames}); images know numbers.");
            if (entry.HasOtherTimes)
                problems.Add($"'{entry.Name}' tells of access or change, which differ from build to build.");
            if (entry.IsDirectory
                && allowedDirectory is not null
                && !allowedDirectory(entry.Path)
                && below.Find(entry.Path) is not { IsDirectory: true })
                problems.Add($"'{entry.Name}' is an entry for a directory that is not the image's own.");
        }
    }

    private static void CheckName(LayerEntry entry, ProblemList problems)
    {
        var expected = entry.IsDirectory ? entry.Path + "/" : entry.Path;
        if (entry.Name.Contains('\\'))
            problems.Add($"'{entry.Name}' has a backslash; names are parted by '/'.");
        if (entry.Path.Length == 0)
            problems.Add($"'{entry.Name}' is an entry for the root itself, which belongs to the base.");
        else if (!entry.Name.StartsWith('/') && entry.Name != expected)
            problems.Add($"'{entry.Name}' should be written '{expected}'.");
    }
}
