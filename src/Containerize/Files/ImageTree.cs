using Containerize.Layers;

namespace Containerize.Files;

/// <summary>
/// The files of an image as a container sees them: layers laid one over the other, whiteouts obeyed (image-spec, layer.md).
/// Paths are relative to the root, with <c>/</c>; the root is the empty path.
/// </summary>
internal sealed class ImageTree
{
    // Linux gives up after as many (path_resolution(7), ELOOP).
    private const int MaxLinks = 40;

    // Characters; see Limits.TreeOfImage.
    private const int CostOfNode = 100;

    // Steps. What is set up for a link takes as long as some parts.
    private const int CostOfLink = 8;

    private readonly Node _root;
    private readonly long _most;
    private long _characters;
    private long _implied;
    private long _steps;
    private bool _isLaid;
    private int _layer;

    /// <summary>A tree without any files.</summary>
    public ImageTree()
        : this(Limits.TreeOfImage)
    {
    }

    /// <summary>A tree without any files, for tests of how much fits.</summary>
    internal ImageTree(long mostCharacters)
    {
        _root = new Node(ImpliedDirectory(""));
        _most = mostCharacters;
    }

    private ImageTree(ImageTree other)
    {
        _root = new Node(other._root);
        _most = other._most;
        _characters = other._characters;
        _implied = other._implied;
        _layer = other._layer;
        // A recursion would be as deep as the base's directories.
        var pending = new Stack<(Node From, Node To)>([(other._root, _root)]);
        while (pending.TryPop(out var pair))
        {
            foreach (var (name, child) in pair.From.Children!)
            {
                var copy = new Node(child);
                pair.To.Children!.Add(name, copy);
                if (copy.Children is not null)
                    pending.Push((child, copy));
            }
        }
    }

    /// <summary>The files of an image with these layers, lowest first.</summary>
    /// <exception cref="InvalidDataException">There is more in them than an image can sensibly hold.</exception>
    public static ImageTree Of(IEnumerable<FileList> layers)
    {
        var tree = new ImageTree();
        foreach (var layer in layers)
            tree.Add(layer);
        return tree;
    }

    /// <summary>The same files, in a tree that can be changed without changing this one.</summary>
    public ImageTree Copy() => new(this);

    /// <summary>Lays another layer on top.</summary>
    /// <exception cref="InvalidDataException">There is more in it than an image can sensibly hold.</exception>
    public void Add(FileList layer)
    {
        _isLaid = true;
        _layer++;
        // Whiteouts are about the layers below, wherever they stand in their own.
        foreach (var entry in layer.Entries)
        {
            if (entry.Kind == ContentKind.Whiteout)
                DirectoryAt(LayerPath.Parent(entry.Path), _layer).Children!.Remove(Name(entry.Path));
            else if (entry.Kind == ContentKind.OpaqueDirectory)
                DirectoryAt(entry.Path, _layer).Children!.Clear();
        }

        foreach (var entry in layer.Entries)
        {
            if (entry.Kind is ContentKind.Whiteout or ContentKind.OpaqueDirectory)
                continue;
            var linked = entry.Kind == ContentKind.HardLink ? HardLink(entry) : null;
            Put(
                linked ?? new Node(entry)
                {
                    Layer = _layer,
                    Text = layer.Texts.GetValueOrDefault(entry.Path),
                    Versions = layer.SymbolVersions.GetValueOrDefault(entry.Path) ?? [],
                },
                _layer);
        }

        _isLaid = false;
    }

    /// <summary>Lays an entry of an image's own on top; its path is one without symbolic links.</summary>
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
            new Node(new ContentEntry(entry.Path, kind, entry.Mode, entry.UserId, entry.GroupId, 0, isLink ? entry.Source : null))
            {
                Source = kind == ContentKind.File ? entry.Source : null,
            },
            null);
    }

    /// <summary>What lies at a path, links followed; null where there is nothing.</summary>
    public ImageNode? Find(string path) => Resolve(path) is { } physical ? NodeAt(physical) : null;

    /// <summary>What lies at a path, links followed but for the last; null where there is nothing.</summary>
    public ImageNode? FindLink(string path) => Resolve(path, followLast: false) is { } physical ? NodeAt(physical) : null;

    /// <summary>The names in a directory, links to it followed, in ordinal order; none where it is no directory.</summary>
    public IEnumerable<string> Names(string directory) =>
        Resolve(directory) is { } physical && At(physical)?.Children is { } children ? children.Keys.Order(StringComparer.Ordinal) : [];

    /// <summary>The text of one of the few files whose text is known; null for all others.</summary>
    public string? Text(string path) => Resolve(path) is { } physical ? At(physical)?.Text : null;

    /// <summary>The versions of symbols that a shared library of a base defines; none where they are not known.</summary>
    public IReadOnlyList<string> SymbolVersions(string path) => Resolve(path) is { } physical ? At(physical)?.Versions ?? [] : [];

    /// <summary>
    /// The path without symbolic links, whether or not there is something: what does not exist is where it would come to lie.
    /// Null where a file stands in the way, or links lead in a circle. A <c>..</c> of the root is the root.
    /// </summary>
    /// <param name="path">The path; a slash at its start makes no difference.</param>
    /// <param name="followLast">Whether a link at the path itself is followed.</param>
    public string? Resolve(string path, bool followLast = true) => Resolve(path, followLast, out _);

    /// <summary>The path without symbolic links, or what keeps it from having one.</summary>
    /// <param name="path">The path; a slash at its start makes no difference.</param>
    /// <param name="followLast">Whether a link at the path itself is followed.</param>
    /// <param name="obstacle">Where the result is null: the path of the file in the way, or of a link that leads nowhere.</param>
    internal string? Resolve(string path, bool followLast, out string obstacle)
    {
        obstacle = "";
        if (IsPlain(path, followLast))
            return path;
        var ahead = new Stack<string>(Walked(Parts(path)).Reverse());
        var behind = new List<(string Name, Node? Node)>();
        Node? node = _root;
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                if (behind.Count > 0)
                    behind.RemoveAt(behind.Count - 1);
                node = behind.Count > 0 ? behind[^1].Node : _root;
                continue;
            }

            var child = node?.Children?.GetValueOrDefault(part);
            if (child is { Entry: { Kind: ContentKind.SymbolicLink, LinkTarget: var target } } && (followLast || ahead.Count > 0))
            {
                if (string.IsNullOrEmpty(target) || ++links > MaxLinks)
                {
                    obstacle = child.Entry.Path;
                    return null;
                }

                if (target.StartsWith('/'))
                {
                    behind.Clear();
                    node = _root;
                }

                foreach (var next in Walked(Parts(target)).Reverse())
                    ahead.Push(next);
                continue;
            }

            if (child is not null && child.Children is null && ahead.Count > 0)
            {
                obstacle = child.Entry.Path;
                return null;
            }

            behind.Add((part, child));
            node = child;
        }

        return string.Join('/', behind.Select(passed => passed.Name));
    }

    /// <summary>Takes a path away, with all that is below; nothing happens where there is nothing.</summary>
    /// <param name="path">The path, without symbolic links.</param>
    public void Remove(string path)
    {
        if (At(LayerPath.Parent(path)) is { Children: { } children })
            children.Remove(Name(path));
    }

    private static ContentEntry ImpliedDirectory(string path) => new(path, ContentKind.Directory, LayerEntry.DirectoryMode, 0, 0);

    // A further name of a file has its bytes, mode and owner, and keeps them when the other name goes. Null where there is no
    // such file: engines refuse that layer.
    private Node? HardLink(ContentEntry entry) =>
        Resolve(entry.LinkTarget ?? "", followLast: false) is { } target && At(target) is { Children: null } file
            ? new Node(file.Entry with { Path = entry.Path }) 
            {
                Layer = _layer,
                Source = file.Source,
                Text = file.Text,
                Versions = file.Versions,
            }
            : null;

    private void Put(Node node, int? layer)
    {
        var path = node.Entry.Path;
        if (path.Length == 0)
        {
            if (node.Children is not null)
                _root.Entry = node.Entry;
            return;
        }

        var directory = DirectoryAt(LayerPath.Parent(path), layer);
        if (node.Children is not null && directory.Children!.GetValueOrDefault(Name(path)) is { Children: not null } existing)
        {
            // An entry of a directory that is there says something of it, and leaves what it holds.
            existing.Entry = node.Entry with { Path = existing.Entry.Path };
            return;
        }

        // What lies behind a link of its own layer lies elsewhere than its name says.
        if (directory.Entry.Path != LayerPath.Parent(path))
            node.Entry = node.Entry with { Path = Below(directory, Name(path)) };
        directory.Children![Name(path)] = Counted(node);
    }

    // The directory at a path, made where it is missing, as engines do when they unpack a layer: each in a folder of its own, where
    // the links of that layer lead on, while those of the layers below, and files, give way to a directory. A directory that is
    // there keeps its mode and owner, which Docker and podman replace by 0755 root, and containerd does not: what the base's maker
    // has said of it is what he wants.
    private Node DirectoryAt(string path, int? layer)
    {
        var directory = _root;
        foreach (var range in path.AsSpan().Split('/'))
        {
            var part = path.AsSpan(range);
            if (part is "" or ".")
                continue;
            var child = directory.Child(part);
            if (child is { Entry.Kind: ContentKind.SymbolicLink } && layer is not null && child.Layer == layer
                && Resolve(child.Entry.Path) is { } physical && At(physical) is null or { Children: not null })
                child = DirectoryAt(physical, layer);
            else if (child?.Children is null)
                directory.Children![part.ToString()] = child = Implied(Below(directory, part));
            directory = child;
        }

        return directory;
    }

    private Node Implied(string path)
    {
        _implied += path.Length + CostOfNode;
        return _implied <= Math.Min(_most, Limits.ImpliedOfImage)
            ? Counted(new Node(ImpliedDirectory(path)))
            : throw new InvalidDataException(
                "The layers hold more directories without an entry than an image can sensibly have: "
                    + $"more than {Limits.ImpliedOfImage} characters of paths, with {CostOfNode} for each.");
    }

    private Node Counted(Node node)
    {
        _characters += node.Entry.Path.Length + (node.Entry.LinkTarget?.Length ?? 0) + CostOfNode;
        return _characters <= _most
            ? node
            : throw new InvalidDataException(
                $"The layers hold more files than an image can sensibly have: more than {_most} characters of paths, with "
                    + $"{CostOfNode} for each file.");
    }

    // A few links, each of which leads through the others, make a path of four thousand characters as long as one of a hundred thousand.
    private string[] Walked(string[] parts)
    {
        _steps += _isLaid ? parts.Length + CostOfLink : 0;
        return _steps <= Limits.StepsOverLinks
            ? parts
            : throw new InvalidDataException($"The links of the layers lead through more than {Limits.StepsOverLinks} parts of paths.");
    }

    // Most paths have no link in them and are written as they should be.
    private bool IsPlain(ReadOnlySpan<char> path, bool followLast)
    {
        var node = _root;
        foreach (var range in path.Split('/'))
        {
            var part = path[range];
            var isLast = range.End.Value == path.Length;
            node = node?.Child(part);
            if (part is "" or "." or ".."
                || (node is { Children: null } && !(isLast && (!followLast || node.Entry.Kind != ContentKind.SymbolicLink))))
                return false;
        }

        return true;
    }

    private Node? At(ReadOnlySpan<char> path)
    {
        var node = _root;
        foreach (var range in path.Split('/'))
        {
            var part = path[range];
            if (part is "" or ".")
                continue;
            if (node.Child(part) is not { } child)
                return null;
            node = child;
        }

        return node;
    }

    private ImageNode? NodeAt(string path) => At(path) is { } node ? new ImageNode(node.Entry, node.Source) : null;

    private static string[] Parts(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];

    private static string Below(Node directory, ReadOnlySpan<char> name) =>
        directory.Entry.Path.Length == 0 ? name.ToString() : $"{directory.Entry.Path}/{name}";

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private sealed class Node(ContentEntry entry)
    {
        public Node(Node other)
            : this(other.Entry)
        {
            Layer = other.Layer;
            Source = other.Source;
            Text = other.Text;
            Versions = other.Versions;
        }

        public ContentEntry Entry { get; set; } = entry;

        // The number of the layer that it came with; null for what no layer of a base names.
        public int? Layer { get; init; }

        public string? Source { get; init; }

        public string? Text { get; init; }

        public IReadOnlyList<string> Versions { get; init; } = [];

        public Dictionary<string, Node>? Children { get; } = entry.Kind == ContentKind.Directory ? new(StringComparer.Ordinal) : null;

        public Node? Child(ReadOnlySpan<char> name) =>
            Children is { Count: > 0 } && Children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var child) ? child : null;
    }
}

/// <summary>Something in an image.</summary>
/// <param name="Entry">What its layer says of it; a further name of a file says the same as the first.</param>
/// <param name="Source">The file on this machine that has its bytes; null for what a base brings.</param>
internal sealed record ImageNode(ContentEntry Entry, string? Source)
{
    /// <summary>Where it lies, without symbolic links.</summary>
    public string Path => Entry.Path;

    /// <summary>What it is.</summary>
    public ContentKind Kind => Entry.Kind;

    /// <summary>Whether any user may run it.</summary>
    public bool IsExecutable => Kind == ContentKind.File && (Entry.Mode & 0b001_001_001) != 0;
}
