namespace Containerize.Files;

/// <summary>The kind of an entry in a base's layer.</summary>
public enum ContentKind
{
    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A further name of a file of the same layer.</summary>
    HardLink,

    /// <summary>A device or a pipe.</summary>
    Other,

    /// <summary>The mark that a path of the layers below is gone (image-spec, layer.md, "Whiteouts").</summary>
    Whiteout,

    /// <summary>The mark that all that the layers below have in a directory is gone (image-spec, layer.md, "Opaque Whiteout").</summary>
    OpaqueDirectory,
}

/// <summary>One entry of a layer, as its tar tells it.</summary>
/// <param name="Path">
/// Relative, with <c>/</c>, without <c>.</c>, <c>..</c> and a slash at the end. Whiteouts: the path that is gone, or the directory
/// that is emptied.
/// </param>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">The permission bits with set-uid, set-gid and sticky (at most octal 7777).</param>
/// <param name="UserId">The numeric owner.</param>
/// <param name="GroupId">The numeric group.</param>
/// <param name="Size">Files: the number of bytes.</param>
/// <param name="LinkTarget">Symbolic links: the target as it stands there. Hard links: the path of the file.</param>
internal sealed record ContentEntry(
    string Path, ContentKind Kind, int Mode, int UserId, int GroupId, long Size = 0, string? LinkTarget = null);

/// <summary>
/// What is in a layer, without the bytes: its entries, and of a few files what questions about an image turn on. Read once for
/// each layer, and kept by the layer's digest.
/// </summary>
/// <param name="Entries">The entries, in the layer's order.</param>
internal sealed record FileList(IReadOnlyList<ContentEntry> Entries)
{
    /// <summary>The text of small files that names are looked up in, by path: <c>etc/passwd</c>, <c>etc/group</c>.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The versions of symbols that shared libraries define, by path, for those that applications are linked against by
    /// version: <c>usr/lib/x86_64-linux-gnu/libc.so.6</c> has <c>GLIBC_2.36</c> and older.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> SymbolVersions { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();
}
