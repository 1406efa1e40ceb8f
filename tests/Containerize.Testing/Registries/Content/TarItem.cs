using System.Formats.Tar;
using System.Text;

namespace Containerize.Testing.Registries.Content;

/// <summary>
/// One entry of a layer, as a test writes it down: <c>TarItem.Directory("app")</c>, <c>TarItem.Symlink("bin", "usr/bin")</c>.
/// </summary>
/// <param name="Type">The entry's type.</param>
/// <param name="Path">Its name, written to the tar as it stands here (a directory gets its slash from <see cref="Directory"/>).</param>
public sealed record TarItem(TarEntryType Type, string Path)
{
    /// <summary>A file's bytes.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>Where a link points to.</summary>
    public string Target { get; init; } = "";

    /// <summary>The mode, without the type.</summary>
    public UnixFileMode Mode { get; init; } = FileMode;

    /// <summary>The owner.</summary>
    public int Uid { get; init; }

    /// <summary>The owner's group.</summary>
    public int Gid { get; init; }

    /// <summary>The time of last change; the beginning of Unix time unless a test is about times.</summary>
    public DateTimeOffset Modified { get; init; } = DateTimeOffset.UnixEpoch;

    private const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0755.</summary>
    public const UnixFileMode ExecutableMode =
        FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>A regular file with some text, 0644.</summary>
    public static TarItem File(string path, string content) => File(path, Encoding.UTF8.GetBytes(content));

    /// <summary>A regular file, 0644.</summary>
    public static TarItem File(string path, byte[] content) => new(TarEntryType.RegularFile, path) { Content = content };

    /// <summary>
    /// A directory, 0755 unless a mode is given: <c>TarItem.Directory("tmp", 01777)</c> with the octal digits as one writes them.
    /// </summary>
    /// <param name="path">With or without a slash at the end.</param>
    /// <param name="octal">The mode's octal digits read as a decimal number, 755 or 1777.</param>
    /// <param name="uid">The owner.</param>
    /// <param name="gid">The owner's group.</param>
    public static TarItem Directory(string path, int octal = 755, int uid = 0, int gid = 0) =>
        new(TarEntryType.Directory, path.EndsWith('/') ? path : path + "/") { Mode = FromOctal(octal), Uid = uid, Gid = gid };

    /// <summary>A symbolic link.</summary>
    public static TarItem Symlink(string path, string target) =>
        new(TarEntryType.SymbolicLink, path) { Target = target, Mode = (UnixFileMode)0x1ff };

    /// <summary>A hard link to an earlier entry.</summary>
    public static TarItem HardLink(string path, string target) => new(TarEntryType.HardLink, path) { Target = target };

    /// <summary>The file that hides a path of the layers below (image-spec, layer.md, "Whiteouts").</summary>
    public static TarItem Whiteout(string path)
    {
        var slash = path.LastIndexOf('/') + 1;
        return File(path[..slash] + ".wh." + path[slash..], []);
    }

    private static UnixFileMode FromOctal(int digits)
    {
        var mode = 0;
        for (var shift = 0; digits > 0; digits /= 10, shift += 3)
            mode |= digits % 10 << shift;
        return (UnixFileMode)mode;
    }
}
