namespace Containerize.Testing.Validation.Sources;

/// <summary>A layout in a directory.</summary>
internal sealed class DirectoryFiles(string directory) : ILayoutFiles
{
    public IReadOnlyCollection<string> Paths { get; } =
    [
        .. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal),
    ];

    public Stream Open(string path) => File.OpenRead(Path.Combine(directory, path));
}
