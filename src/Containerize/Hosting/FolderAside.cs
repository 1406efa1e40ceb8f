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
    /// <param name="asRecorded">
    /// Paths of which is not known yet whether they would be copied, and from where: if from where they were copied before, they are the same. The
    /// caller removes those that would not.
    /// </param>
    /// <returns>How many are where they were.</returns>
    public int TakeBack(IEnumerable<KeyValuePair<string, string>> files, IEnumerable<string> asRecorded)
    {
        var recorded = ReadRecord();
        if (recorded.Count == 0 || !Directory.Exists(_aside))
            return 0;
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, source) in files)
            wanted.TryAdd(path.Replace('\\', '/'), source);
        foreach (var path in asRecorded.Select(path => path.Replace('\\', '/')))
        {
            if (recorded.TryGetValue(path, out var stamp))
                wanted.TryAdd(path, stamp[..stamp.IndexOf(Separator, StringComparison.Ordinal)]);
        }

        var (same, others) = (new List<(FileInfo File, string Path)>(), new List<FileSystemInfo>());
        try
        {
            List(new DirectoryInfo(_aside), "");
        }
        catch (DirectoryNotFoundException)
        {
            return 0; // Another build of the project has taken it away. All is copied.
        }

        // Moving one directory takes as long as one file. What does not belong in it is deleted anyway, by Drop.
        return others.Count <= same.Count && TryMoveAll(others) ? same.Count : same.Count(file => TryMove(file.File, file.Path));

        // What does not come back, a directory behind all that is in it.
        void List(DirectoryInfo directory, string prefix)
        {
            foreach (var entry in directory.EnumerateFileSystemInfos("*", Everything))
            {
                var before = same.Count;
                var path = prefix + entry.Name;
                // A link is not followed: what it leads to is somebody else's.
                var isLink = (entry.Attributes & FileAttributes.ReparsePoint) != 0;
                if (entry is DirectoryInfo below && !isLink)
                    List(below, path + "/");
                else if (!isLink && wanted.TryGetValue(path, out var source) && recorded.TryGetValue(path, out var stamp) && IsSame((FileInfo)entry, source, stamp))
                    same.Add(((FileInfo)entry, path));
                if (same.Count == before)
                    others.Add(entry);
            }
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
            if (line.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end && line.IndexOf(Separator, end + 1) > 0)
                sources[line[..end]] = line[(end + 1)..];
        }

        return sources;
    }

    private static bool IsSame(FileInfo copy, string source, string recorded)
    {
        try
        {
            return StampOf(source, copy) == recorded;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It is copied.
        }
    }

    private bool TryMoveAll(List<FileSystemInfo> others)
    {
        try
        {
            if (Directory.Exists(_folder))
                Directory.Delete(_folder); // Made, but empty. If it is not, all stays as it is.
            else
                Directory.CreateDirectory(Path.GetDirectoryName(_folder)!);
            foreach (var entry in others)
                entry.Delete();
            Directory.Move(_aside, _folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Another build of the project may have taken it away, or it may not be moved. Then it is copied.
    private bool TryMove(FileInfo file, string path)
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
