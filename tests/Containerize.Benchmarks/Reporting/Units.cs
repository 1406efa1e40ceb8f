namespace Containerize.Benchmarks.Reporting;

/// <summary>Figures as readers like them.</summary>
internal static class Units
{
    /// <summary>A time.</summary>
    public static string Seconds(double seconds) => seconds < 1
        ? FormattableString.Invariant($"{seconds * 1000:0} ms")
        : FormattableString.Invariant($"{seconds:0.00} s");

    /// <summary>Times: the median, and the smallest and the largest where there are several.</summary>
    public static string Seconds(Spread spread) => spread.Minimum < spread.Maximum
        ? $"{Seconds(spread.Median)} ({Seconds(spread.Minimum)}–{Seconds(spread.Maximum)})"
        : Seconds(spread.Median);

    /// <summary>A number of bytes.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        0 => "0",
        < 1e3 => FormattableString.Invariant($"{bytes:0} B"),
        < 1e6 => FormattableString.Invariant($"{bytes / 1e3:0.0} kB"),
        < 1e9 => FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:0.00} GB"),
    };

    /// <summary>How many times as much.</summary>
    public static string Times(double ratio) => FormattableString.Invariant($"{ratio:0.0}×");

    /// <summary>Whether something is as it should be.</summary>
    public static string Judgement(bool isMet) => isMet ? "yes" : "**no**";
}
