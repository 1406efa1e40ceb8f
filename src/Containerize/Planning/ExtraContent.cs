using Containerize.Layers;

namespace Containerize.Planning;

/// <summary>An entry of the image that is not published but asked for by an item.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Layer">The layer that it goes to.</param>
public sealed record ExtraEntry(LayerEntry Entry, string Layer);

/// <summary>What an item says of the entries that it makes.</summary>
/// <param name="Owner"><c>user[:group]</c>; empty for root.</param>
/// <param name="Mode">The mode in octal digits; empty for the usual one.</param>
/// <param name="Layer">The layer's name; empty for the usual one.</param>
public readonly record struct EntrySettings(string? Owner, string? Mode, string? Layer);

/// <summary>
/// What goes into the image besides the published files: <c>ContainerFile</c>, <c>ContainerDirectory</c>, <c>ContainerSymlink</c>,
/// and what is taken away by <c>ContainerRemove</c>.
/// </summary>
public sealed class ExtraContent
{
    private const int LinkMode = 0b111_111_111;
    private readonly string _workingDirectory;
    private readonly List<ExtraEntry> _entries = [];
    private readonly SortedSet<string> _removed = new(StringComparer.Ordinal);

    /// <summary>Starts with nothing.</summary>
    /// <param name="workingDirectory">The working directory as a layer's path, which relative paths are meant below.</param>
    public ExtraContent(string workingDirectory) => _workingDirectory = workingDirectory;

    /// <summary>The entries, in the order in which they were asked for.</summary>
    public IReadOnlyList<ExtraEntry> Entries => _entries;

    /// <summary>The paths of the base that are taken away, in ordinal order.</summary>
    public IReadOnlyCollection<string> Removed => _removed;

    /// <summary>Adds a file, or a folder with all that is in it.</summary>
    /// <param name="source">Its full path on this machine.</param>
    /// <param name="path">
    /// Where it goes. One that ends with <c>/</c> is the directory that a file goes into; a folder's content goes to the path itself.
    /// </param>
    /// <param name="recursiveDirectory">The part of the path that a <c>**</c> stood for, which is kept below a directory.</param>
    /// <param name="settings">Owner, mode, layer.</param>
    /// <exception cref="ContainerizeException">There is no such file or no path for it (CTZ1033), and what path, owner and mode can be.</exception>
    public void AddFile(string source, string path, string recursiveDirectory, EntrySettings settings)
    {
        if (string.IsNullOrEmpty(path))
            throw Unusable(source, "it has no Path: where it goes in the image");
        if (Directory.Exists(source))
            AddFolder(source, path, settings);
        else if (File.Exists(source))
            AddOne(source, path.EndsWith('/') ? $"{path}{recursiveDirectory.Replace('\\', '/')}{Path.GetFileName(source)}" : path, settings);
        else
            throw Unusable(source, "there is no such file or folder");
    }

    /// <summary>Adds a directory with nothing in it.</summary>
    public void AddDirectory(string path, EntrySettings settings)
    {
        var setting = $"The ContainerDirectory '{path}'";
        var owner = Ownership.Parse(settings.Owner, setting);
        Add(Owned(LayerEntry.Directory(ParseBelowRoot(path, setting)), owner) with { Mode = Ownership.ParseMode(settings.Mode, setting) ?? LayerEntry.DirectoryMode, IsGiven = true }, settings);
    }

    /// <summary>Adds a symbolic link, whose target need not exist.</summary>
    /// <exception cref="ContainerizeException">It has no target (CTZ1033).</exception>
    public void AddSymlink(string path, string target, EntrySettings settings)
    {
        var setting = $"The ContainerSymlink '{path}'";
        if (string.IsNullOrEmpty(target) || target.Any(char.IsControl))
        {
            throw new ContainerizeException(
                ErrorCodes.ContentUnusable,
                $"{setting} has no Target that a link could lead to. Write for example <ContainerSymlink Include=\"/usr/local/bin/shop\" Target=\"/app/Shop\" />.");
        }

        Add(Owned(new LayerEntry(ParseBelowRoot(path, setting), LayerEntryKind.SymbolicLink, target, LinkMode), Ownership.Parse(settings.Owner, setting)), settings);
    }

    /// <summary>Takes a path of the base away, with all that is below it.</summary>
    public void Remove(string path) => _removed.Add(ParseBelowRoot(path, $"The ContainerRemove '{path}'"));

    private void AddFolder(string source, string path, EntrySettings settings)
    {
        var setting = $"The ContainerFile '{source}'";
        var target = ImagePath.Parse(path, _workingDirectory, setting);
        var owner = Ownership.Parse(settings.Owner, setting);
        // A folder that is copied for somebody is theirs as a whole, its directories too; otherwise they are only on the way.
        var directories = new SortedSet<string>(StringComparer.Ordinal);
        if (target.Length > 0)
            directories.Add(target);
        foreach (var found in PublishFolder.ListIncluded(source))
        {
            var full = target.Length == 0 ? found.RelativePath : $"{target}/{found.RelativePath}";
            for (var parent = Parent(full); parent.Length > target.Length; parent = Parent(parent))
                directories.Add(parent);
            if (found.Kind == PublishedKind.EmptyDirectory)
                directories.Add(full);
            else if (found.Kind == PublishedKind.SymbolicLink)
                Add(Owned(new LayerEntry(full, LayerEntryKind.SymbolicLink, found.LinkTarget, LinkMode), owner), settings);
            else
                AddOne(found.FullPath, "/" + full, settings);
        }

        foreach (var directory in directories)
            Add(Owned(LayerEntry.Directory(directory), owner) with { IsGiven = owner.IsGiven }, settings);
    }

    private void AddOne(string source, string path, EntrySettings settings)
    {
        var setting = $"The ContainerFile '{source}'";
        var mode = Ownership.ParseMode(settings.Mode, setting)
            ?? (ExecutableFiles.IsExecutable(source) ? LayerEntry.ExecutableMode : LayerEntry.FileMode);
        Add(Owned(new LayerEntry(ParseBelowRoot(path, setting), LayerEntryKind.File, source, mode), Ownership.Parse(settings.Owner, setting)), settings);
    }

    private void Add(LayerEntry entry, EntrySettings settings) =>
        _entries.Add(new ExtraEntry(entry, string.IsNullOrEmpty(settings.Layer) ? LayerOrder.Files : settings.Layer));

    private string ParseBelowRoot(string path, string setting) =>
        ImagePath.Parse(path, _workingDirectory, setting) is { Length: > 0 } parsed ? parsed : throw new ContainerizeException(
            ErrorCodes.ImagePathInvalid,
            $"{setting} names the root of the image, which is always there. Name something below it, for example /var/data.");

    private static LayerEntry Owned(LayerEntry entry, Ownership owner) =>
        entry with { UserId = owner.UserId, GroupId = owner.GroupId, OwnerName = owner.Names };

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static ContainerizeException Unusable(string source, string why) => new(
        ErrorCodes.ContentUnusable,
        $"The ContainerFile '{source}' cannot be put into the image: {why}. Write for example <ContainerFile Include=\"certs/root.crt\" Path=\"/etc/ssl/certs/root.crt\" />.");
}
