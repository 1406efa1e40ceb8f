using System.Globalization;

namespace Containerize.Hosting;

/// <summary>
/// What tells a file from a changed one, and from another one at its place, without reading it: size in bytes, time of the last
/// change, and which file it is (<see cref="FileIdentity"/>). Compared as text; good for one machine.
/// </summary>
internal static class FileStamp
{
    /// <summary>The stamp of a regular file; null where there is none, or a link, or a directory.</summary>
    /// <param name="path">The file's full path.</param>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static string? Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && (file.Attributes & FileAttributes.ReparsePoint) == 0 ? Of(file) : null;
    }

    /// <summary>
    /// The stamp of a file, good for this run of this machine: the same again only if its bytes are. Null where there is no such file, or
    /// where the file system does not tell when anything of a file was changed last, which is all that no program can set.
    /// </summary>
    /// <param name="path">The file's full path.</param>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static string? Strong(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && (file.Attributes & FileAttributes.ReparsePoint) == 0 && OfStrong(file) is { } stamp
            ? $"{MachineRun.Identify()} {path} {stamp}" : null;
    }

    /// <summary>The stamp of a file that exists and is no link.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static string Of(FileInfo file) => Text(file, FileIdentity.Of(file.FullName));

    /// <summary>The same; null where the file system does not tell when anything of the file was changed last.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static string? OfStrong(FileInfo file) =>
        FileIdentity.Of(file.FullName) is { Changed: not 0 } identity ? Text(file, identity) : null;

    private static string Text(FileInfo file, FileIdentity identity) => string.Create(
        CultureInfo.InvariantCulture,
        $"{file.Length} {file.LastWriteTimeUtc.Ticks} {identity.Number} {identity.Made} {identity.Changed}");
}
