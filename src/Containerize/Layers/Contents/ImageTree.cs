namespace Containerize.Layers.Contents;

/// <summary>
/// The files of an image as a container sees them: layers laid one over the other, whiteouts obeyed (image-spec, layer.md).
/// Paths are relative to the root, with <c>/</c>; the root is the empty path.
/// </summary>
public sealed class ImageTree
{
    // Linux gives up after as many (path_resolution(7), ELOOP).
    private const int MostLinks = 40;

    private readonly Node _root = new(new ContentEntry("", ContentKind.Directory, LayerEntry.DirectoryMode, 0, 0), null);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _versions = new(StringComparer.Ordinal);

    /// <summary>The files of an image with these layers, lowest first.</summary>
    public static ImageTree Of(IEnumerable<LayerContents> layers)
    {
        var tree = new ImageTree();
        foreach (var layer in layers)
            tree.Add(layer);
        return tree;
    }

    /// <summary>Lays another layer on top.</summary>
    public void Add(LayerContents layer)
    {
        // Whiteouts are about the layers below, wherever they stand in their own.
        foreach (var entry in layer.Entries)
        {
            if (entry.Kind == ContentKind.Whiteout)
                Remove(entry.Path);
            else if (entry.Kind == ContentKind.OpaqueDirectory)
                At(entry.Path)?.Children?.Clear();
        }

        foreach (var entry in layer.Entries)
        {
            if (entry.Kind is not (ContentKind.Whiteout or ContentKind.OpaqueDirectory))
                Put(entry, null);
        }

        foreach (var (path, text) in layer.Texts)
            _texts[path] = text;
        foreach (var (path, versions) in layer.SymbolVersions)
            _versions[path] = versions;
    }

    /// <summary>Lays an entry of an image's own on top.</summary>
    public void Add(LayerEntry entry)
    {
        if (entry.Kind == LayerEntryKind.Whiteout)
        {
            Remove(entry.Path);
            return;
        }

        var kind = entry.Kind switch
        {
            LayerEntryKind.Directory => ContentKind.Directory,
            LayerEntryKind.SymbolicLink => ContentKind.SymbolicLink,
            _ => ContentKind.File,
        };
        var isLink = kind == ContentKind.SymbolicLink;
        Put(
            new ContentEntry(entry.Path, kind, entry.Mode, entry.UserId, entry.GroupId, 0, isLink ? entry.Source : null),
            kind == ContentKind.File ? entry.Source : null);
    }

    /// <summary>What lies at a path, links followed; null where there is nothing.</summary>
    public ImageNode? Find(string path) => Resolve(path) is { } physical ? NodeAt(physical) : null;

    /// <summary>What lies at a path, links followed but for the last; null where there is nothing.</summary>
    public ImageNode? FindLink(string path) => Resolve(path, followLast: false) is { } physical ? NodeAt(physical) : null;

    /// <summary>The names in a directory, links to it followed, in ordinal order; none where it is no directory.</summary>
    public IEnumerable<string> Names(string directory) =>
        Resolve(directory) is { } physical && At(physical)?.Children is { } children ? children.Keys.Order(StringComparer.Ordinal) : [];

    /// <summary>The text of one of the few files whose text is known; null for all others.</summary>
    public string? Text(string path) => Find(path) is { Source: null } node ? _texts.GetValueOrDefault(node.Path) : null;

    /// <summary>The versions of symbols that a shared library of a base defines; none where they are not known.</summary>
    public IReadOnlyList<string> SymbolVersions(string path) => Find(path) is { } node ? _versions.GetValueOrDefault(node.Path) ?? [] : [];

    /// <summary>
    /// The path without symbolic links, whether or not there is something: what does not exist is where it would come to lie.
    /// Null where a file stands in the way, or links lead in a circle. A <c>..</c> of the root is the root.
    /// </summary>
    /// <param name="path">The path; a slash at its start makes no difference.</param>
    /// <param name="followLast">Whether a link at the path itself is followed.</param>
    public string? Resolve(string path, bool followLast = true)
    {
        var ahead = new Stack<string>(Parts(path).Reverse());
        var behind = new List<string>();
        var node = _root;
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                if (behind.Count > 0)
                    behind.RemoveAt(behind.Count - 1);
                node = At(string.Join('/', behind));
                continue;
            }

            var child = node?.Children?.GetValueOrDefault(part);
            if (child is { Entry.Kind: ContentKind.SymbolicLink } && (followLast || ahead.Count > 0))
            {
                if (++links > MostLinks)
                    return null;
                var target = child.Entry.LinkTarget ?? "";
                if (target.StartsWith('/'))
                {
                    behind.Clear();
                    node = _root;
                }

                foreach (var next in Parts(target).Reverse())
                    ahead.Push(next);
                continue;
            }

            if (child is not null && child.Entry.Kind != ContentKind.Directory && ahead.Count > 0)
                return null;
            behind.Add(part);
            node = child;
        }

        return string.Join('/', behind);
    }

    /// <summary>Takes a path away, with all that is below; nothing happens where there is nothing.</summary>
    public void Remove(string path)
    {
        if (At(Parent(path)) is { Children: { } children })
            children.Remove(Name(path));
    }

    private void Put(ContentEntry entry, string? source)
    {
        if (entry.Path.Length == 0)
        {
            _root.Entry = entry;
            return;
        }

        var directory = _root;
        foreach (var part in Parts(Parent(entry.Path)))
        {
            // Engines make a directory of whatever stands in the way, and of what is missing.
            if (directory.Children!.GetValueOrDefault(part) is not { Entry.Kind: ContentKind.Directory } child)
            {
                var path = directory.Entry.Path.Length == 0 ? part : $"{directory.Entry.Path}/{part}";
                directory.Children![part] = child = new Node(new ContentEntry(path, ContentKind.Directory, LayerEntry.DirectoryMode, 0, 0), null);
            }

            directory = child;
        }

        var name = Name(entry.Path);
        if (entry.Kind == ContentKind.Directory && directory.Children!.GetValueOrDefault(name) is { Entry.Kind: ContentKind.Directory } existing)
            existing.Entry = entry;
        else
            directory.Children![name] = new Node(entry, source);
    }

    private Node? At(string path)
    {
        var node = _root;
        foreach (var part in Parts(path))
        {
            if (node.Children?.GetValueOrDefault(part) is not { } child)
                return null;
            node = child;
        }

        return node;
    }

    private ImageNode? NodeAt(string path)
    {
        if (At(path) is not { } node)
            return null;
        // A hard link is the file that it names: same bytes, same mode.
        if (node.Entry is { Kind: ContentKind.HardLink, LinkTarget: { } target } && At(target) is { Entry.Kind: ContentKind.File } file)
            return new ImageNode(file.Entry, file.Source);
        return new ImageNode(node.Entry, node.Source);
    }

    private static string[] Parts(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private sealed class Node(ContentEntry entry, string? source)
    {
        public ContentEntry Entry { get; set; } = entry;

        public string? Source { get; } = source;

        public Dictionary<string, Node>? Children { get; } = entry.Kind == ContentKind.Directory ? new(StringComparer.Ordinal) : null;
    }
}

/// <summary>Something in an image.</summary>
/// <param name="Entry">What its layer says of it.</param>
/// <param name="Source">The file on this machine that has its bytes; null for what a base brings.</param>
public sealed record ImageNode(ContentEntry Entry, string? Source)
{
    /// <summary>Where it lies, without symbolic links.</summary>
    public string Path => Entry.Path;

    /// <summary>What it is.</summary>
    public ContentKind Kind => Entry.Kind;

    /// <summary>Whether anybody may run it.</summary>
    public bool IsExecutable => Kind == ContentKind.File && (Entry.Mode & 0b001_001_001) != 0;
}
