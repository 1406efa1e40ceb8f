using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Containerize.Images;

namespace Containerize.Layers;

/// <summary>
/// What decides a layer's bytes, as far as it can be known without reading the files: their paths, modes and owners, and for each file its
/// size and the time of its last change.
/// </summary>
/// <remarks>
/// Good for this run of this machine alone, whose name is part of it. Times that say nothing give no stamp: those just now, since a file may be
/// written again within what a clock can tell apart (git's "racy" entries), and those before 2000, which are nobody's clock but what archives
/// and packages are made with to be the same each time.
/// </remarks>
internal static class LayerStamp
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private static readonly DateTime FirstRealTime = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The stamp; null where a file cannot be told from a changed one, or is not there.</summary>
    /// <param name="entries">The layer's entries.</param>
    /// <param name="run">The machine's run.</param>
    /// <param name="now">The time.</param>
    public static Digest? Of(IReadOnlyList<LayerEntry> entries, string run, DateTimeOffset now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new StringBuilder(run).Append('\n');
        try
        {
            foreach (var entry in entries)
            {
                line.Append(entry.Path).Append('\0').Append(entry.Source).Append('\0').Append((int)entry.Kind).Append(' ').Append(entry.Mode).Append(' ')
                    .Append(entry.UserId).Append(' ').Append(entry.GroupId).Append(' ').Append(entry.TimeFromContent);
                if (entry.Kind == LayerEntryKind.File)
                {
                    if (OfFile(entry.Source, now) is not { } file)
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

    /// <summary>A file's size and time; null where they do not tell it from a changed one, or it is not there.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static string? OfFile(string path, DateTimeOffset now)
    {
        var file = new FileInfo(path);
        // Of a link, the times and the size are its own.
        if (file.LinkTarget is not null)
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        var time = file.LastWriteTimeUtc;
        return !file.Exists || time < FirstRealTime || time > (now - Settled).UtcDateTime
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{file.Length} {time.Ticks}");
    }
}
