using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Containerize.Layers;

/// <summary>Writes the tar of a layer from entries and the files that they name (image-spec, layer.md).</summary>
internal static class LayerTar
{
    /// <summary>Writes the entries, in ordinal order of their paths, to a stream that stays open.</summary>
    /// <exception cref="ContainerizeException">
    /// A file cannot be read, or changes meanwhile (CTZ3003); two entries claim a path (CTZ3004).
    /// </exception>
    public static async Task WriteAsync(IEnumerable<LayerEntry> entries, Stream destination, CancellationToken cancellationToken)
    {
        var tar = new TarStream(destination);
        var buffer = new byte[128 * 1024];
        string? previous = null;
        var leaves = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.OrderBy(entry => entry.Path, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Engines refuse a layer with a path in it twice ("duplicates of file paths not supported").
            if (entry.Path == previous)
                throw Clash(entry.Path);
            if (LayerPath.Parents(entry.Path).FirstOrDefault(leaves.Contains) is { } leaf)
                throw Clash(leaf, entry.Path);

            if (entry.Kind != LayerEntryKind.Directory)
                leaves.Add(entry.Path);
            previous = entry.Path;
            if (entry.Kind == LayerEntryKind.File)
                await WriteFileAsync(tar, entry, buffer, cancellationToken).ConfigureAwait(false);
            else
                await tar.AddAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        await tar.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The failure for a path that is to be two things at once.</summary>
    /// <param name="path">The path.</param>
    /// <param name="below">
    /// What is to lie below it, where that is why it would have to be a directory; null where it is wanted itself.
    /// </param>
    public static ContainerizeException Clash(string path, string? below = null) => new(
        ErrorCodes.PathClash,
        $"Two different things claim the path /{path} of the "
            + $"image{(below is null ? "" : $": it is no directory, and /{below} is to lie below it")}. "
            + "Remove one of them from what is published, or give the item that adds it another path.");

    private static async Task WriteFileAsync(TarStream tar, LayerEntry entry, byte[] buffer, CancellationToken cancellationToken)
    {
        var file = Reading(entry, () =>
        {
            FileIdentity.RequireRegular(entry.Source);
            return new FileStream(entry.Source, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.SequentialScan,
                BufferSize = 0,
            });
        });
        await using (file.ConfigureAwait(false))
        {
            var length = file.Length;
            var time = entry.TimeFromContent ? Reading(entry, () => TimeOf(file)) : TarStream.Time;
            await tar.BeginFileAsync(entry, length, time, cancellationToken).ConfigureAwait(false);
            long written = 0;
            // Read synchronously on purpose: published files lie in the page cache, where an await costs more than the read.
            while (Reading(entry, () => file.Read(buffer)) is > 0 and var count)
            {
                written += count;
                if (written > length)
                    break;
                await tar.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }

            if (written != length)
                throw Unreadable(entry, "it changed while it was read", null);
            await tar.EndFileAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A time within 17 years that the content decides, so that other content has another time with all but certainty.
    private static DateTime TimeOf(FileStream file)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(file, hash);
        file.Position = 0;
        return TarStream.Time.AddSeconds(BinaryPrimitives.ReadUInt32BigEndian(hash) >> 3);
    }

    private static T Reading<T>(LayerEntry entry, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(entry, e.Message, e);
        }
    }

    private static ContainerizeException Unreadable(LayerEntry entry, string why, Exception? cause) => new(
        ErrorCodes.FileUnreadable,
        $"The file '{entry.Source}' could not be put into the image as /{entry.Path}: {why.TrimEnd('.')}. "
            + "Make it readable, and let nothing write to it while the image is built.",
        cause);
}
