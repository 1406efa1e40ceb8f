using System.Globalization;
using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caching;

/// <summary>
/// Compressed layers in a folder, by digest, with a note for each that says which diffID and codec it came from.
/// Never needed for being right: a layer whose note or bytes are missing or damaged is built again.
/// </summary>
/// <remarks>
/// <c>sha256/HEX</c> holds the bytes (the form of an OCI layout's blobs); <c>diffids/CODEC/HEX</c> holds digest and size.
/// </remarks>
public sealed class LayerCache
{
    private readonly string _folder;
    private readonly BlobFolder _blobs;
    private readonly string _notes;

    /// <summary>Uses a folder, which need not exist.</summary>
    public LayerCache(string folder)
    {
        _folder = Path.Combine(folder, "sha256");
        _blobs = new BlobFolder(_folder);
        _notes = Path.Combine(folder, "diffids");
    }

    /// <summary>Whether it is worth computing a diffID to ask for it.</summary>
    public bool MayKnow(string codec) => Directory.Exists(Path.Combine(_notes, codec));

    /// <summary>The layer with this diffID; null if it is not here.</summary>
    public CachedBlob? Find(Digest diffId, string codec)
    {
        var note = Note(diffId, codec);
        if (!File.Exists(note))
            return null;
        var parts = File.ReadAllText(note).Split(' ', 2);
        if (parts.Length != 2 || !Digest.TryParse(parts[0], out var digest)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return null;
        return Find(digest, size);
    }

    /// <summary>The layer with these bytes; null if it is not here.</summary>
    public CachedBlob? Find(Digest digest, long size) => _blobs.Find(digest, size);

    /// <summary>Where the bytes of this digest lie, if they are here.</summary>
    public string PathOf(Digest digest) => _blobs.PathOf(digest);

    /// <summary>A file to write a layer to, on the cache's own file system.</summary>
    public AtomicFile CreateFile() => _blobs.CreateFile();

    /// <summary>Takes a written layer in.</summary>
    public async Task<CachedBlob> AddAsync(AtomicFile file, Digest diffId, string codec, Digest digest, long size, CancellationToken cancellationToken)
    {
        var blob = new CachedBlob(_blobs.PathOf(digest), digest, size);
        file.Commit(blob.Path);
        var note = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{digest} {size}"));
        await AtomicFile.WriteAsync(Note(diffId, codec), note, cancellationToken).ConfigureAwait(false);
        return blob;
    }

    /// <summary>Removes every layer but these: the cache of one project holds one image.</summary>
    /// <param name="digests">What stays.</param>
    /// <param name="usedSince">What was used since then stays too: another build of the project may be at it. Null for nothing.</param>
    public void KeepOnly(IEnumerable<Digest> digests, DateTimeOffset? usedSince = null)
    {
        var keep = digests.Select(digest => digest.Hex).ToHashSet(StringComparer.Ordinal);
        // Unfinished files belong to a build that is still running, perhaps.
        foreach (var blob in FilesBelow(_folder).Where(blob => !keep.Contains(Path.GetFileName(blob)) && !AtomicFile.IsUnfinished(blob)))
        {
            if (usedSince is { } since && File.GetLastAccessTimeUtc(blob) >= since.UtcDateTime)
                keep.Add(Path.GetFileName(blob));
            else
                File.Delete(blob);
        }

        foreach (var note in FilesBelow(_notes))
        {
            if (!Digest.TryParse(File.ReadAllText(note).Split(' ')[0], out var digest) || !keep.Contains(digest.Hex))
                File.Delete(note);
        }
    }

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [];

    private string Note(Digest diffId, string codec) => Path.Combine(_notes, codec, diffId.Hex);
}

/// <summary>A blob on disk.</summary>
/// <param name="Path">The full path of its file.</param>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Its number of bytes.</param>
public sealed record CachedBlob(string Path, Digest Digest, long Size);
