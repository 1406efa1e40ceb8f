using System.Security.Cryptography;
using System.Text;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>
/// What decides a layer's bytes, as far as it can be known without reading the files: their paths, modes and owners, and for each file its
/// size, the time of its last change, and which file it is: one that has taken another's place may have the other's time.
/// </summary>
/// <remarks>
/// Good for this run of this machine alone, whose name is part of it. Where times say nothing (<see cref="FileTimes"/>), or the file system
/// does not tell when a file was changed in a way that no program can set (Windows, macOS), the content does, as long as there is little of
/// it.
/// </remarks>
internal static class LayerStamp
{
    // Bytes. A little is hashed as fast as it is looked at; more may as well go into the layer's tar at once.
    private const long MaxContentBytes = 8 * 1024 * 1024;

    /// <summary>The stamp; null where a file cannot be told from a changed one, or is not there.</summary>
    /// <param name="entries">The layer's entries.</param>
    /// <param name="run">The machine's run.</param>
    /// <param name="now">The time.</param>
    public static Digest? Of(IReadOnlyList<LayerEntry> entries, string run, DateTimeOffset now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new StringBuilder(run).Append('\n');
        var budget = MaxContentBytes;
        try
        {
            foreach (var entry in entries)
            {
                line.Append(entry.Path).Append('\0').Append(entry.Source).Append('\0').Append((int)entry.Kind).Append(' ')
                    .Append(entry.Mode).Append(' ')
                    .Append(entry.UserId).Append(' ').Append(entry.GroupId).Append(' ').Append(entry.TimeFromContent);
                if (entry.Kind == LayerEntryKind.File)
                {
                    if (OfFile(entry.Source, now, ref budget) is not { } file)
                        return null;
                    line.Append(' ').Append(file);
                }

                line.Append('\n');
                hash.AppendData(Encoding.UTF8.GetBytes(line.ToString()));
                line.Clear();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Reading them tells.
        }

        hash.AppendData(Encoding.UTF8.GetBytes(line.ToString()));
        return Digest.FromHash(hash.GetHashAndReset());
    }

    /// <summary>
    /// A file's size and time; its content where they do not tell it from a changed one. Null where it is not there, or there is too much
    /// of it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="now">The time.</param>
    /// <param name="budget">Bytes of content that may be read; what is read is taken off.</param>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static string? OfFile(string path, DateTimeOffset now, ref long budget)
    {
        var file = new FileInfo(path);
        // Of a link, the times and the size are its own.
        if (file.LinkTarget is not null)
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        if (!file.Exists)
            return null;
        var time = file.LastWriteTimeUtc;
        // A file that was moved has changed, too; one in a folder that was moved has not.
        if (FileTimes.Tell(time, now) && FileStamp.OfStrong(file) is { } stamp)
            return stamp;

        budget -= file.Length;
        return budget < 0 ? null : Digest.OfFile(file.FullName).ToString();
    }
}
