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

/// <summary>Reads documents, as many as it takes to find one image.</summary>
internal sealed class ImageDocuments(IImageFiles files)
{
    private readonly Dictionary<Digest, ImageDocument> _read = [];
    private long _bytes;

    /// <summary>A document, whole; throws <see cref="FormatException"/> where it is absent or too large.</summary>
    public async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var part = files.Find(path) ?? throw new FormatException($"there is no {ErrorText.PathOf(path)} in '{files.Place}'");
        if (part.Length > Limits.DocumentBytes)
        {
            throw new FormatException(
                $"{ErrorText.PathOf(path)} in '{files.Place}' has {part.Length} bytes, which is too much for such a document");
        }

        _bytes += part.Length;
        if (_bytes > Limits.DocumentsBytes)
            throw new FormatException(
                $"the documents in '{files.Place}' have more than {Limits.DocumentsBytes} bytes, which is too much to find one image");
        var content = new byte[part.Length];
        var stream = new SliceStream(part.Path, part.Offset, part.Length);
        await using (stream.ConfigureAwait(false))
        {
            var read = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            if (read < content.Length)
                throw new FormatException($"{ErrorText.PathOf(path)} in '{files.Place}' is cut off");
        }

        return content;
    }

    /// <summary>A document by its descriptor; throws <see cref="FormatException"/> where it is not what that says.</summary>
    public async Task<ImageDocument> ReadAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(descriptor.Digest, out var known) && known.Descriptor.Equals(descriptor))
            return known;
        var path = LayoutDocuments.BlobPath(descriptor.Digest);
        var document = new ImageDocument(descriptor.MediaType, await ReadAsync(path, cancellationToken).ConfigureAwait(false));
        return document.Descriptor.Size == descriptor.Size && document.Descriptor.Digest == descriptor.Digest
            ? _read[descriptor.Digest] = document
            : throw new FormatException($"{ErrorText.PathOf(path)} in '{files.Place}' does not hold what its name says");
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
        FileIdentity.RequireRegular(full);
        // Opened, because of a link the file system tells the link's own length.
        using var file = File.OpenHandle(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new FilePart(full, 0, RandomAccess.GetLength(file));
    }
}
