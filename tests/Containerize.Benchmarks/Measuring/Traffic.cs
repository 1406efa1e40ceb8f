namespace Containerize.Benchmarks.Measuring;

/// <summary>What went over the network.</summary>
/// <param name="Requests">The requests, whatever came of them.</param>
/// <param name="Up">The bytes of their bodies.</param>
/// <param name="Down">The bytes of the answers' bodies.</param>
public sealed record Traffic(long Requests, long Up, long Down)
{
    /// <summary>The traffic of two together.</summary>
    public static Traffic operator +(Traffic one, Traffic other) =>
        new(one.Requests + other.Requests, one.Up + other.Up, one.Down + other.Down);
}
