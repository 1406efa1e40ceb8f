using System.Formats.Tar;
using System.Runtime.CompilerServices;
using Containerize.Hosting;

namespace Containerize.Planning.Published;

/// <summary>What lies at a path of the publish folder.</summary>
public enum PublishedKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory in which there is nothing.</summary>
    EmptyDirectory,

    /// <summary>A symbolic link that stays one.</summary>
    SymbolicLink,
}

/// <summary>Something in the publish folder.</summary>
/// <param name="RelativePath">Its path below the folder, with <c>/</c>.</param>
/// <param name="FullPath">Its path on this machine.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkTarget">Symbolic links: the target, relative to the link, with <c>/</c>.</param>
internal sealed record PublishedPath(string RelativePath, string FullPath, PublishedKind Kind, string LinkTarget = "");

/// <summary>
/// Lists a publish folder as it lies on disk: not every published file is a publish item (web.config, single-file bundles,
/// native AOT programs), and not every item is on disk.
/// </summary>
internal sealed class PublishFolder
{
    private readonly string _root;
    private readonly IReadOnlyDictionary<string, PublishItem> _items;
    private readonly Words _words;
    private readonly List<PublishedPath> _found = [];

    private PublishFolder(string folder, IReadOnlyDictionary<string, PublishItem> items, Words words)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _items = items;
        _words = words;
    }

    /// <summary>Lists everything below a folder, in ordinal order.</summary>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="items">What the build knows, by relative path; it tells a published link from a stray one.</param>
    /// <exception cref="ContainerizeException">
    /// The folder is missing or empty (CTZ1002, CTZ1003), or holds what cannot stand in a layer (CTZ3001, CTZ3002).
    /// </exception>
    public static IReadOnlyList<PublishedPath> List(string folder, IReadOnlyDictionary<string, PublishItem> items)
    {
        if (!Directory.Exists(folder))
        {
            throw new ContainerizeException(
                ErrorCodes.PublishFolderMissing,
                $"The publish folder '{folder}' does not exist. Run 'dotnet publish', which fills it, rather than the container "
                    + "targets alone.");
        }

        var lister = new PublishFolder(
            folder,
            items,
            new Words(
                "published",
                "the publish folder",
                "Only links to published files can be put into an image: publish the file itself, or a link to a file beside it"));
        lister.Add(new DirectoryInfo(lister._root), "");
        if (!lister._found.Exists(path => path.Kind != PublishedKind.EmptyDirectory))
        {
            throw new ContainerizeException(
                ErrorCodes.PublishFolderEmpty,
                $"The publish folder '{folder}' holds no file, so there is nothing to put into an image. "
                    + "Check that 'dotnet publish' ran before and wrote to this folder.");
        }

        return lister.Sorted();
    }

    /// <summary>Lists everything below a folder that an item includes, in ordinal order. It may be empty.</summary>
    /// <exception cref="ContainerizeException">It holds what cannot stand in a layer (CTZ3001, CTZ3002).</exception>
    public static IReadOnlyList<PublishedPath> ListIncluded(string folder)
    {
        var lister = Included(folder);
        lister.Add(new DirectoryInfo(lister._root), "");
        return lister.Sorted();
    }

    /// <summary>Checks a file that an item includes by itself.</summary>
    /// <exception cref="ContainerizeException">It cannot stand in a layer (CTZ3001).</exception>
    public static void CheckIncluded(string file)
    {
        var info = new FileInfo(file);
        var lister = Included(info.DirectoryName!);
        lister.CheckName(info, info.Name);
        // Of a link it is the file behind it that is meant.
        lister.CheckKind(info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info, info.Name);
    }

    private static PublishFolder Included(string folder) => new(
        folder,
        new Dictionary<string, PublishItem>(),
        new Words(
            "included",
            $"the folder '{folder}'",
            "Only links to files of the same folder can be put into an image: include the file itself, or write a ContainerSymlink"));

    private List<PublishedPath> Sorted()
    {
        _found.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        return _found;
    }

    private void Add(DirectoryInfo directory, string prefix)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos(
                "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false }))
        {
            // Of a build that was killed while it replaced a file.
            if (AtomicFile.IsUnfinished(entry.Name))
                continue;
            var path = prefix + entry.Name;
            CheckName(entry, path);
            if (entry.LinkTarget is not null)
            {
                AddLink(entry, path);
            }
            else if (entry is DirectoryInfo child)
            {
                var before = _found.Count;
                Add(child, path + "/");
                if (_found.Count == before)
                    _found.Add(new PublishedPath(path, child.FullName, PublishedKind.EmptyDirectory));
            }
            else
            {
                CheckKind((FileInfo)entry, path);
                _found.Add(new PublishedPath(path, entry.FullName, PublishedKind.File));
            }
        }
    }

    private void AddLink(FileSystemInfo link, string path)
    {
        FileSystemInfo? target;
        try
        {
            target = link.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException)
        {
            target = null; // Links in a circle.
        }

        if (target is not { Exists: true })
            throw Unsuitable(path, link.LinkTarget!, "leads to nothing");

        // `CreateSymbolicLinksForPublishFilesIfPossible` publishes links to the sources: their content is what is meant.
        if (target is FileInfo && _items.TryGetValue(path, out var item) && IsSame(item.SourcePath, target.FullName))
        {
            _found.Add(new PublishedPath(path, target.FullName, PublishedKind.File));
            return;
        }

        var next = link.ResolveLinkTarget(returnFinalTarget: false)!.FullName;
        if (!IsBelowRoot(next) || !IsBelowRoot(target.FullName))
            throw Unsuitable(path, link.LinkTarget!, $"leads out of {_words.Place}");
        var relative = Path.GetRelativePath(Path.GetDirectoryName(link.FullName)!, next).Replace('\\', '/');
        _found.Add(new PublishedPath(path, link.FullName, PublishedKind.SymbolicLink, relative));
    }

    private bool IsBelowRoot(string path) =>
        Path.GetFullPath(path).StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool IsSame(string source, string target) =>
        Path.GetFullPath(source) == target || new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)?.FullName == target;

    private void CheckName(FileSystemInfo entry, string path)
    {
        if (entry.Name.StartsWith(".wh.", StringComparison.Ordinal))
        {
            throw new ContainerizeException(
                ErrorCodes.PathUnsuitable,
                $"The {_words.Adjective} file '{path}' cannot be put into an image: names that start with '.wh.' mark deletions in "
                    + "layers. Rename it.");
        }

        // The runtime shows bytes that are no UTF-8 as U+FFFD; a file of that name then does not exist.
        if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(entry.FullName))
        {
            throw new ContainerizeException(
                ErrorCodes.PathUnsuitable,
                $"The {_words.Adjective} file '{path}' cannot be put into an image: its name is not valid UTF-8. Rename it.");
        }
    }

    // Pipes, sockets and devices look like empty files here, and opening a pipe would block. The framework tells
    // them apart only where it makes tar entries of them.
    private void CheckKind(FileInfo file, string path)
    {
        if (!OperatingSystem.IsWindows() && file.Length == 0)
            CheckEmpty(file, path);
    }

    // Of its own, so that the assembly for tars is not loaded where no file is empty.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckEmpty(FileInfo file, string path)
    {
        var kind = TarEntryType.SparseFile;
        try
        {
            using var header = new MemoryStream();
            using (var writer = new TarWriter(header, TarEntryFormat.Ustar, leaveOpen: true))
                writer.WriteEntry(file.FullName, "x");
            kind = (TarEntryType)header.GetBuffer()[156];
        }
        catch (IOException)
        {
            // A socket: tar has no entry for it.
        }
        catch (UnauthorizedAccessException)
        {
            return; // Reading it later says so better.
        }

        if (kind is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            return;
        throw new ContainerizeException(
            ErrorCodes.PathUnsuitable,
            $"The {_words.Adjective} '{path}' cannot be put into an image: it is a pipe, a socket or a device, not a file. "
                + $"Remove it from {_words.Place}.");
    }

    private ContainerizeException Unsuitable(string path, string target, string why) => new(
        ErrorCodes.SymlinkUnsuitable,
        $"The {_words.Adjective} symbolic link '{path}' {why} ('{target}'). {_words.Remedy}.");

    // How messages speak of the folder.
    private sealed record Words(string Adjective, string Place, string Remedy);
}
