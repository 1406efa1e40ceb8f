using System.Formats.Tar;

namespace Containerize.Testing.Validation.Layers;

/// <summary>An entry of a layer, with the extended headers taken in.</summary>
/// <param name="Name">As it stands in the tar.</param>
/// <param name="Path">The name without <c>./</c>, doubled slashes and a slash at the end.</param>
/// <param name="Type">Its type.</param>
/// <param name="Target">Where a link points to.</param>
/// <param name="Size">Of a file's content.</param>
/// <param name="Attributes">Mode and owner.</param>
/// <param name="OwnerNames">User and group by name, which an image had better not have.</param>
/// <param name="HasOtherTimes">Whether it tells of access or change beside the last modification.</param>
internal sealed record LayerEntry(
    string Name,
    string Path,
    TarEntryType Type,
    string Target,
    long Size,
    EntryAttributes Attributes,
    string OwnerNames,
    bool HasOtherTimes)
{
    /// <summary>The prefix of a whiteout's name (image-spec, layer.md, "Whiteouts").</summary>
    public const string WhiteoutPrefix = ".wh.";

    /// <summary>The whiteout that hides all that a directory holds in the layers below.</summary>
    public const string OpaqueWhiteout = ".wh..wh..opq";

    public bool IsDirectory => Type == TarEntryType.Directory;

    public bool IsSymlink => Type == TarEntryType.SymbolicLink;

    public bool IsHardLink => Type == TarEntryType.HardLink;

    public bool IsFile => Type is TarEntryType.RegularFile or TarEntryType.V7RegularFile;

    public bool IsWhiteout => FileName.StartsWith(WhiteoutPrefix, StringComparison.Ordinal);

    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The path of the directory it lies in; empty for the root.</summary>
    public string Parent => ParentOf(Path);

    /// <summary>All directories above it, from the nearest to the farthest.</summary>
    public IEnumerable<string> Ancestors
    {
        get
        {
            for (var path = Parent; path.Length > 0; path = ParentOf(path))
                yield return path;
        }
    }

    /// <summary>The entries in their order, as far as they can be read.</summary>
    public static async Task<IReadOnlyList<LayerEntry>> ReadAllAsync(Stream tar, ProblemList problems, CancellationToken cancellationToken)
    {
        var entries = new List<LayerEntry>();
        try
        {
            await using var reader = new TarReader(tar, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (entry.EntryType != TarEntryType.GlobalExtendedAttributes)
                    entries.Add(Of(entry));
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            problems.Add($"its tar cannot be read beyond entry {entries.Count}: {exception.Message}");
        }
        return entries;
    }

    /// <summary>A name as a file system understands it; <c>..</c> stays, to be told of.</summary>
    public static string Clean(string name) =>
        string.Join('/', name.Split('/').Where(part => part.Length > 0 && part != "."));

    private static LayerEntry Of(TarEntry entry)
    {
        var posix = entry as PosixTarEntry;
        var otherTimes = entry switch
        {
            PaxTarEntry pax => pax.ExtendedAttributes.ContainsKey("atime") || pax.ExtendedAttributes.ContainsKey("ctime"),
            GnuTarEntry gnu => gnu.AccessTime != default || gnu.ChangeTime != default,
            _ => false,
        };
        return new LayerEntry(
            entry.Name, Clean(entry.Name), entry.EntryType, entry.LinkName, entry.Length,
            new EntryAttributes((int)entry.Mode, entry.Uid, entry.Gid),
            string.Join(':', new[] { posix?.UserName, posix?.GroupName }.Where(name => !string.IsNullOrEmpty(name))),
            otherTimes);
    }

    private static string ParentOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}

/// <summary>Mode and owner of an entry.</summary>
internal sealed record EntryAttributes(int Mode, int Uid, int Gid)
{
    /// <summary>What engines give to a directory that no entry of the layer describes.</summary>
    public static EntryAttributes Implied { get; } = new(0x1ed, 0, 0);

    /// <inheritdoc/>
    public override string ToString() => $"0{Convert.ToString(Mode, 8)} {Uid}:{Gid}";
}
