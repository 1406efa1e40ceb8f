namespace Containerize.Benchmarks.Reporting;

/// <summary>A page of which one part, between two comments, is made by a program; the rest is written by hand and stays.</summary>
public static class Page
{
    private const string Begin = "<!-- The part from here on is written by tests/bench.sh. -->";
    private const string End = "<!-- The part up to here is written by tests/bench.sh. -->";

    /// <summary>Replaces that part, or makes the page.</summary>
    /// <exception cref="InvalidDataException">The page has no such part.</exception>
    public static void Update(string path, string report)
    {
        var page = File.Exists(path) ? File.ReadAllText(path) : $"# Benchmarks\n\n{Begin}\n{End}\n";
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"'{path}' lacks the comments between which the figures go:\n{Begin}\n{End}");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, $"{page[..begin]}{Begin}\n\n{report.Trim()}\n\n{page[end..]}");
    }
}
