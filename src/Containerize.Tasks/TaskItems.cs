using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>Reads items.</summary>
internal static class TaskItems
{
    /// <summary>What the items include, without blanks.</summary>
    public static IReadOnlyList<string> Values(ITaskItem[] items) =>
        [.. items.Select(item => item.ItemSpec).Where(value => value.Length > 0)];

    /// <summary>A metadatum; null where it is absent or empty.</summary>
    public static string? Metadata(this ITaskItem item, string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;

    /// <summary>A metadatum without blanks around it, which come from how the project file is laid out; null where nothing is left.</summary>
    public static string? Trimmed(this ITaskItem item, string name) => item.GetMetadata(name).Trim() is { Length: > 0 } value ? value : null;

    /// <summary>An item's path in full; back-slashes are separators, as everywhere in MSBuild.</summary>
    public static string FullPath(string path, string folder) => Path.GetFullPath(path.Replace('\\', Path.DirectorySeparatorChar), folder);

    /// <summary>True for <c>true</c> in any case: what MSBuild's own conditions accept.</summary>
    public static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
