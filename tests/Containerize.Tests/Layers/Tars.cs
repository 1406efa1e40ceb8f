using System.Formats.Tar;
using Containerize.Layers;

namespace Containerize.Tests.Layers;

/// <summary>Tars written by Containerize and read by the framework.</summary>
internal static class Tars
{
    public static async Task<byte[]> WriteAsync(params IEnumerable<LayerEntry> entries)
    {
        using var output = new MemoryStream();
        await LayerTar.WriteAsync(entries, output, default);
        return output.ToArray();
    }

    public static async Task<IReadOnlyList<TarRead>> RoundTripAsync(params IEnumerable<LayerEntry> entries) =>
        Read(await WriteAsync(entries));

    public static IReadOnlyList<TarRead> Read(byte[] tar)
    {
        var entries = new List<TarRead>();
        using var reader = new TarReader(new MemoryStream(tar));
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries.Add(new TarRead(
                entry.Name, entry.EntryType, entry.LinkName, (int)entry.Mode, entry.Uid, entry.Gid, entry.ModificationTime.UtcDateTime,
                ((PosixTarEntry)entry).UserName + ((PosixTarEntry)entry).GroupName, content.ToArray()));
        }

        return entries;
    }

    /// <summary>The 512-byte headers of a tar, those of GNU's long names included.</summary>
    public static IEnumerable<byte[]> Headers(byte[] tar)
    {
        for (var at = 0; at < tar.Length && tar[at] != 0;)
        {
            var header = tar[at..(at + 512)];
            yield return header;
            var size = Convert.ToInt64(System.Text.Encoding.ASCII.GetString(header, 124, 12).Trim('\0', ' '), 8);
            at += 512 + (int)((size + 511) / 512 * 512);
        }
    }
}

/// <summary>An entry as the framework reads it.</summary>
internal sealed record TarRead(
    string Name, TarEntryType Type, string Target, int Mode, int Uid, int Gid, DateTime Time, string OwnerNames, byte[] Content);
