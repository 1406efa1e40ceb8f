using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Files;

/// <summary>Which files are in layers, as far as this machine has read them.</summary>
/// <param name="facts">Where that is kept.</param>
internal sealed class FileListCache(LayerFacts facts)
{
    /// <summary>Of the format of what is kept.</summary>
    public const int Version = FileListFormat.Version;

    /// <summary>Whether it seems to be known what is in a layer.</summary>
    public bool Has(Digest layer) => facts.Has(layer);

    /// <summary>What is in a layer; null where that is not known here.</summary>
    public FileList? Find(Digest layer) => facts.Find(layer, bytes => FileListFormat.Read(layer, bytes));

    /// <summary>Waits until no other build on this machine reads the layer.</summary>
    public Task<FileLock> EnterAsync(Digest layer, CancellationToken cancellationToken) => facts.EnterAsync(layer, cancellationToken);

    /// <summary>Keeps what is in a layer.</summary>
    /// <exception cref="IOException">No folder can be written.</exception>
    /// <exception cref="UnauthorizedAccessException">No folder can be written.</exception>
    public Task AddAsync(Digest layer, FileList contents, CancellationToken cancellationToken) =>
        facts.AddAsync(layer, FileListFormat.Write(layer, contents), cancellationToken);
}
