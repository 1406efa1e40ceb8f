namespace Containerize.Benchmarks.Cases;

/// <summary>What is wanted of a case.</summary>
/// <param name="Ratio">How many times as long the .NET SDK's step takes, at least.</param>
/// <param name="Up">The bytes that may be sent; null where that is not limited.</param>
/// <param name="Requests">The requests that may be made; null where that is not limited.</param>
public sealed record Target(double Ratio, long? Up = null, int? Requests = null)
{
    /// <summary>The bytes that may be received; null where that is not limited.</summary>
    public long? Down { get; init; }

    /// <summary>The seconds that the whole command may take more than without an image; null where that is not compared.</summary>
    public double? Whole { get; init; }
}
