using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Containerize.Layers;

namespace Containerize.Benchmarks.Micro;

/// <summary>The digest of a layer.</summary>
public class HashBenchmarks
{
    private const int Piece = 128 * 1024;
    private byte[] _tar = [];

    /// <summary>Makes the tar.</summary>
    [GlobalSetup]
    public async Task MakeTar() => _tar = await RuntimeFiles.TarAsync();

    /// <summary>Ours, in the pieces in which tars are written.</summary>
    [Benchmark]
    public async Task HashingStream()
    {
        using var hashing = new HashingStream(null);
        for (var at = 0; at < _tar.Length; at += Piece)
            await hashing.WriteAsync(_tar.AsMemory(at, Math.Min(Piece, _tar.Length - at)));
    }

    /// <summary>.NET's, at once.</summary>
    [Benchmark(Baseline = true)]
    public byte[] Sha256() => SHA256.HashData(_tar);
}
