using System.Security.Cryptography;

namespace Containerize.Testing.Validation.Layers;

/// <summary>A layer on disk while it is read more than once; it goes when it is disposed.</summary>
internal sealed class SpooledFile : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly FileStream _file;

    private SpooledFile(FileStream file, string digest)
    {
        _file = file;
        Digest = digest;
    }

    public string Digest { get; }

    public long Length => _file.Length;

    public static async Task<SpooledFile> CopyAsync(Stream source, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), "containerize-judge-" + Path.GetRandomFileName());
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferSize, FileOptions.DeleteOnClose);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[BufferSize];
            while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            return new SpooledFile(file, "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bytes from the beginning. There is one stream only; whoever gets it reads it before the next one asks.</summary>
    public FileStream Open()
    {
        _file.Position = 0;
        return _file;
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
