using System.Text;
using Containerize.Benchmarks.Cases;
using Containerize.Benchmarks.Competitors;
using Containerize.Benchmarks.Measuring;

namespace Containerize.Benchmarks.Reporting;

/// <summary>The tables, in Markdown.</summary>
public static class Report
{
    private const double MostMemory = 200e6;

    /// <summary>Writes them.</summary>
    public static string Write(Setting setting, IReadOnlyList<CaseResult> results)
    {
        var text = new StringBuilder();
        var pairs = Pairs(results);
        text.AppendLine(
            $"Measured on {setting.Date}: {setting.Machine}. "
                + $"{string.Join(", ", setting.Versions.Select(version => $"{version.Key} {version.Value}"))}.");
        text.AppendLine($"Medians of {Runs(results)}, with the smallest and the largest in parentheses.");
        Section(
            text,
            "The whole command beside the same without an image",
            ["Case", "Competitor", "Without", "More time", "quartiles", "Target", "Met", "More processor time", "quartiles"],
            Compared(results).Select(More));
        Section(text, "The container step alone", ["Case", "Containerize", ".NET SDK", "Ratio", "Target", "Met"], pairs.Select(Step));
        Section(
            text,
            "Over the network",
            ["Case", "Containerize: requests", "up", "down", ".NET SDK: requests", "up", "down", "Target", "Met"],
            pairs.Select(Network));
        Section(
            text,
            "Memory during the step",
            ["Case", "Containerize: peak", "of these, the step's", ".NET SDK: peak", "of these, the step's", "Target", "Met"],
            pairs.Select(Memory));
        Section(text, "The whole command", ["Case", "Competitor", "Time", "Processor time"], results.Select(Whole));
        var dockerfiles = results.Where(result => result.Case.HasDockerfile).ToList();
        Section(
            text, "Beside a Dockerfile", ["Case", "Competitor", "Container step", "Requests", "Up", "Down"], dockerfiles.Select(Beside));
        return text.ToString();
    }

    private static List<(CaseResult Ours, CaseResult Sdk)> Pairs(IReadOnlyList<CaseResult> results) =>
        [.. results.Where(result => result.Competitor == Ours.Id).Select(ours =>
            (ours, results.Single(result => result.Case == ours.Case && result.Competitor == Competitors.Sdk.Id)))];

    private static IEnumerable<(CaseResult Without, CaseResult With)> Compared(IReadOnlyList<CaseResult> results) =>
        results.Where(result => result.Case.IsPaired && result.Competitor == NoImage.Id).SelectMany(without => results
            .Where(result => result.Case == without.Case && result.Competitor is Ours.Id or Competitors.Sdk.Id)
            .Select(with => (without, with)));

    // Differences of runs that were made one after the other.
    private static string[] More((CaseResult Without, CaseResult With) pair)
    {
        var time = Spread.Of(pair.Without.Runs.Zip(pair.With.Runs, (without, with) => with.Whole - without.Whole));
        var target = pair.With.Competitor == Ours.Id ? pair.With.Case.Target?.Whole : null;
        var isTimed = pair.Without.Runs.Concat(pair.With.Runs).All(run => run.Cpu is not null);
        var processor = isTimed
            ? Spread.Of(pair.Without.Runs.Zip(pair.With.Runs, (without, with) => with.Cpu!.Value - without.Cpu!.Value))
            : default;
        return
        [
            pair.With.Case.Title,
            pair.With.Competitor,
            Units.Seconds(Of(pair.Without, run => run.Whole).Median),
            Units.Seconds(time.Median),
            Quartiles(time),
            target is { } most ? $"≤ {Units.Seconds(most)}" : "",
            target is { } limit ? Units.Judgement(time.Median <= limit) : "",
            isTimed ? Units.Seconds(processor.Median) : "",
            isTimed ? Quartiles(processor) : "",
        ];
    }

    private static string Quartiles(Spread spread) => $"{Units.Seconds(spread.LowerQuartile)} – {Units.Seconds(spread.UpperQuartile)}";

    private static string Runs(IReadOnlyList<CaseResult> results)
    {
        var most = results.Max(result => result.Runs.Count);
        var fewer = results.Where(result => result.Runs.Count < most).Select(result => $"{result.Runs.Count} of “{result.Case.Title}”")
            .Distinct().ToList();
        return (most == 1 ? "1 run" : $"{most} runs") + (fewer.Count == 0 ? "" : $" ({string.Join(", ", fewer)})");
    }

    private static string[] Step((CaseResult Ours, CaseResult Sdk) pair)
    {
        var (ours, sdk) = (Of(pair.Ours, run => run.Step), Of(pair.Sdk, run => run.Step));
        var ratio = sdk.Median / ours.Median;
        var target = pair.Ours.Case.Target;
        return
        [
            pair.Ours.Case.Title,
            Units.Seconds(ours),
            Units.Seconds(sdk),
            Units.Times(ratio),
            target is null ? "" : FormattableString.Invariant($"≥ {target.Ratio:0.#}×"),
            target is null ? "" : Units.Judgement(ratio >= target.Ratio),
        ];
    }

    private static string[] Network((CaseResult Ours, CaseResult Sdk) pair)
    {
        var (ours, sdk, target) = (pair.Ours.Traffic, pair.Sdk.Traffic, pair.Ours.Case.Target);
        var wanted = new List<string>();
        if (target?.Up is { } up)
            wanted.Add(up == 0 ? "0 up" : $"≤ {Units.Bytes(up)} up");
        if (target?.Requests is { } requests)
            wanted.Add($"≤ {requests} requests");
        if (target?.Down is { } down)
            wanted.Add($"≤ {Units.Bytes(down)} down");
        var isMet = !(ours.Up > target?.Up) && !(ours.Down > target?.Down) && !(ours.Requests > target?.Requests);
        return [pair.Ours.Case.Title, .. Counts(ours), .. Counts(
            sdk), string.Join(", ", wanted), wanted.Count == 0 ? "" : Units.Judgement(isMet)];
    }

    private static string[] Memory((CaseResult Ours, CaseResult Sdk) pair)
    {
        var growth = Peak(pair.Ours, run => run.GrowthBytes);
        return
        [
            pair.Ours.Case.Title,
            Bytes(Peak(pair.Ours, run => run.PeakBytes)),
            Bytes(growth),
            Bytes(Peak(pair.Sdk, run => run.PeakBytes)),
            Bytes(Peak(pair.Sdk, run => run.GrowthBytes)),
            $"< {Units.Bytes(MostMemory)} for the step",
            growth is { } bytes ? Units.Judgement(bytes < MostMemory) : "",
        ];
    }

    private static string[] Whole(CaseResult result) =>
    [
        result.Case.Title,
        result.Competitor,
        Units.Seconds(Of(result, run => run.Whole)),
        result.Runs.All(run => run.Cpu is not null) ? Units.Seconds(Of(result, run => run.Cpu!.Value)) : "",
    ];

    private static string[] Beside(CaseResult result) =>
        [result.Case.Title, result.Competitor, Units.Seconds(Of(result, run => run.Step)), .. Counts(result.Traffic)];

    private static string[] Counts(Traffic traffic) => [$"{traffic.Requests}", Units.Bytes(traffic.Up), Units.Bytes(traffic.Down)];

    private static string Bytes(double? bytes) => bytes is { } known ? Units.Bytes(known) : "";

    // The largest of all runs: a limit is one for each.
    private static double? Peak(CaseResult result, Func<Run, long?> figure) => result.Runs.Max(figure);

    private static Spread Of(CaseResult result, Func<Run, double> figure) => Spread.Of(result.Runs.Select(figure));

    private static void Section(StringBuilder text, string title, string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
            return;
        text.AppendLine().AppendLine($"## {title}").AppendLine();
        text.AppendLine($"| {string.Join(" | ", header)} |");
        text.AppendLine($"|{string.Concat(header.Select(_ => "---|"))}");
        foreach (var row in all)
            text.AppendLine($"| {string.Join(" | ", row)} |");
    }
}
