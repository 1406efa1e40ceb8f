using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Containerize.Tasks.Tests;

/// <summary>A layer of Containerize's own, as it lies in a workspace's registry.</summary>
/// <param name="Name">Its name, which the history tells.</param>
/// <param name="Entries">What its tar holds.</param>
internal sealed record PushedLayer(string Name, IReadOnlyList<PushedEntry> Entries)
{
    private const string HistoryPrefix = "Containerize: ";

    /// <summary>All but the directories.</summary>
    public IEnumerable<PushedEntry> Leaves => Entries.Where(entry => entry.Type != TarEntryType.Directory);

    /// <summary>The layers that lie on the base's, lowest first.</summary>
    public static IReadOnlyList<PushedLayer> Read(Workspace workspace, string repository = "app")
    {
        var names = workspace.Config(repository).GetProperty("history").EnumerateArray()
            .Select(line => line.TryGetProperty("created_by", out var by) ? by.GetString()! : "")
            .Where(by => by.StartsWith(HistoryPrefix, StringComparison.Ordinal)).Select(by => by[HistoryPrefix.Length..]).ToList();
        var layers = workspace.Manifest(repository).GetProperty("layers").EnumerateArray().TakeLast(names.Count);
        return [.. names.Zip(layers, (name, layer) => new PushedLayer(name, EntriesOf(workspace, repository, layer)))];
    }

    private static List<PushedEntry> EntriesOf(Workspace workspace, string repository, JsonElement layer)
    {
        var entries = new List<PushedEntry>();
        using var gzip = new GZipStream(
            new MemoryStream(workspace.Registry.FindBlob(repository, layer.GetProperty("digest").GetString()!)!),
            CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries.Add(new PushedEntry(
                entry.Name.TrimEnd('/'),
                entry.EntryType,
                Convert.ToString((int)entry.Mode, 8),
                $"{entry.Uid}:{entry.Gid}",
                entry.LinkName,
                Encoding.UTF8.GetString(content.ToArray())));
        }

        return entries;
    }
}

/// <summary>An entry of a tar.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Type">What it is.</param>
/// <param name="Mode">Its mode in octal digits.</param>
/// <param name="Owner">User and group.</param>
/// <param name="Target">Where a link leads to.</param>
/// <param name="Text">A file's content.</param>
internal sealed record PushedEntry(string Path, TarEntryType Type, string Mode, string Owner, string Target, string Text);
