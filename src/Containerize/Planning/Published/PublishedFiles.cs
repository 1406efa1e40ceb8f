using Containerize.Hosting;

namespace Containerize.Planning.Published;

/// <summary>The published files as they lie in the publish folder at one moment, to see later whether they have stayed so.</summary>
/// <remarks>
/// A second publish into the folder copies files over while an image is built of them: each layer would be whole, and the image a mixture.
/// Files that the build did not publish may change: a program that runs in the folder writes its log there.
/// </remarks>
internal sealed class PublishedFiles
{
    private readonly string _folder;
    private readonly Dictionary<string, string?> _stamps = new(StringComparer.Ordinal);

    private PublishedFiles(string folder) => _folder = folder;

    /// <summary>Notes how they are now.</summary>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="paths">Paths below it, with <c>/</c>; they may be missing.</param>
    public static PublishedFiles Look(string folder, IEnumerable<string> paths)
    {
        var files = new PublishedFiles(folder);
        foreach (var path in paths)
            files._stamps[path] = files.StampOf(path);
        return files;
    }

    /// <summary>Looks again.</summary>
    /// <exception cref="ContainerizeException">One has changed, come or gone (CTZ3011).</exception>
    public void RefuseChanges()
    {
        foreach (var (path, stamp) in _stamps)
        {
            if (StampOf(path) != stamp)
            {
                throw new ContainerizeException(
                    ErrorCodes.PublishFolderChanged,
                    $"The published file '{path}' changed in '{_folder}' while the image was built. "
                    + "Run one publish into a folder at a time, or give each its own with --output.");
            }
        }
    }

    private string? StampOf(string path)
    {
        try
        {
            return FileStamp.Of(Path.Combine(_folder, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Reading it for its layer tells why.
        }
    }
}
