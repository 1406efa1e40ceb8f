using Containerize.Images;

namespace Containerize.Stores;

/// <summary>The files of a folder or of a tar, read where they lie.</summary>
internal interface IImageFiles
{
    /// <summary>The folder or the tar, as the user finds it.</summary>
    string Place { get; }

    /// <summary>Where a file's bytes are; null where there is no such file. Links are followed.</summary>
    /// <param name="path">Its path in there, with <c>/</c>.</param>
    FilePart? Find(string path);
}

/// <summary>A file, or a part of one.</summary>
/// <param name="Path">The file on disk.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How long it is.</param>
internal sealed record FilePart(string Path, long Offset, long Length);

/// <summary>Reads documents.</summary>
internal static class ImageFiles
{
    // As much as a registry's client takes (distribution-spec wants at least 4 MiB to be accepted).
    private const int Limit = 8 * 1024 * 1024;

    /// <summary>A document, whole; throws <see cref="FormatException"/> where it is absent or too large.</summary>
    public static async Task<byte[]> ReadAsync(this IImageFiles files, string path, CancellationToken cancellationToken)
    {
        var part = files.Find(path) ?? throw new FormatException($"there is no {path} in '{files.Place}'");
        if (part.Length > Limit)
            throw new FormatException($"{path} in '{files.Place}' has {part.Length} bytes, which is too much for such a document");
        var content = new byte[part.Length];
        var stream = new Layers.SliceStream(part.Path, part.Offset, part.Length);
        await using (stream.ConfigureAwait(false))
        {
            if (await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < content.Length)
                throw new FormatException($"{path} in '{files.Place}' is cut off");
        }

        return content;
    }

    /// <summary>A document by its descriptor; throws <see cref="FormatException"/> where it is not what that says.</summary>
    public static async Task<ImageDocument> ReadAsync(this IImageFiles files, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var path = LayoutDocuments.BlobPath(descriptor.Digest);
        var document = new ImageDocument(descriptor.MediaType, await files.ReadAsync(path, cancellationToken).ConfigureAwait(false));
        return document.Descriptor.Size == descriptor.Size && document.Descriptor.Digest == descriptor.Digest
            ? document
            : throw new FormatException($"{path} in '{files.Place}' does not hold what its name says");
    }
}

/// <summary>A folder.</summary>
internal sealed class FolderFiles(string folder) : IImageFiles
{
    public string Place => folder;

    public FilePart? Find(string path)
    {
        var full = Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
        if (!File.Exists(full))
            return null;
        // Opened, because of a link the file system tells the link's own length.
        using var file = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new FilePart(full, 0, RandomAccess.GetLength(file));
    }
}
