using System.Text.Json;

namespace Containerize.Benchmarks.Measuring;

/// <summary>What <see cref="StepLogger"/> leaves of a publish.</summary>
/// <param name="Milliseconds">The time of the container step alone.</param>
/// <param name="PeakBytes">The largest resident set while a target of the step ran; null where the system does not tell.</param>
/// <param name="GrowthBytes">How far it went above what the process had when the target began.</param>
/// <param name="Targets">The time of each target in milliseconds.</param>
public sealed record StepFigures(double Milliseconds, long? PeakBytes, long? GrowthBytes, IReadOnlyDictionary<string, double> Targets)
{
    /// <summary>The argument that attaches the logger to a build.</summary>
    /// <param name="output">The file that it writes.</param>
    /// <param name="folder">The folder of the step's targets.</param>
    /// <remarks>By its name: MSBuild's assemblies, which the type needs, are there only where MSBuild runs.</remarks>
    public static string LoggerArgument(string output, string folder) =>
        $"-logger:{typeof(StepFigures).Namespace}.{nameof(StepLogger)},{typeof(StepFigures).Assembly.Location};{output};{folder}";

    /// <summary>Reads what the logger wrote.</summary>
    public static StepFigures Read(string path) =>
        JsonSerializer.Deserialize<StepFigures>(File.ReadAllText(path)) ?? throw new InvalidDataException($"'{path}' is empty.");

    /// <summary>Writes them for <see cref="Read"/>.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this));
}
