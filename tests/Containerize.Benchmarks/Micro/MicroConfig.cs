using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Containerize.Testing;

namespace Containerize.Benchmarks.Micro;

/// <summary>How the parts are measured.</summary>
internal static class MicroConfig
{
    /// <summary>In this process: a project that BenchmarkDotNet generates would be built by this repository's rules.</summary>
    public static IConfig Create() => DefaultConfig.Instance
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(1).WithIterationCount(5))
        .WithArtifactsPath(Repository.PathOf("artifacts", "bench", "micro"));
}
