using System.Formats.Tar;
using BenchmarkDotNet.Attributes;
using Containerize.Layers;

namespace Containerize.Benchmarks.Micro;

/// <summary>Writing the tar of a layer.</summary>
[MemoryDiagnoser]
public class TarBenchmarks
{
    private IReadOnlyList<LayerEntry> _entries = [];

    /// <summary>Finds the files.</summary>
    [GlobalSetup]
    public void FindFiles() => _entries = RuntimeFiles.Entries();

    /// <summary>Ours.</summary>
    [Benchmark]
    public Task LayerTarAlone() => LayerTar.WriteAsync(_entries, Stream.Null, CancellationToken.None);

    /// <summary>Ours, with the digest that a layer needs.</summary>
    [Benchmark]
    public async Task LayerTarAndDigest()
    {
        using var hashing = new HashingStream(null);
        await LayerTar.WriteAsync(_entries, hashing, CancellationToken.None);
    }

    /// <summary>.NET's.</summary>
    [Benchmark(Baseline = true)]
    public async Task DotnetTarWriter()
    {
        await using var tar = new TarWriter(Stream.Null, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var entry in _entries)
            await tar.WriteEntryAsync(entry.Source, entry.Path);
    }
}
