using Containerize.Benchmarks.Measuring;

namespace Containerize.Benchmarks.Cases;

/// <summary>What came of one case with one competitor.</summary>
/// <param name="Case">The case.</param>
/// <param name="Competitor">The competitor's name.</param>
/// <param name="Runs">The measured runs.</param>
/// <param name="Traffic">What went over the network in a run of its own.</param>
public sealed record CaseResult(BenchCase Case, string Competitor, IReadOnlyList<Run> Runs, Traffic Traffic);
