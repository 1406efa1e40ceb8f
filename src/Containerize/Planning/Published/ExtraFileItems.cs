using Containerize.Planning.Settings;

namespace Containerize.Planning.Published;

/// <summary>Reads from items what is in the image besides the published files, and in which layers.</summary>
internal sealed class ExtraFileItems
{
    private readonly string _projectDirectory;
    private readonly string _workingDirectory;

    public ExtraFileItems(string projectDirectory, string workingDirectory)
    {
        _projectDirectory = projectDirectory;
        _workingDirectory = workingDirectory;
    }

    /// <summary>Reads the items that add and remove.</summary>
    public ExtraFiles Read(
        IReadOnlyList<IProjectItem> files,
        IReadOnlyList<IProjectItem> directories,
        IReadOnlyList<IProjectItem> symlinks,
        IReadOnlyList<IProjectItem> removals)
    {
        var content = new ExtraFiles(_workingDirectory);
        foreach (var file in files)
        {
            var source = ProjectItems.FullPath(file.ItemSpec, _projectDirectory);
            content.AddFile(
                Path.TrimEndingDirectorySeparator(source), file.Trimmed("Path"), file.GetMetadata("RecursiveDir"), Settings(file));
        }

        foreach (var directory in directories)
            content.AddDirectory(directory.ItemSpec, Settings(directory));
        foreach (var link in symlinks)
            content.AddSymlink(link.ItemSpec, link.Trimmed("LinkTarget")?.Replace('\\', '/'), Settings(link));
        foreach (var removal in removals)
            content.Remove(removal.ItemSpec);
        return content;
    }

    /// <summary>The layers that the project asks for.</summary>
    public static IReadOnlyList<LayerRule> Layers(IReadOnlyList<IProjectItem> items) =>
    [
        .. items.Select(item => new LayerRule(
            item.ItemSpec,
            item.GetMetadata("Files").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            item.Trimmed("Before"),
            item.Trimmed("After"))),
    ];

    private static EntrySettings Settings(IProjectItem item) => new(item.Trimmed("Owner"), item.Trimmed("Mode"), item.Trimmed("Layer"));
}
