namespace Containerize.Benchmarks.Reporting;

/// <summary>The middle of some figures, and how far they lie apart.</summary>
/// <param name="Median">The median.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
public readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    /// <summary>Of these figures, at least one.</summary>
    public static Spread Of(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
