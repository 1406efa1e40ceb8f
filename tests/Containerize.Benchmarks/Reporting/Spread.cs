namespace Containerize.Benchmarks.Reporting;

/// <summary>The middle of some figures, and how far they lie apart.</summary>
/// <param name="Median">The median.</param>
/// <param name="Minimum">The smallest.</param>
/// <param name="Maximum">The largest.</param>
public readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    /// <summary>The quarter of the figures that is smallest ends here.</summary>
    public double LowerQuartile { get; private init; }

    /// <summary>The quarter of the figures that is largest begins here.</summary>
    public double UpperQuartile { get; private init; }

    /// <summary>Of these figures, at least one.</summary>
    public static Spread Of(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]) { LowerQuartile = At(0.25), UpperQuartile = At(0.75) };

        // Between two figures, as far as the place lies between theirs.
        double At(double part)
        {
            var place = part * (sorted.Count - 1);
            var below = (int)place;
            return below + 1 < sorted.Count ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
        }
    }
}
