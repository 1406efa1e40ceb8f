using System.Globalization;
using System.Text;

namespace Containerize.Hosting;

/// <summary>
/// A folder that files are copied to anew each time, and mostly those that were in it: it is set aside, and files that copying would make again as
/// they are, from the same source, are moved back. Others were left by somebody else, or have changed, and are deleted. For one thread at a time.
/// </summary>
/// <remarks>
/// Deleting and copying a self-contained application takes longer than all else that an image needs where little has changed. What was copied from
/// where is in a record, with the source's size and times: so that a file of another source, or one that has taken the source's place, is copied,
/// even if it has the same size and the same time.
/// </remarks>
public sealed class FolderAside
{
    private const char Separator = '\0';

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0 };

    private readonly string _folder;
    private readonly string _aside;
    private readonly string _record;
    private string? _made;

    /// <summary>Names the folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="aside">Where it is meanwhile, on the same file system; nothing else is there. Beside it lies the record.</param>
    public FolderAside(string folder, string aside)
    {
        _folder = Path.TrimEndingDirectorySeparator(folder);
        _aside = Path.TrimEndingDirectorySeparator(aside);
        _record = _aside + ".sources";
    }

    /// <summary>Leaves no folder where it was.</summary>
    /// <exception cref="IOException">It cannot be moved, and not be deleted either.</exception>
    /// <exception cref="UnauthorizedAccessException">So, too.</exception>
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

    /// <summary>Moves files back of whose sources a copy would be the same.</summary>
    /// <param name="files">What would be copied: the paths below the folder, and the full paths of the sources.</param>
    /// <returns>How many are where they were.</returns>
    public int TakeBack(IEnumerable<KeyValuePair<string, string>> files)
    {
        var recorded = ReadRecord();
        if (recorded.Count == 0 || !Directory.Exists(_aside))
            return 0;
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, source) in files)
            wanted.TryAdd(path.Replace('\\', '/'), source);
        try
        {
            var (count, isWhole) = TakeBack(new DirectoryInfo(_aside), "", (path, file) => wanted.TryGetValue(path, out var source)
                && recorded.TryGetValue(path, out var stamp)
                && StampOf(source, file) == stamp);
            return isWhole ? Move(new DirectoryInfo(_aside), "", count) : count;
        }
        catch (DirectoryNotFoundException)
        {
            return 0; // Another build of the project has taken it away. All is copied.
        }
    }

    /// <summary>Deletes what did not come back.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">So, too.</exception>
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

    /// <summary>Records what was just copied from where, for the next time.</summary>
    /// <param name="files">The paths below the folder, and the full paths of their sources.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The record cannot be written.</exception>
    public Task RecordAsync(IEnumerable<KeyValuePair<string, string>> files, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var record = new StringBuilder();
        var sources = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (path, source) in files)
        {
            // Of two sources of one file, the copying decides, by what is there.
            if (!sources.TryAdd(path, source) && sources[path] != source)
                sources[path] = null;
        }

        foreach (var (path, source) in sources)
        {
            if (source is null)
                continue;
            try
            {
                if (StampOf(source, new FileInfo(Path.Combine(_folder, path))) is { } stamp && FileTimes.Tell(File.GetLastWriteTimeUtc(source), now))
                    record.Append(path).Append(Separator).Append(stamp).Append('\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is copied the next time.
            }
        }

        return AtomicFile.WriteAsync(_record, Encoding.UTF8.GetBytes(record.ToString()), cancellationToken);
    }

    // The source as it is, if the copy looks like one of it; null where that says nothing.
    private static string? StampOf(string source, FileInfo copy)
    {
        var file = new FileInfo(source);
        if (!file.Exists || file.LinkTarget is not null || !copy.Exists || copy.LinkTarget is not null)
            return null;
        var time = file.LastWriteTimeUtc;
        if (file.Length != copy.Length || time != copy.LastWriteTimeUtc)
            return null;
        var identity = FileIdentity.Of(source);
        return string.Create(CultureInfo.InvariantCulture, $"{source}{Separator}{file.Length} {time.Ticks} {identity.Number} {identity.Made} {identity.Changed}");
    }

    private Dictionary<string, string> ReadRecord()
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(_record))
            return sources;
        foreach (var line in File.ReadAllLines(_record))
        {
            if (line.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end)
                sources[line[..end]] = line[(end + 1)..];
        }

        return sources;
    }

    // Where all of a directory comes back, and nothing else is in it, the one above moves it: making and removing a directory takes as long as
    // moving ten files, and the disk is busy with it while a registry on the same machine wants to write.
    private (int Count, bool IsWhole) TakeBack(DirectoryInfo directory, string prefix, Func<string, FileInfo, bool> isSame)
    {
        var (files, directories, isWhole, count) = (new List<FileInfo>(), new List<(DirectoryInfo Directory, int Count)>(), true, 0);
        var entries = directory.GetFileSystemInfos("*", Everything);
        foreach (var entry in entries)
        {
            // A link is not followed: what it leads to is somebody else's.
            if ((entry.Attributes & FileAttributes.ReparsePoint) != 0)
            {
                isWhole = false;
            }
            else if (entry is DirectoryInfo below)
            {
                var taken = TakeBack(below, prefix + below.Name + "/", isSame);
                if (taken.IsWhole)
                    directories.Add((below, taken.Count));
                else
                    (isWhole, count) = (false, count + taken.Count);
            }
            else if (IsSame((FileInfo)entry))
            {
                files.Add((FileInfo)entry);
            }
            else
            {
                isWhole = false;
            }
        }

        if (isWhole && entries.Length > 0)
            return (files.Count + directories.Sum(whole => whole.Count), true);
        foreach (var file in files)
            count += Move(file, prefix + file.Name) ? 1 : 0;
        foreach (var (whole, within) in directories)
            count += Move(whole, prefix + whole.Name + "/", within);
        return (count, false);

        bool IsSame(FileInfo file)
        {
            try
            {
                return isSame(prefix + file.Name, file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false; // It is copied.
            }
        }
    }

    private int Move(DirectoryInfo directory, string path, int count)
    {
        try
        {
            var to = Path.TrimEndingDirectorySeparator(Path.Combine(_folder, path));
            if (Directory.Exists(to))
                Directory.Delete(to); // As it is made empty before anything is copied; it stays if it is not.
            else
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            directory.MoveTo(to);
            return count;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return directory.GetFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Count(file => Move(file, path + Path.GetRelativePath(directory.FullName, file.FullName)));
        }
    }

    // Another build of the project may have taken it away, or it may not be moved. Then it is copied.
    private bool Move(FileInfo file, string path)
    {
        try
        {
            var to = Path.Combine(_folder, path);
            if (File.Exists(to))
                return false;
            var directory = Path.GetDirectoryName(to)!;
            if (directory != _made)
                Directory.CreateDirectory(_made = directory);
            File.Move(file.FullName, to);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
