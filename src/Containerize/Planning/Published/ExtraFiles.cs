using Containerize.Layers;
using Containerize.Planning.Settings;

namespace Containerize.Planning.Published;

/// <summary>An entry of the image that is not published but asked for by an item.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Layer">The layer that it goes to.</param>
internal sealed record ExtraEntry(LayerEntry Entry, string Layer);

/// <summary>What an item says of the entries that it makes.</summary>
/// <param name="Owner"><c>user[:group]</c>; null for root.</param>
/// <param name="Mode">The mode in octal digits; null for the usual one.</param>
/// <param name="Layer">The layer's name; null for the usual one.</param>
internal readonly record struct EntrySettings(string? Owner = null, string? Mode = null, string? Layer = null);

/// <summary>
/// What goes into the image besides the published files: <c>ContainerFile</c>, <c>ContainerDirectory</c>, <c>ContainerSymlink</c>,
/// and what is taken away by <c>ContainerRemove</c>.
/// </summary>
internal sealed class ExtraFiles
{
    private readonly string _workingDirectory;
    private readonly List<ExtraEntry> _entries = [];
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _removed = new(StringComparer.Ordinal);

    /// <summary>Starts with nothing.</summary>
    /// <param name="workingDirectory">The working directory as a layer's path, which relative paths are meant below.</param>
    public ExtraFiles(string workingDirectory) => _workingDirectory = workingDirectory;

    /// <summary>The entries, in the order in which they were asked for; no path twice.</summary>
    public IReadOnlyList<ExtraEntry> Entries => _entries;

    /// <summary>The paths of the base that are taken away, in ordinal order; none lies below another.</summary>
    public IReadOnlyList<string> Removed => [.. _removed.Where(path => !LayerPath.Parents(path).Any(_removed.Contains))];

    /// <summary>Adds a file, or a folder with all that is in it.</summary>
    /// <param name="source">Its full path on this machine.</param>
    /// <param name="path">
    /// Where it goes. One that ends with <c>/</c> is the directory that a file goes into; a folder's content goes to the path itself.
    /// </param>
    /// <param name="recursiveDirectory">The part of the path that a <c>**</c> stood for, which is kept below a directory.</param>
    /// <param name="settings">Owner, mode, layer. A folder's mode is that of its files.</param>
    /// <exception cref="ContainerizeException">
    /// There is no such file or no path for it (CTZ1033), or it cannot be read (CTZ3003) or stand in a layer (CTZ3001, CTZ3002); its
    /// path, owner or mode is not valid (CTZ1030, CTZ1034), or another item claims the path (CTZ3004).
    /// </exception>
    public void AddFile(string source, string? path, string recursiveDirectory, EntrySettings settings)
    {
        var setting = $"The ContainerFile '{source}'";
        if (string.IsNullOrEmpty(path))
            throw Unusable(setting, "it has no Path: where it goes in the image");
        var item = new FileItem(
            setting, source, path, Ownership.Parse(settings.Owner, setting), Ownership.ParseMode(settings.Mode, setting), settings.Layer);
        try
        {
            if (Directory.Exists(source))
                AddFolder(item);
            else if (File.Exists(source))
                AddSingle(item, recursiveDirectory);
            else
                throw Unusable(setting, "there is no such file or folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContainerizeException(
                ErrorCodes.FileUnreadable,
                $"{setting} could not be read: {e.Message.TrimEnd('.')}. Make it readable with everything in it, and let nothing "
                    + "write to it while the image is built.",
                e);
        }
    }

    /// <summary>Adds a directory with nothing in it.</summary>
    /// <exception cref="ContainerizeException">
    /// Its path, owner or mode is not valid (CTZ1030, CTZ1034), or another item claims the path (CTZ3004).
    /// </exception>
    public void AddDirectory(string path, EntrySettings settings)
    {
        var setting = $"The ContainerDirectory '{path}'";
        var entry = LayerEntry.Directory(ImagePath.ParseBelowRoot(path, _workingDirectory, setting)) with
        {
            Mode = Ownership.ParseMode(settings.Mode, setting) ?? LayerEntry.DirectoryMode,
            IsGiven = true,
        };
        Add(Ownership.Parse(settings.Owner, setting).GiveTo(entry), settings.Layer, new Claim(setting, IsDirectoryItem: true));
    }

    /// <summary>Adds a symbolic link, whose target need not exist.</summary>
    /// <exception cref="ContainerizeException">
    /// It has no target (CTZ1033); its path or owner is not valid (CTZ1030, CTZ1034), or another item claims the path (CTZ3004).
    /// </exception>
    public void AddSymlink(string path, string? target, EntrySettings settings)
    {
        var setting = $"The ContainerSymlink '{path}'";
        if (string.IsNullOrEmpty(target) || target.Any(char.IsControl))
        {
            throw new ContainerizeException(
                ErrorCodes.ContentUnusable,
                $"{setting} has no LinkTarget that a link could lead to. Write for example <ContainerSymlink "
                    + "Include=\"/usr/local/bin/shop\" LinkTarget=\"/app/Shop\" />.");
        }

        var entry = LayerEntry.Link(ImagePath.ParseBelowRoot(path, _workingDirectory, setting), target);
        Add(Ownership.Parse(settings.Owner, setting).GiveTo(entry), settings.Layer, new Claim(setting));
    }

    /// <summary>Takes a path of the base away, with all that is below it.</summary>
    /// <exception cref="ContainerizeException">It cannot be a path of an image (CTZ1030).</exception>
    public void Remove(string path) => _removed.Add(ImagePath.ParseBelowRoot(path, _workingDirectory, $"The ContainerRemove '{path}'"));

    private void AddSingle(FileItem item, string recursiveDirectory)
    {
        PublishFolder.CheckIncluded(item.Source);
        var full = item.Path[^1] is '/' or '\\'
            ? ImagePath.Below(
                ImagePath.Parse(item.Path + recursiveDirectory, _workingDirectory, item.Setting),
                Path.GetFileName(item.Source),
                item.Setting)
            : ImagePath.ParseBelowRoot(item.Path, _workingDirectory, item.Setting);
        AddFileOf(item, full, item.Source);
    }

    private void AddFolder(FileItem item)
    {
        var target = ImagePath.Parse(item.Path, _workingDirectory, item.Setting);
        // As with COPY --chown: a directory that is there keeps its owner when something is copied into it; those of the folder are
        // the owner's like its files.
        if (target.Length > 0 && target != _workingDirectory)
            AddOwned(item, LayerEntry.Directory(target));
        var directories = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var found in PublishFolder.ListIncluded(item.Source))
        {
            var full = ImagePath.Below(target, found.RelativePath, item.Setting);
            directories.UnionWith(LayerPath.Parents(full).TakeWhile(parent => LayerPath.IsBelow(parent, target)));
            if (found.Kind == PublishedKind.EmptyDirectory)
                directories.Add(full);
            else if (found.Kind == PublishedKind.SymbolicLink)
                AddOwned(item, LayerEntry.Link(full, found.LinkTarget));
            else
                AddFileOf(item, full, found.FullPath);
        }

        foreach (var directory in directories)
            AddOwned(item, LayerEntry.Directory(directory) with { IsGiven = item.Owner.IsGiven });
    }

    private void AddFileOf(FileItem item, string path, string source)
    {
        var entry = FileRules.EntryOf(path, source, _workingDirectory);
        AddOwned(item, entry with { Mode = item.Mode ?? entry.Mode });
    }

    private void AddOwned(FileItem item, LayerEntry entry) => Add(item.Owner.GiveTo(entry), item.Layer, new Claim(item.Setting));

    private void Add(LayerEntry entry, string? layer, Claim claim)
    {
        var added = new ExtraEntry(entry, string.IsNullOrEmpty(layer) ? LayerOrder.Files : layer);
        if (_claims.TryAdd(entry.Path, claim))
        {
            _entries.Add(added);
            return;
        }

        var index = _entries.FindIndex(present => present.Entry.Path == entry.Path);
        var (present, other) = (_entries[index], _claims[entry.Path]);
        if (entry.Kind == LayerEntryKind.Directory && present.Entry.Kind == LayerEntryKind.Directory)
        {
            // Two folders may share a directory, and a ContainerDirectory says of it what is to be.
            var (weight, otherWeight) = (Weight(entry, claim), Weight(present.Entry, other));
            if (weight > otherWeight)
                (_entries[index], _claims[entry.Path]) = (added, claim);
            else if (weight == otherWeight && weight > 0 && present.Entry != entry)
                throw Clash(entry.Path, other, claim);
        }
        else if (IsWayTo(entry, present.Entry) || IsWayTo(present.Entry, entry))
        {
            // What goes below the link goes where it leads, so the directory is there.
            if (entry.Kind == LayerEntryKind.SymbolicLink)
                (_entries[index], _claims[entry.Path]) = (added, claim);
        }
        else if (present != added)
        {
            throw Clash(entry.Path, other, claim);
        }
    }

    private static bool IsWayTo(LayerEntry link, LayerEntry directory) =>
        link.Kind == LayerEntryKind.SymbolicLink && directory is { Kind: LayerEntryKind.Directory, IsGiven: false };

    private static int Weight(LayerEntry directory, Claim claim) => claim.IsDirectoryItem ? 2 : directory.IsGiven ? 1 : 0;

    private static ContainerizeException Clash(string path, Claim one, Claim other) => new(
        ErrorCodes.PathClash,
        $"{one.Setting} and {char.ToLowerInvariant(other.Setting[0])}{other.Setting[1..]} both claim the path /{path} of the image. "
            + "Remove one of them, or give it another path; several files go into a directory where Path ends with '/'.");

    private static ContainerizeException Unusable(string setting, string why) => new(
        ErrorCodes.ContentUnusable,
        $"{setting} cannot be put into the image: {why}. Write for example <ContainerFile Include=\"certs/root.crt\" "
            + "Path=\"/etc/ssl/certs/root.crt\" />.");

    // A ContainerFile, read.
    private sealed record FileItem(string Setting, string Source, string Path, Ownership Owner, int? Mode, string? Layer);

    // The items that name a path.
    private readonly record struct Claim(string Setting, bool IsDirectoryItem = false);
}
