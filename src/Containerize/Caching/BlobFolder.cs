using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caching;

/// <summary>Blobs in a folder, each under the hexadecimal digits of its digest, as in an OCI layout's <c>blobs/sha256</c>.</summary>
internal sealed class BlobFolder(string folder)
{
    /// <summary>Where the bytes of this digest lie, if they are here.</summary>
    public string PathOf(Digest digest) => Path.Combine(folder, digest.Hex);

    /// <summary>A file to write a blob to, on the folder's own file system.</summary>
    public AtomicFile CreateFile() => new(folder);

    /// <summary>The blob with these bytes; null if it is not here.</summary>
    public CachedBlob? Find(Digest digest, long size)
    {
        var file = new FileInfo(PathOf(digest));
        // Hashing costs a fortieth of compressing. Without it, a blob that a power cut left full of zeros would fail every
        // build until somebody removes it.
        if (!file.Exists || file.Length != size || Digest.OfFile(file.FullName) != digest)
            return null;
        return Use(digest, size);
    }

    /// <summary>A blob that is known to be here and right.</summary>
    public CachedBlob Use(Digest digest, long size)
    {
        FileUse.Mark(PathOf(digest), DateTimeOffset.UtcNow);
        return new CachedBlob(PathOf(digest), digest, size);
    }

    /// <summary>Removes a blob by the name of its file.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Delete(string name)
    {
        File.Delete(Path.Combine(folder, name));
        File.Delete(Path.Combine(folder, "seen", name));
    }

    /// <summary>How the file of a blob looks: the same again while nobody has touched it, in this run of this machine; null where it is not here.</summary>
    public string? StampOf(Digest digest, long size)
    {
        var file = new FileInfo(PathOf(digest));
        return file.Exists && file.Length == size
            ? Digest.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{MachineRun.Identify()}\n{file.FullName}\n{file.LastWriteTimeUtc.Ticks}"))).Hex[..16]
            : null;
    }

    /// <summary>
    /// The bytes of a blob, which are right and need not be hashed again; null if it is not here. What was hashed in this run of the machine and
    /// has not been touched since is not hashed: <c>seen/HEX</c> says how its file looked then.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<Stream?> OpenAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        var path = PathOf(digest);
        if (!File.Exists(path))
            return null;
        // The same open file is hashed and given out: nothing can take its place in between.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan | FileOptions.Asynchronous);
        try
        {
            var stamp = StampOf(digest, size);
            var isRight = stamp is not null && File.Exists(SeenPathOf(digest)) && await File.ReadAllTextAsync(SeenPathOf(digest), cancellationToken).ConfigureAwait(false) == stamp;
            if (!isRight && file.Length == size && await HashAsync(file, cancellationToken).ConfigureAwait(false) == digest)
            {
                isRight = true;
                await NoteAsync(digest, stamp, size, cancellationToken).ConfigureAwait(false);
            }

            if (isRight)
            {
                file.Position = 0;
                FileUse.Mark(path, DateTimeOffset.UtcNow);
                return file;
            }
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await file.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    // What was right and has not been touched since is right. A folder that others write to, and this user does not, goes without.
    private async Task NoteAsync(Digest digest, string? stamp, long size, CancellationToken cancellationToken)
    {
        if (stamp is null || StampOf(digest, size) != stamp)
            return;
        try
        {
            await AtomicFile.WriteAsync(SeenPathOf(digest), Encoding.ASCII.GetBytes(stamp), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is hashed the next time.
        }
    }

    private string SeenPathOf(Digest digest) => Path.Combine(folder, "seen", digest.Hex);

    // The framework's own reads 4 KiB at a time.
    private static async Task<Digest> HashAsync(FileStream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        while (await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            hash.AppendData(buffer.AsSpan(0, count));
        return Digest.FromHash(hash.GetHashAndReset());
    }
}
