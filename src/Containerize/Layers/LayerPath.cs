namespace Containerize.Layers;

/// <summary>Paths as layers have them: relative, with <c>/</c>; the root is the empty path.</summary>
internal static class LayerPath
{
    /// <summary>The directory that a path lies in.</summary>
    public static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    /// <summary>The directories that a path lies in, the nearest first, without the root.</summary>
    public static IEnumerable<string> Parents(string path)
    {
        for (var parent = Parent(path); parent.Length > 0; parent = Parent(parent))
            yield return parent;
    }

    /// <summary>The path of something in a directory.</summary>
    public static string Combine(string directory, string relative) => directory.Length == 0 ? relative : $"{directory}/{relative}";

    /// <summary>Whether a path is a directory or lies below it; below the root lies everything.</summary>
    public static bool IsAtOrBelow(string path, string directory) => path == directory || IsBelow(path, directory);

    /// <summary>Whether a path lies below a directory.</summary>
    public static bool IsBelow(string path, string directory) =>
        directory.Length == 0
            ? path.Length > 0
            : path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal);
}
