using System.Collections.Concurrent;

namespace Containerize.Testing.Registries.Storage;

/// <summary>All that a registry holds, in memory.</summary>
internal sealed class RegistryStorage
{
    private readonly ConcurrentDictionary<string, RepositoryContent> _repositories = new(StringComparer.Ordinal);
    private int _uploads;

    /// <summary>The repository, or null when nothing was ever put into it.</summary>
    public RepositoryContent? Find(string repository) => _repositories.GetValueOrDefault(repository);

    public RepositoryContent GetOrCreate(string repository) => _repositories.GetOrAdd(repository, _ => new RepositoryContent());

    public byte[]? FindBlob(string repository, string digest) => Find(repository)?.Blobs.GetValueOrDefault(digest);

    public string PutBlob(string repository, ReadOnlySpan<byte> content)
    {
        var digest = ContentDigest.Of(content);
        GetOrCreate(repository).Blobs[digest] = content.ToArray();
        return digest;
    }

    /// <summary>Makes a blob of one repository part of another; false when the first does not hold it.</summary>
    public bool TryMount(string digest, string from, string to)
    {
        if (FindBlob(from, digest) is not { } content)
            return false;
        GetOrCreate(to).Blobs[digest] = content;
        return true;
    }

    /// <summary>Begins an upload. Ids are counted, so that a recorded conversation reads the same on every run.</summary>
    public UploadSession BeginUpload(string repository)
    {
        var number = Interlocked.Increment(ref _uploads);
        var upload = new UploadSession(new Guid(number, 0, 0, new byte[8]).ToString());
        GetOrCreate(repository).Uploads[upload.Id] = upload;
        return upload;
    }
}
