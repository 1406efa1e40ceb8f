using System.Runtime.InteropServices;
using Containerize.Layers;

namespace Containerize.Benchmarks.Micro;

/// <summary>The files of the running .NET runtime, about 80 MB: what a self-contained application brings along.</summary>
internal static class RuntimeFiles
{
    /// <summary>As entries of a layer.</summary>
    public static IReadOnlyList<LayerEntry> Entries() =>
    [
        .. Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory())
            .Select(file => new LayerEntry($"app/{Path.GetFileName(file)}", LayerEntryKind.File, file, LayerEntry.FileMode)),
    ];

    /// <summary>As a tar.</summary>
    public static async Task<byte[]> TarAsync()
    {
        using var tar = new MemoryStream();
        await LayerTar.WriteAsync(Entries(), tar, CancellationToken.None);
        return tar.ToArray();
    }
}
