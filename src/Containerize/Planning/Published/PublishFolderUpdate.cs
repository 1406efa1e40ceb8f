using Containerize.Hosting;

namespace Containerize.Planning.Published;

/// <summary>What was done to a publish folder; paths below it, with <c>/</c>, in ordinal order.</summary>
/// <param name="Deleted">Files that an earlier publish had put there and this one has not.</param>
/// <param name="Replaced">Files of which the SDK had kept an older copy.</param>
/// <param name="Edited">Published files that differ from their sources, and stay as they are.</param>
internal sealed record UpdatedFolder(IReadOnlyList<string> Deleted, IReadOnlyList<string> Replaced, IReadOnlyList<string> Edited);

/// <summary>
/// Brings a publish folder to what was published this time, so that an image does not depend on earlier publishes. The SDK copies by
/// times, and keeps no list of static assets, of generated files and of other configurations: files that are published no more stay, and
/// a source that is older than the copy of another one is not copied (a package downgrade).
/// </summary>
/// <remarks>
/// Only files are touched that are as <see cref="PublishRecord"/> says; a folder or a file behind a link never. A file is copied over,
/// not deleted first: a reader sees the old one or the new one, so two publishes at once need no lock.
/// </remarks>
internal sealed class PublishFolderUpdate
{
    private const string LinkMark = "link ";

    private readonly string _folder;
    private readonly string _recordPath;
    private readonly Dictionary<string, PublishedState> _recorded;
    private readonly Dictionary<string, PublishedState> _states = new(StringComparer.Ordinal);
    private readonly List<string> _deleted = [];
    private readonly List<string> _replaced = [];
    private readonly List<string> _edited = [];

    private PublishFolderUpdate(string folder, string recordPath)
    {
        _folder = Path.TrimEndingDirectorySeparator(folder);
        _recordPath = recordPath;
        _recorded = PublishRecord.Read(recordPath, _folder);
    }

    /// <summary>Updates the folder and its record.</summary>
    /// <param name="folder">The publish folder's full path. Where it is missing, nothing is done.</param>
    /// <param name="recordPath">The record's full path.</param>
    /// <param name="published">What the SDK has published: paths below the folder with <c>/</c>, and the full paths of the sources.</param>
    /// <param name="generated">Paths of files that the SDK generates in the folder, whether they are there or not.</param>
    /// <exception cref="ContainerizeException">A file of an earlier publish cannot be replaced or deleted (CTZ3009).</exception>
    public static UpdatedFolder Run(
        string folder, string recordPath, IEnumerable<KeyValuePair<string, string>> published, IEnumerable<string> generated)
    {
        if (!Directory.Exists(folder))
            return new UpdatedFolder([], [], []);
        var update = new PublishFolderUpdate(folder, recordPath);
        try
        {
            update.Run(published, generated);
            PublishRecord.Write(update._recordPath, update._folder, update._states);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContainerizeException(
                ErrorCodes.PublishFolderNotUpdated,
                $"A file of an earlier publish in '{folder}' could not be replaced or deleted: {e.Message.TrimEnd('.')}. "
                + "End what runs from the folder, or check who may write there.",
                e);
        }

        return new UpdatedFolder(Ordered(update._deleted), Ordered(update._replaced), Ordered(update._edited));

        static IReadOnlyList<string> Ordered(IEnumerable<string> paths) => [.. paths.Order(StringComparer.Ordinal)];
    }

    private void Run(IEnumerable<KeyValuePair<string, string>> published, IEnumerable<string> generated)
    {
        var made = generated.ToHashSet(StringComparer.Ordinal);
        var current = new HashSet<string>(made, StringComparer.Ordinal);
        var copied = published.Where(file => !made.Contains(file.Key))
            .GroupBy(file => file.Key, file => file.Value, StringComparer.Ordinal);
        foreach (var sources in copied)
        {
            current.Add(sources.Key);
            Settle(sources.Key, [.. sources.Distinct(StringComparer.Ordinal)]);
        }

        foreach (var path in made)
        {
            if (FileStamp.Of(PathOf(path)) is { } stamp)
                _states[path] = new PublishedState("", "", stamp);
        }

        foreach (var (path, state) in _recorded.Where(recorded => !current.Contains(recorded.Key)))
            Remove(path, state);
    }

    private void Settle(string path, List<string> sources)
    {
        var file = PathOf(path);
        if (StampOf(file) is not { } stamp)
            return; // Deleted by a target of the user's.
        var recorded = _recorded.GetValueOrDefault(path);
        var isOurs = recorded?.Stamp == stamp;
        // Of two sources the SDK's copying has decided, by what was there.
        var source = sources.Count == 1 ? sources[0] : sources.Find(candidate => IsOf(file, candidate)) ?? sources[^1];
        // The same file by another path, or a hard link to it: what is done to it is done to the source.
        if (FileStamp.Of(source) is not { } sourceStamp || sourceStamp == stamp)
            return;
        var isOfSource = isOurs && recorded!.Source == source && recorded.SourceStamp == sourceStamp;
        if (!isOfSource && !IsOf(file, source) && (IsLink(stamp) || !FileContent.AreEqual(file, source)))
        {
            if (!isOurs || sources.Count > 1 || IsBehindLink(path))
            {
                if (!IsLink(stamp))
                    _edited.Add(path);
                return;
            }

            FileContent.CopyOver(source, file);
            _replaced.Add(path);
            stamp = StampOf(file)!;
        }

        _states[path] = new PublishedState(source, sourceStamp, stamp);
    }

    private void Remove(string path, PublishedState state)
    {
        var file = PathOf(path);
        if (IsBehindLink(path))
            return;
        if (StampOf(file) is { } stamp)
        {
            if (stamp != state.Stamp)
                return; // The user's by now.
            File.Delete(file);
            _deleted.Add(path);
        }

        // The SDK deletes files and leaves their folders, which the image would then have.
        for (var folder = Path.GetDirectoryName(file)!; folder.Length > _folder.Length; folder = Path.GetDirectoryName(folder)!)
        {
            try
            {
                if (Directory.Exists(folder))
                    Directory.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return; // Not empty, or the place of a mount.
            }
        }
    }

    // A link to the source, which the SDK publishes where it is asked to (CreateSymbolicLinksForPublishFilesIfPossible), by where it leads.
    private static string? StampOf(string file) =>
        FileStamp.Of(file) ?? (new FileInfo(file).LinkTarget is { } target && !Directory.Exists(file) ? LinkMark + target : null);

    private static bool IsLink(string stamp) => stamp.StartsWith(LinkMark, StringComparison.Ordinal);

    private static bool IsOf(string file, string source) => new FileInfo(file) is { LinkTarget: not null } link
        ? link.ResolveLinkTarget(returnFinalTarget: false)?.FullName == source
        : LooksLikeCopy(file, source);

    // Copying keeps size and time; nothing else makes a file with a source's time.
    private static bool LooksLikeCopy(string file, string source)
    {
        var (copy, original) = (new FileInfo(file), new FileInfo(source));
        return original.Exists && copy.Length == original.Length && copy.LastWriteTimeUtc == original.LastWriteTimeUtc;
    }

    private bool IsBehindLink(string path)
    {
        for (var folder = Path.GetDirectoryName(PathOf(path))!; folder.Length > _folder.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (new DirectoryInfo(folder) is { Exists: true, LinkTarget: not null })
                return true;
        }

        return false;
    }

    private string PathOf(string path) => Path.Combine(_folder, path.Replace('/', Path.DirectorySeparatorChar));
}
