namespace Containerize.Layers;

/// <summary>What an entry of a layer is.</summary>
public enum LayerEntryKind
{
    /// <summary>A directory that the image owns.</summary>
    Directory,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>The mark that a path of the layers below is gone (image-spec, layer.md, "Whiteouts").</summary>
    Whiteout,
}

/// <summary>One entry of a layer, without its bytes.</summary>
/// <param name="Path">The path in the image: relative, with <c>/</c>, without <c>.</c>, <c>..</c> and empty parts.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Files: the full path of the file whose bytes it has. Symbolic links: the target. All others: empty.</param>
/// <param name="Mode">The permission bits, for example <c>0755</c> (octal).</param>
/// <param name="UserId">The numeric owner.</param>
/// <param name="GroupId">The numeric group.</param>
internal sealed record LayerEntry(string Path, LayerEntryKind Kind, string Source, int Mode, int UserId = 0, int GroupId = 0)
{
    /// <summary>
    /// Whether the file's time follows from its content instead of being the fixed one. For files that a web server sends:
    /// ASP.NET Core's UseStaticFiles makes the ETag of time and length, so with one time for all, a browser would keep
    /// the old file where the new one happens to be as long.
    /// </summary>
    public bool TimeFromContent { get; init; }

    /// <summary>
    /// The owner, and behind a <c>:</c> the group, by name: they are looked up in the base's <c>/etc/passwd</c> and <c>/etc/group</c>
    /// once that is known, and take precedence over the numbers. Null where the numbers say it.
    /// </summary>
    public string? OwnerName { get; init; }

    /// <summary>
    /// Directories: whether an item names it, with its mode and owner. One that is only here because something lies below it
    /// keeps the mode and owner that the base gives it.
    /// </summary>
    public bool IsGiven { get; init; }

    /// <summary>Read and enter for all, write for the owner.</summary>
    public const int DirectoryMode = 0b111_101_101;

    /// <summary>Programs: read and run for all, write for the owner.</summary>
    public const int ExecutableMode = 0b111_101_101;

    /// <summary>Everything else: read for all, write for the owner.</summary>
    public const int FileMode = 0b110_100_100;

    /// <summary>Symbolic links: all bits, which systems ignore.</summary>
    public const int LinkMode = 0b111_111_111;

    /// <summary>A symbolic link.</summary>
    public static LayerEntry Link(string path, string target) => new(path, LayerEntryKind.SymbolicLink, target, LinkMode);

    /// <summary>A directory that something lies in, owned by root unless the base knows better.</summary>
    public static LayerEntry Directory(string path) => new(path, LayerEntryKind.Directory, "", DirectoryMode);
}
