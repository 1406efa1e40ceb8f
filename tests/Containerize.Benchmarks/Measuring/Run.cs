namespace Containerize.Benchmarks.Measuring;

/// <summary>The figures of one run.</summary>
/// <param name="Step">The seconds of the container step alone.</param>
/// <param name="Whole">The seconds of the whole command.</param>
/// <param name="Cpu">The seconds that processors worked for it, without servers and daemons; null where the system does not tell.</param>
/// <param name="PeakBytes">The largest resident set of the process during the step; null where it was not measured.</param>
/// <param name="GrowthBytes">How much of that came with the step; null where it was not measured.</param>
/// <param name="Targets">The milliseconds of each target of the step; empty where there are none.</param>
public sealed record Run(
    double Step, double Whole, double? Cpu, long? PeakBytes, long? GrowthBytes, IReadOnlyDictionary<string, double> Targets);
