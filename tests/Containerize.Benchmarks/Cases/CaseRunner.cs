using Containerize.Benchmarks.Competitors;
using Containerize.Benchmarks.Measuring;
using Containerize.Testing;

namespace Containerize.Benchmarks.Cases;

/// <summary>Measures cases: the competitors take turns, so that whatever else the machine does meets all of them.</summary>
/// <param name="sandbox">Where the projects lie.</param>
/// <param name="registries">Where the images go.</param>
/// <param name="competitors">Who takes part.</param>
/// <param name="runs">How often.</param>
/// <param name="pairedRuns">How often where the same command without an image is compared.</param>
public sealed class CaseRunner(Sandbox sandbox, BenchRegistries registries, IReadOnlyList<Competitor> competitors, int runs, int pairedRuns)
{
    /// <summary>Measures one case.</summary>
    public async Task<IReadOnlyList<CaseResult>> RunAsync(BenchCase benchCase)
    {
        var entries = competitors.Where(competitor => competitor.TakesPart(benchCase))
            .Select(competitor => new Entry(competitor, new BenchProject(sandbox, benchCase, competitor.Name, competitor.Package)))
            .ToList();
        try
        {
            // The first one restores, builds, and fills what is to be full; it is not counted.
            foreach (var entry in entries)
                Tell(entry, "warm-up", await MeasureAsync(entry));
            for (var run = 1; run <= (benchCase.IsPaired ? pairedRuns : runs); run++)
            {
                // Those that make images with other programs need not be told apart so finely.
                foreach (var entry in entries.Where(entry => run <= runs || entry.Competitor is DotnetCompetitor))
                {
                    var measured = await MeasureAsync(entry);
                    entry.Runs.Add(measured);
                    Tell(entry, $"run {run}", measured);
                }
            }

            var results = new List<CaseResult>();
            foreach (var entry in entries)
            {
                var traffic = await CountAsync(entry);
                Console.WriteLine($"{benchCase.Name} {entry.Competitor.Name}: {traffic}");
                results.Add(new CaseResult(benchCase, entry.Competitor.Name, entry.Runs, traffic));
            }

            return results;
        }
        finally
        {
            foreach (var (competitor, project) in entries)
            {
                await competitor.CleanUpAsync(project);
                project.Dispose();
            }
        }
    }

    private async Task<Run> MeasureAsync(Entry entry)
    {
        await using var route = await Route.OpenAsync(registries, entry.Project.Case, isCounted: false);
        return await RunAsync(entry, route);
    }

    // A run of its own, because a proxy takes time.
    private async Task<Traffic> CountAsync(Entry entry)
    {
        await using var route = await Route.OpenAsync(registries, entry.Project.Case, isCounted: true);
        // The proxy's name is new to everybody: what was published before was published elsewhere.
        if (!Route.IsNewEachTime(entry.Project.Case))
            await RunAsync(entry, route);
        route.Reset();
        await RunAsync(entry, route);
        return route.Traffic;
    }

    private static async Task<Run> RunAsync(Entry entry, Route route)
    {
        entry.Project.Prepare();
        await Disk.SettleAsync();
        return await entry.Competitor.RunAsync(entry.Project, route);
    }

    private static void Tell(Entry entry, string what, Run run) =>
        Console.WriteLine(FormattableString.Invariant($"{entry.Project.Case.Name} {entry.Competitor.Name}: {what}, step {run.Step:0.000} s of {run.Whole:0.0} s"));

    private sealed record Entry(Competitor Competitor, BenchProject Project)
    {
        public List<Run> Runs { get; } = [];
    }
}
