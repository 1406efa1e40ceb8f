using Containerize.Layers;

namespace Containerize.Files;

/// <summary>Where the entries of an image's own layers come to lie.</summary>
/// <param name="Layers">
/// The entries to write, layer by layer: physical paths, owners in numbers, and the directories that need an entry.
/// </param>
/// <param name="Files">The files of the whole image, as far as those of its base were known.</param>
/// <param name="NotThere">The paths that were to be removed and that the base does not have.</param>
internal sealed record Placement(IReadOnlyList<IReadOnlyList<LayerEntry>> Layers, ImageTree Files, IReadOnlyList<string> NotThere);

/// <summary>
/// Puts the entries of an image's own layers where they belong on a base's files. Engines unpack each layer in a folder of its own and
/// lay it over those below: what a layer has below a symbolic link of the base replaces the link by a directory, and a directory
/// that it touches without an entry for it becomes 0755 and root's. So paths are written without the links that lead to
/// them, and the directories above them as the base has them.
/// </summary>
/// <remarks>
/// A directory's mode and owner are decided once for all layers: as an item says (<see cref="LayerEntry.IsGiven"/>), else as the
/// base has them, else as the plan lists them.
/// </remarks>
internal sealed class EntryPlacement
{
    // Links below links move in each round; no plan has more of them one above the other.
    private const int MostRounds = 40;

    // What distributions have in their root (Filesystem Hierarchy Standard 3.0, 3.2).
    private static readonly string[] OfDistributions =
        ["bin", "boot", "dev", "etc", "home", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"];

    private readonly string _image;
    private readonly OwnerNames _owners;
    private readonly ImageTree _baseFiles;
    private readonly IReadOnlyList<IReadOnlyList<LayerEntry>> _layers;

    // The base's files without what is removed; and with the files and links of all layers.
    private readonly ImageTree _below;
    private readonly ImageTree _files;

    private readonly List<string> _notThere = [];
    private readonly Dictionary<string, int> _removed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LayerEntry> _directories = new(StringComparer.Ordinal);

    // The files and links of all layers: where each lies, and what its path was in the plan.
    private readonly Dictionary<string, string> _leaves = new(StringComparer.Ordinal);

    private EntryPlacement(IReadOnlyList<IReadOnlyList<LayerEntry>> layers, ImageTree baseFiles, string image)
    {
        _layers = layers;
        _baseFiles = baseFiles;
        _image = image;
        _owners = new OwnerNames(baseFiles, image);
        _below = layers.Any(layer => layer.Any(entry => entry.Kind == LayerEntryKind.Whiteout)) ? WithoutRemoved() : baseFiles;
        _files = WithLeaves();
    }

    /// <summary>Places the entries.</summary>
    /// <param name="layers">
    /// The layers of the plan, lowest first. What removes something of the base comes before what brings something in its place.
    /// </param>
    /// <param name="baseFiles">
    /// The base's files; an empty tree where there is no base, or where <see cref="NeedsBase"/> says that they do not matter.
    /// </param>
    /// <param name="image">The base's name, for messages.</param>
    /// <exception cref="ContainerizeException">
    /// An owner is not known (CTZ3006), a path leads through a file or nowhere (CTZ3008), or two entries come to lie on one path (CTZ3004).
    /// </exception>
    public static Placement Place(IReadOnlyList<IReadOnlyList<LayerEntry>> layers, ImageTree baseFiles, string image) =>
        new EntryPlacement(layers, baseFiles, image).Place();

    /// <summary>
    /// Whether the base's files decide where these entries come to lie. They do not where everything goes to a directory of the
    /// application's own, such as <c>/app</c>, whose name no distribution has.
    /// </summary>
    /// <param name="layers">The layers of the plan.</param>
    /// <param name="directory">The application's directory, absolute.</param>
    public static bool NeedsBase(IEnumerable<IReadOnlyList<LayerEntry>> layers, string directory)
    {
        var root = FirstOf(directory.TrimStart('/'));
        if (root.Length == 0 || OfDistributions.Contains(root) || root.StartsWith("lib", StringComparison.Ordinal))
            return true;
        var entries = layers.SelectMany(layer => layer).ToList();
        var links = entries.Where(entry => entry.Kind == LayerEntryKind.SymbolicLink).Select(entry => entry.Path)
            .ToHashSet(StringComparer.Ordinal);
        return entries.Any(entry => entry.Kind == LayerEntryKind.Whiteout
            || (entry.OwnerName is { } owner && !OwnerNames.AreNumbers(owner))
            || FirstOf(entry.Path) != root
            // A link of the plan's own may lead anywhere.
            || (links.Count > 0 && LayerPath.Parents(entry.Path).Any(links.Contains)));
    }

    private Placement Place()
    {
        foreach (var layer in _layers)
            ListDirectories(layer);
        var placed = _layers.Select(PlaceLayer).ToList();
        foreach (var directory in _directories.Values)
            _files.Add(directory);
        return new Placement(placed, _files, _notThere);
    }

    // A whiteout's parent is where the base's links lead; what it names is the base's own entry, a link itself and not what the
    // link leads to.
    private ImageTree WithoutRemoved()
    {
        var below = _baseFiles.Copy();
        for (var i = 0; i < _layers.Count; i++)
        {
            foreach (var entry in _layers[i].Where(entry => entry.Kind == LayerEntryKind.Whiteout))
            {
                if (_baseFiles.Resolve(entry.Path, followLast: false) is not { } path || _baseFiles.FindLink(entry.Path) is null)
                {
                    _notThere.Add("/" + entry.Path);
                    continue;
                }

                if (path.Length == 0)
                    throw new ContainerizeException(
                        ErrorCodes.PathUnplaceable,
                        $"/{entry.Path} cannot be removed from the base image '{_image}': it is its root. "
                            + "Remove what lies in it, or build on 'scratch'.");
                _removed.TryAdd(path, i);
                below.Remove(path);
            }
        }

        return below;
    }

    // Files and links lie where the links of the base and of the plan itself lead. As links may lie below links, their places are
    // looked for until they stay: links first, those near the root before those below.
    private ImageTree WithLeaves()
    {
        var last = new Dictionary<string, LayerEntry>(StringComparer.Ordinal);
        var entries = _layers.SelectMany(layer => layer);
        foreach (var entry in entries.Where(entry => entry.Kind is LayerEntryKind.File or LayerEntryKind.SymbolicLink))
            last[entry.Path] = Owned(entry);
        var leaves = last.Values.OrderBy(leaf => leaf.Kind == LayerEntryKind.SymbolicLink ? 0 : 1)
            .ThenBy(leaf => leaf.Path.Count(letter => letter == '/')).ToList();
        var files = _below.Copy();
        var places = leaves.ConvertAll(leaf => Put(leaf, PlaceOf(leaf, files, followLast: false), files));
        for (var round = 0; round < MostRounds; round++)
        {
            var next = leaves.ConvertAll(leaf => PlaceOf(leaf, files, followLast: false));
            if (next.SequenceEqual(places))
                return files;
            files = _below.Copy();
            places = [.. leaves.Zip(next, (leaf, place) => Put(leaf, place, files))];
        }

        throw new ContainerizeException(
            ErrorCodes.PathUnplaceable,
            "The symbolic links that go into the image lead to each other in a circle. Remove one of them.");
    }

    private string Put(LayerEntry leaf, string place, ImageTree files)
    {
        if (_below.FindLink(place) is { Kind: ContentKind.Directory })
            throw Unplaceable(leaf, $"the base image '{_image}' has the directory /{place} there, and all that it holds would be gone");
        files.Add(leaf with { Path = place });
        return place;
    }

    private string PlaceOf(LayerEntry entry, ImageTree files, bool followLast)
    {
        if (files.Resolve(entry.Path, followLast, out var obstacle) is { } place)
            return place.Length > 0 || entry.Kind == LayerEntryKind.Directory ? place : throw Unplaceable(entry, "that is the root itself");
        if (files.FindLink(obstacle) is { Kind: ContentKind.SymbolicLink })
            throw Unplaceable(entry, $"the symbolic link /{obstacle} leads in a circle");
        throw files.FindLink(obstacle)?.Source is null
            ? Unplaceable(entry, $"the base image '{_image}' has a file at /{obstacle}, and nothing can lie below it")
            : Clash(obstacle, entry.Path);
    }

    // A directory is where links lead, its own name included: /bin of a base whose /bin is a link to /usr/bin is /usr/bin.
    private void ListDirectories(IReadOnlyList<LayerEntry> layer)
    {
        var given = new Dictionary<string, Placed>(StringComparer.Ordinal);
        foreach (var entry in layer.Where(entry => entry.Kind == LayerEntryKind.Directory))
        {
            var place = PlaceOf(entry, _files, followLast: true);
            if (_files.FindLink(place) is { Kind: not ContentKind.Directory } other)
                throw other.Source is null
                    ? Unplaceable(entry, $"the base image '{_image}' has something else than a directory at /{place}")
                    : Clash(place, entry.Path);
            var placed = Owned(entry) with { Path = place };
            if (entry.IsGiven)
            {
                // Two that ask for different things in one layer: there is no telling who is right. In a later layer, the later.
                if (given.TryGetValue(place, out var before) && !SameAttributes(before.Entry, placed))
                    throw Clash(place, before.Logical, entry.Path);
                _directories[place] = placed;
                given[place] = new Placed(placed, entry.Path);
            }
            else if (!_directories.ContainsKey(place))
            {
                _directories[place] = AsBelow(placed);
            }
        }
    }

    private static bool SameAttributes(LayerEntry one, LayerEntry other) =>
        (one.Mode, one.UserId, one.GroupId) == (other.Mode, other.UserId, other.GroupId);

    private LayerEntry AsBelow(LayerEntry directory) => _below.FindLink(directory.Path) is { Kind: ContentKind.Directory, Entry: var known }
        ? directory with { Mode = known.Mode, UserId = known.UserId, GroupId = known.GroupId }
        : directory;

    private List<LayerEntry> PlaceLayer(IReadOnlyList<LayerEntry> layer, int index)
    {
        var placed = new Dictionary<string, Placed>(StringComparer.Ordinal);
        foreach (var entry in layer)
        {
            var place = entry.Kind switch
            {
                LayerEntryKind.Whiteout => _baseFiles.Resolve(entry.Path, followLast: false),
                LayerEntryKind.Directory => _files.Resolve(entry.Path),
                _ => _files.Resolve(entry.Path, followLast: false),
            };
            if (string.IsNullOrEmpty(place))
                continue;
            if (entry.Kind == LayerEntryKind.Whiteout)
            {
                // One that lies in another is gone with it, and its own mark would bring the directory back.
                if (_removed.GetValueOrDefault(place, -1) == index && !LayerPath.Parents(place).Any(_removed.ContainsKey))
                    placed.TryAdd(place, new Placed(entry with { Path = place }, entry.Path));
                continue;
            }

            CheckAgainstRemoved(entry, place, index);
            var isDirectory = entry.Kind == LayerEntryKind.Directory;
            // In a later layer it would hide the other without a word.
            if (!isDirectory && !_leaves.TryAdd(place, entry.Path) && _leaves[place] != entry.Path)
                throw Clash(place, _leaves[place], entry.Path);
            if (!placed.TryAdd(place, new Placed(isDirectory ? _directories[place] : Owned(entry) with { Path = place }, entry.Path))
                && !(isDirectory && placed[place].Entry.Kind == LayerEntryKind.Directory))
                throw Clash(place, placed[place].Logical, entry.Path);
        }

        var entries = placed.Values.Select(value => value.Entry).ToList();
        var known = placed.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var place in placed.Keys)
        {
            foreach (var above in LayerPath.Parents(place).Where(known.Add))
            {
                if (_directories.TryGetValue(above, out var listed))
                    entries.Add(listed);
                else if (AsBelow(LayerEntry.Directory(above)) is var directory && !SameAttributes(directory, LayerEntry.Directory(above)))
                    entries.Add(directory);
            }
        }

        return entries;
    }

    // Engines obey the whiteouts of a layer before or after the rest of it, and those of a later one hide what was brought before.
    private void CheckAgainstRemoved(LayerEntry entry, string place, int index)
    {
        if (_removed.Count > 0
            && LayerPath.Parents(place).Prepend(place)
                .FirstOrDefault(path => _removed.TryGetValue(path, out var layer) && layer >= index) is { } gone)
            throw Clash(gone, entry.Path);
    }

    private LayerEntry Owned(LayerEntry entry)
    {
        if (entry.OwnerName is not { } owner)
            return entry;
        var (user, group) = _owners.Find(owner, entry.Path);
        return entry with { UserId = user, GroupId = group, OwnerName = null };
    }

    private static ContainerizeException Unplaceable(LayerEntry entry, string why) => new(
        ErrorCodes.PathUnplaceable,
        $"/{entry.Path} cannot be put into the image: {why}. Choose another path for it, or another base image.");

    private static ContainerizeException Clash(string place, params ReadOnlySpan<string> paths)
    {
        var others = paths.ToArray().Where(path => path != place).Distinct().Select(path => "/" + path).ToList();
        var why = others.Count switch
        {
            0 => "",
            1 => $": {others[0]} comes to lie at or below it",
            _ => $": {string.Join(" and ", others)} come to lie there",
        };
        return new ContainerizeException(
            ErrorCodes.PathClash,
            $"Two different things claim the path /{place} of the image{why}. Remove one of them from what goes into the image.");
    }

    private static string FirstOf(string path) => path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? path[..slash] : path;

    // What lies at a place, and what its path was in the plan. A class: code for pairs of the framework's is compiled when it runs.
    private sealed record Placed(LayerEntry Entry, string Logical);
}
