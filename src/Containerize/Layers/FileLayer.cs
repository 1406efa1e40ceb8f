using Containerize.Images;

namespace Containerize.Layers;

/// <summary>A layer whose compressed bytes lie in a file.</summary>
public sealed class FileLayer : ILayer
{
    private readonly string _path;

    /// <summary>Names the file.</summary>
    public FileLayer(string path, Descriptor descriptor, Digest diffId)
    {
        _path = path;
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
        var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return Task.FromResult<Stream>(new VerifyingStream(file, Descriptor.Digest, Descriptor.Size, $"The layer in '{_path}'"));
    }
}
