namespace Containerize.Images;

/// <summary>A layer whose compressed bytes lie in a file, or in a part of one.</summary>
internal sealed class FileLayer : ILayer
{
    private readonly string _path;
    private readonly long _offset;
    private readonly bool _isReplaceable;

    /// <summary>Names the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="descriptor">What its bytes must be.</param>
    /// <param name="diffId">The digest of the uncompressed tar.</param>
    /// <param name="offset">Where the layer begins in the file.</param>
    /// <param name="isReplaceable">
    /// Whether the file is this program's own, and made again where it is missing: it is deleted when its bytes turn out to be other ones,
    /// so that the next attempt does without it. Files whose times stay when their bytes change (a disk that decays) are found out here and
    /// nowhere else.
    /// </param>
    public FileLayer(string path, Descriptor descriptor, Digest diffId, long offset = 0, bool isReplaceable = false)
    {
        _isReplaceable = isReplaceable;
        _path = path;
        _offset = offset;
        Descriptor = descriptor;
        DiffId = diffId;
    }

    /// <inheritdoc/>
    public Descriptor Descriptor { get; }

    /// <inheritdoc/>
    public Digest DiffId { get; }

    /// <inheritdoc/>
    public BlobSource? Source => null;

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        Stream file = _offset > 0
            ? new SliceStream(_path, _offset, Descriptor.Size)
            : new FileStream(
                _path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                1,
                FileOptions.SequentialScan | FileOptions.Asynchronous);
        return Task.FromResult<Stream>(
            new VerifyingStream(file, Descriptor.Digest, Descriptor.Size, $"The layer in '{_path}'", _isReplaceable ? Delete : null));
    }

    private void Delete()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is wrong with it is being told.
        }
    }
}
