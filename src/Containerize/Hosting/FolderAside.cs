namespace Containerize.Hosting;

/// <summary>
/// A folder that is filled anew each time, and mostly with what was in it: it is set aside, and files that would come out the same are moved
/// back. Others were left by somebody else, or have changed, and are deleted. For one thread at a time.
/// </summary>
/// <remarks>Deleting and copying a self-contained application takes longer than all else that an image needs where little has changed.</remarks>
public sealed class FolderAside
{
    // A link is not followed: what it leads to is somebody else's.
    private static readonly EnumerationOptions WithoutLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly string _folder;
    private readonly string _aside;
    private Dictionary<string, FileInfo>? _files;
    private string? _directory;

    /// <summary>Names the folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="aside">Where it is meanwhile, on the same file system; nothing else is there.</param>
    public FolderAside(string folder, string aside)
    {
        _folder = Path.TrimEndingDirectorySeparator(folder);
        _aside = Path.TrimEndingDirectorySeparator(aside);
    }

    /// <summary>Leaves no folder where it was.</summary>
    /// <exception cref="IOException">It cannot be moved, and not be deleted either.</exception>
    public void Set()
    {
        Drop();
        var folder = new DirectoryInfo(_folder);
        if (!folder.Exists)
            return;
        if (folder.LinkTarget is null)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_aside)!);
                Directory.Move(_folder, _aside);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is on another file system, or somebody works in it (Windows).
            }
        }

        folder.Delete(recursive: true);
    }

    /// <summary>Moves a file back if a copy of its source would be the same: one of the same size and time, which copying keeps.</summary>
    /// <param name="source">What would be copied: a full path.</param>
    /// <param name="path">Where to: the path below the folder.</param>
    /// <returns>Whether it is where it was.</returns>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public bool TakeBack(string source, string path)
    {
        path = path.Replace('\\', '/');
        _files ??= List();
        if (!_files.TryGetValue(path, out var file))
            return false;
        var from = new FileInfo(source);
        if (!from.Exists || from.LinkTarget is not null || from.Length != file.Length || from.LastWriteTimeUtc != file.LastWriteTimeUtc)
            return false;
        var to = Path.Combine(_folder, path);
        if (File.Exists(to))
            return false;
        try
        {
            var directory = Path.GetDirectoryName(to)!;
            if (directory != _directory)
                Directory.CreateDirectory(_directory = directory);
            File.Move(file.FullName, to);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return false; // Another build of the project has taken it away. It is copied.
        }

        _files.Remove(path);
        return true;
    }

    /// <summary>Deletes what did not come back.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Drop()
    {
        try
        {
            if (Directory.Exists(_aside))
                Directory.Delete(_aside, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another build of the project has.
        }
    }

    private Dictionary<string, FileInfo> List()
    {
        var files = new Dictionary<string, FileInfo>(StringComparer.Ordinal);
        if (!Directory.Exists(_aside))
            return files;
        foreach (var file in new DirectoryInfo(_aside).EnumerateFiles("*", WithoutLinks))
            files[file.FullName[(_aside.Length + 1)..].Replace(Path.DirectorySeparatorChar, '/')] = file;
        return files;
    }
}
