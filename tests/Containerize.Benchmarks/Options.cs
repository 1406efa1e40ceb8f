using System.Globalization;
using Containerize.Benchmarks.Cases;

namespace Containerize.Benchmarks;

/// <summary>What the command line says.</summary>
public sealed record Options
{
    /// <summary>What can be said.</summary>
    public const string Usage = """
        [--runs N] [--pairs N] [--quick] [--cases NAME,NAME] [--output FILE]
          --runs N      how often each case is measured (5)
          --pairs N     how often, where the same command without an image is compared (15)
          --quick       one run of each case
          --cases A,B   these cases alone
          --output F    the page that gets the figures; docs/benchmarks.md after a whole measurement with five runs or more, else artifacts/bench/benchmarks.md
        --micro [ARGUMENT...]
          the parts, with BenchmarkDotNet and its arguments
        """;

    /// <summary>The number of runs from which on medians are worth being kept.</summary>
    private const int EnoughRuns = 5;

    // The whole command varies by a tenth; quartiles of fewer say little of a difference of a few hundredths.
    private const int EnoughPairs = 15;

    /// <summary>How often each case is measured.</summary>
    public int Runs { get; private init; } = EnoughRuns;

    /// <summary>How often a case is measured in which the same command without an image is compared.</summary>
    public int PairedRuns { get; private init; } = EnoughPairs;

    /// <summary>The cases to measure.</summary>
    public IReadOnlyList<BenchCase> Cases { get; private init; } = BenchCases.All;

    /// <summary>The page that gets the figures; null where that follows from the rest.</summary>
    public string? Output { get; private init; }

    /// <summary>Whether the figures are good enough for the documentation.</summary>
    public bool IsWhole => Runs >= EnoughRuns && PairedRuns >= EnoughPairs && Cases.Count == BenchCases.All.Count;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It says something else.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        var options = new Options();
        while (!arguments.IsEmpty)
        {
            (options, var used) = arguments switch
            {
                ["--quick", ..] => (options with { Runs = 1, PairedRuns = 1 }, 1),
                ["--runs", var runs, ..] when int.TryParse(runs, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    && count > 0 => (options with { Runs = count }, 2),
                ["--pairs", var pairs, ..] when int.TryParse(pairs, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    && count > 0 => (options with { PairedRuns = count }, 2),
                ["--cases", var names, ..] =>
                    (options with { Cases = BenchCases.Named(names.Split(',', StringSplitOptions.RemoveEmptyEntries)) }, 2),
                ["--output", var file, ..] => (options with { Output = file }, 2),
                _ => throw new ArgumentException($"'{arguments[0]}' is not understood.\n{Usage}"),
            };
            arguments = arguments[used..];
        }

        return options;
    }
}
