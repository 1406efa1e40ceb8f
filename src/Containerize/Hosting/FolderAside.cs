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

    // A link is not followed: what it leads to is somebody else's.
    private static readonly EnumerationOptions WithoutLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly string _folder;
    private readonly string _aside;
    private readonly string _record;
    private Dictionary<string, FileInfo>? _files;
    private Dictionary<string, string>? _sources;
    private string? _directory;

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

    /// <summary>Moves a file back if a copy of its source would be the same.</summary>
    /// <param name="source">What would be copied: a full path.</param>
    /// <param name="path">Where to: the path below the folder.</param>
    /// <returns>Whether it is where it was.</returns>
    public bool TakeBack(string source, string path)
    {
        path = path.Replace('\\', '/');
        _files ??= List();
        _sources ??= ReadRecord();
        if (!_files.TryGetValue(path, out var file) || !_sources.TryGetValue(path, out var recorded))
            return false;
        try
        {
            if (StampOf(source, file) != recorded)
                return false;
            var to = Path.Combine(_folder, path);
            if (File.Exists(to))
                return false;
            var directory = Path.GetDirectoryName(to)!;
            if (directory != _directory)
                Directory.CreateDirectory(_directory = directory);
            File.Move(file.FullName, to);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Another build of the project has taken it away, or it may not be moved. It is copied.
        }

        _files.Remove(path);
        return true;
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
