using System.Text.Json;
using System.Text.Json.Serialization;
using Containerize.Benchmarks.Cases;

namespace Containerize.Benchmarks.Reporting;

/// <summary>All figures as JSON.</summary>
public static class RawResults
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes them.</summary>
    public static void Write(string path, Setting setting, IReadOnlyList<CaseResult> results)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(new { setting, results }, Json));
    }
}
