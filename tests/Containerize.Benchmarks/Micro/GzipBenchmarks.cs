using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Containerize.Layers.Compression;

namespace Containerize.Benchmarks.Micro;

/// <summary>Compressing the tar of a layer.</summary>
[MemoryDiagnoser]
public class GzipBenchmarks
{
    private byte[] _tar = [];

    /// <summary>How well to compress.</summary>
    [Params(CompressionLevel.Fastest, CompressionLevel.Optimal)]
    public CompressionLevel Level { get; set; }

    /// <summary>Makes the tar.</summary>
    [GlobalSetup]
    public async Task MakeTar() => _tar = await RuntimeFiles.TarAsync();

    /// <summary>Ours, on one processor.</summary>
    [Benchmark]
    public Task ParallelGzipOnOneThread() => CompressAsync(threads: 1);

    /// <summary>Ours, on all processors.</summary>
    [Benchmark]
    public Task ParallelGzip() => CompressAsync(Environment.ProcessorCount);

    /// <summary>.NET's.</summary>
    [Benchmark(Baseline = true)]
    public async Task DotnetGzip()
    {
        await using var gzip = new GZipStream(Stream.Null, Level, leaveOpen: true);
        await gzip.WriteAsync(_tar);
    }

    private async Task CompressAsync(int threads)
    {
        await using var gzip = new ParallelBlockStream(
            Stream.Null, new GzipBlocks(Level == CompressionLevel.Fastest ? 1 : 6), threads, CancellationToken.None);
        await gzip.WriteAsync(_tar);
        await gzip.FinishAsync();
    }
}
