namespace Containerize.Planning.Settings;

/// <summary>An item of the project, as MSBuild hands it to tasks.</summary>
internal interface IProjectItem
{
    /// <summary>What the item includes.</summary>
    string ItemSpec { get; }

    /// <summary>A metadata item; empty where there is none.</summary>
    string GetMetadata(string name);
}

/// <summary>Reads items.</summary>
internal static class ProjectItems
{
    /// <summary>What the items include, without blanks.</summary>
    public static IReadOnlyList<string> Values(IEnumerable<IProjectItem> items) =>
        [.. items.Select(item => item.ItemSpec).Where(value => value.Length > 0)];

    /// <summary>A metadata item; null where it is absent or empty.</summary>
    public static string? Metadata(this IProjectItem item, string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;

    /// <summary>
    /// A metadata item without blanks around it, which come from how the project file is laid out; null where nothing is left.
    /// </summary>
    public static string? Trimmed(this IProjectItem item, string name) =>
        item.GetMetadata(name).Trim() is { Length: > 0 } value ? value : null;

    /// <summary>An item's path in full; back-slashes are separators, as everywhere in MSBuild.</summary>
    public static string FullPath(string path, string folder) => Path.GetFullPath(path.Replace('\\', Path.DirectorySeparatorChar), folder);

    /// <summary>True for <c>true</c> (case-insensitive): what MSBuild's own conditions accept.</summary>
    public static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
