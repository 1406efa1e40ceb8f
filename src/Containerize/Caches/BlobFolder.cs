using System.Security.Cryptography;
using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>Blobs in a folder, each under the hexadecimal digits of its digest, as in an OCI layout's <c>blobs/sha256</c>.</summary>
internal sealed class BlobFolder(string folder)
{
    /// <summary>Where the bytes of this digest lie, if they are here.</summary>
    public string PathOf(Digest digest) => Path.Combine(folder, digest.Hex);

    /// <summary>A file to write a blob to, on the folder's own file system.</summary>
    public AtomicFile CreateFile() => new(folder);

    /// <summary>The blob with these bytes; null if it is not here.</summary>
    /// <param name="digest">The digest of its bytes.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="stamp">How its file looked while it was hashed (<see cref="StampOf"/>); null where that cannot be told.</param>
    public CachedBlob? Find(Digest digest, long size, out string? stamp)
    {
        stamp = null;
        var file = new FileInfo(PathOf(digest));
        if (!file.Exists || file.Length != size)
            return null;
        // Before the stamp is taken, which marking changes.
        FileUse.Mark(file.FullName, DateTimeOffset.UtcNow);
        var before = StampOf(digest, size);
        // Hashing costs a fortieth of compressing. Without it, a blob that a power cut left full of zeros would fail every
        // build until a user removes it.
        if (Digest.OfFile(file.FullName) != digest)
            return null;
        stamp = StampOf(digest, size) is { } after && after == before ? after : null;
        return new CachedBlob(file.FullName, digest, size);
    }

    /// <summary>A blob that is known to be here and right.</summary>
    /// <param name="digest">The digest of its bytes.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="isTouched">Whether its file has another stamp now.</param>
    public CachedBlob Use(Digest digest, long size, out bool isTouched)
    {
        isTouched = FileUse.Mark(PathOf(digest), DateTimeOffset.UtcNow);
        return new CachedBlob(PathOf(digest), digest, size);
    }

    /// <summary>Removes a blob by the name of its file.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Delete(string name)
    {
        File.Delete(Path.Combine(folder, name));
        File.Delete(Path.Combine(folder, "seen", name));
    }

    /// <summary>
    /// How the file of a blob looks: the same again only while it has not been touched, in this run of this machine. Null where it is not
    /// here, or where the file system does not tell (<see cref="FileStamp.Strong"/>): then nothing is noted, and it is hashed each time.
    /// </summary>
    public string? StampOf(Digest digest, long size) =>
        new FileInfo(PathOf(digest)) is { Exists: true } file && file.Length == size && FileStamp.Strong(file.FullName) is { } stamp
            ? Digest.Of(Encoding.UTF8.GetBytes(stamp)).Hex[..32] : null;

    /// <summary>
    /// The bytes of a blob, which are right; null if it is not here. What was hashed in this run of the machine and has not been touched
    /// since is not hashed before: <c>seen/HEX</c> says how its file looked then. All are hashed once more while they are read, and a file
    /// whose bytes are others is deleted.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<Stream?> OpenAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        var path = PathOf(digest);
        if (!File.Exists(path))
            return null;
        // The same open file is hashed and given out: nothing can take its place in between.
        var file = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read | FileShare.Delete,
            1,
            FileOptions.SequentialScan | FileOptions.Asynchronous);
        try
        {
            var stamp = StampOf(digest, size);
            var isRight = stamp is not null && await IsSeenAsync(digest, stamp, cancellationToken).ConfigureAwait(false);
            if (FileUse.Mark(path, DateTimeOffset.UtcNow))
            {
                stamp = StampOf(digest, size);
                if (isRight)
                    await NoteAsync(digest, stamp, size, cancellationToken).ConfigureAwait(false);
            }

            if (!isRight && file.Length == size && await HashAsync(file, cancellationToken).ConfigureAwait(false) == digest)
            {
                isRight = true;
                await NoteAsync(digest, stamp, size, cancellationToken).ConfigureAwait(false);
            }

            if (isRight)
            {
                file.Position = 0;
                return new VerifyingStream(file, digest, size, $"The layer in '{path}'", () => DeleteDamaged(digest));
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

    // A mark that others may have written says nothing.
    private async Task<bool> IsSeenAsync(Digest digest, string stamp, CancellationToken cancellationToken)
    {
        var mark = new FileInfo(SeenPathOf(digest));
        return mark.Exists && mark.Length == stamp.Length && Folders.IsThisUsers(mark.DirectoryName!)
            && await File.ReadAllTextAsync(mark.FullName, cancellationToken).ConfigureAwait(false) == stamp;
    }

    private void DeleteDamaged(Digest digest)
    {
        try
        {
            Delete(digest.Hex);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is wrong with it is being told.
        }
    }

    // A folder that this user does not write to goes without.
    private async Task NoteAsync(Digest digest, string? stamp, long size, CancellationToken cancellationToken)
    {
        if (stamp is null || StampOf(digest, size) != stamp)
            return;
        try
        {
            Folders.CreatePrivate(Path.GetDirectoryName(SeenPathOf(digest))!);
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
