using System.Globalization;
using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>
/// Compressed layers in a folder, by digest, with a note for each that says which diffID and codec it came from.
/// Never needed for being right: a layer whose note or bytes are missing or damaged is built again.
/// </summary>
/// <remarks>
/// <c>sha256/HEX</c> holds the bytes (the form of an OCI layout's blobs); <c>diffids/CODEC/HEX</c> holds digest and size, and how the file
/// looked when its bytes were last known to be right; <c>stamps/HEX</c> holds the diffID of the layer whose files looked like that.
/// </remarks>
internal sealed class LayerCache
{
    private readonly string _folder;
    private readonly BlobFolder _blobs;
    private readonly string _notes;
    private readonly string _stamps;

    /// <summary>Uses a folder, which need not exist.</summary>
    public LayerCache(string folder)
    {
        _folder = Path.Combine(folder, "sha256");
        _blobs = new BlobFolder(_folder);
        _notes = Path.Combine(folder, "diffids");
        _stamps = Path.Combine(folder, "stamps");
    }

    /// <summary>Whether it is worth computing a diffID to ask for it.</summary>
    public bool MayKnow(string codec) => Directory.Exists(Path.Combine(_notes, codec));

    /// <summary>The layer with this diffID; null if it is not here.</summary>
    public CachedBlob? Find(Digest diffId, string codec)
    {
        var note = Note(diffId, codec);
        if (!File.Exists(note))
            return null;
        var parts = File.ReadAllText(note).Split(' ');
        if (parts.Length < 2 || !Digest.TryParse(parts[0], out var digest)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            return null;
        // What was right and has not been touched since is right; all is hashed once more while it is read.
        if (parts.Length == 3 && _blobs.StampOf(digest, size) == parts[2])
        {
            var used = _blobs.Use(digest, size, out var isTouched);
            if (isTouched)
                WriteNote(note, digest, size, _blobs.StampOf(digest, size));
            return used;
        }

        var found = _blobs.Find(digest, size, out var stamp);
        if (found is not null && stamp is not null)
            WriteNote(note, digest, size, stamp);
        return found;
    }

    private static void WriteNote(string path, Digest digest, long size, string? stamp)
    {
        try
        {
            AtomicFile.WriteAsync(path, NoteOf(digest, size, stamp), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is hashed the next time.
        }
    }

    private static byte[] NoteOf(Digest digest, long size, string? stamp) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{digest} {size} {stamp}"));

    /// <summary>The diffID of the layer whose files look like this; null where it is not known.</summary>
    public Digest? FindDiffId(Digest stamp)
    {
        var path = Path.Combine(_stamps, stamp.Hex);
        if (!File.Exists(path) || !Digest.TryParse(File.ReadAllText(path), out var diffId))
            return null;
        FileUse.Mark(path, DateTimeOffset.UtcNow);
        return diffId;
    }

    /// <summary>Notes the diffID of a layer whose files look like this.</summary>
    public Task AddDiffIdAsync(Digest stamp, Digest diffId, CancellationToken cancellationToken) =>
        AtomicFile.WriteAsync(Path.Combine(_stamps, stamp.Hex), Encoding.ASCII.GetBytes(diffId.ToString()), cancellationToken);

    /// <summary>The layer with these bytes; null if it is not here.</summary>
    public CachedBlob? Find(Digest digest, long size) => _blobs.Find(digest, size, out _);

    /// <summary>Where the bytes of this digest lie, if they are here.</summary>
    public string PathOf(Digest digest) => _blobs.PathOf(digest);

    /// <summary>A file to write a layer to, on the cache's own file system.</summary>
    public AtomicFile CreateFile() => _blobs.CreateFile();

    /// <summary>Takes a written layer in.</summary>
    public async Task<CachedBlob> AddAsync(
        AtomicFile file, Digest diffId, string codec, Digest digest, long size, CancellationToken cancellationToken)
    {
        var blob = new CachedBlob(_blobs.PathOf(digest), digest, size);
        file.Commit(blob.Path);
        var note = NoteOf(digest, size, _blobs.StampOf(digest, size));
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

        // This build's were used just now.
        foreach (var stamp in FilesBelow(_stamps))
        {
            if (usedSince is null || File.GetLastAccessTimeUtc(stamp) < usedSince.Value.UtcDateTime)
                File.Delete(stamp);
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
internal sealed record CachedBlob(string Path, Digest Digest, long Size);
