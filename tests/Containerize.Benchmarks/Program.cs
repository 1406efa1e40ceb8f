using BenchmarkDotNet.Running;
using Containerize.Benchmarks.Cases;
using Containerize.Benchmarks.Competitors;
using Containerize.Benchmarks.Micro;
using Containerize.Benchmarks.Reporting;
using Containerize.Testing;
using Microsoft.Build.Utilities.ProjectCreation;

namespace Containerize.Benchmarks;

/// <summary>The command line; see docs/testing.md.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["--micro", .. var rest])
        {
            // BenchmarkDotNet looks at all types of the assembly, and the logger is one of MSBuild's.
            MSBuildAssemblyResolver.Register();
            BenchmarkSwitcher.FromTypes([typeof(TarBenchmarks), typeof(GzipBenchmarks), typeof(HashBenchmarks)])
                .Run(rest is [] ? ["--filter", "*"] : rest, MicroConfig.Create());
            return 0;
        }

        Options options;
        try
        {
            options = Options.Parse(arguments);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }

        if (Testbed.WhyMissing(Server.Skopeo, Server.BaseAspNet, Server.BaseRuntimeDeps) is { } why)
        {
            Console.Error.WriteLine($"The measurement {why}. tests/bench.sh starts the testbed.");
            return 1;
        }

        await MeasureAsync(options);
        return 0;
    }

    private static async Task MeasureAsync(Options options)
    {
        using var sandbox = await Sandbox.CreateAsync("bench");
        // The longest cases send gigabytes.
        sandbox.Timeout = TimeSpan.FromMinutes(30);
        Competitor[] all = [new NoImage(), new Ours(sandbox.Package!.Version), new Sdk(), new Buildah(), new Docker()];
        foreach (var missing in all.Where(competitor => competitor.WhyMissing is not null))
            Console.WriteLine($"{missing.Name} {missing.WhyMissing}");

        var setting = await Setting.DescribeAsync(sandbox);
        using var registries = await BenchRegistries.StartAsync(sandbox);
        var runner = new CaseRunner(
            sandbox, registries, [.. all.Where(competitor => competitor.WhyMissing is null)], options.Runs, options.PairedRuns);
        var results = new List<CaseResult>();
        foreach (var benchCase in options.Cases)
        {
            results.AddRange(await runner.RunAsync(benchCase));
            // After each case, so that what breaks off a measurement of an hour does not take it along.
            RawResults.Write(Output("results.json"), setting, results);
        }

        var page = options.Output ?? (options.IsWhole ? Repository.PathOf("docs", "benchmarks.md") : Output("benchmarks.md"));
        var report = Report.Write(setting, results);
        Page.Update(page, report);
        Console.WriteLine();
        Console.WriteLine(report);
        Console.WriteLine($"Written to {page}.");
    }

    private static string Output(string name) => Repository.PathOf("artifacts", "bench", name);
}
