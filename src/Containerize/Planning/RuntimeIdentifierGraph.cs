using System.Text.Json;
using Containerize.Images;

namespace Containerize.Planning;

/// <summary>Which runtime identifiers' assets work on which others (NuGet's <c>runtime.json</c>).</summary>
internal sealed class RuntimeIdentifierGraph
{
    private readonly HashSet<string> _compatible = new(StringComparer.Ordinal);

    private RuntimeIdentifierGraph(string runtimeIdentifier) => _compatible.Add(runtimeIdentifier);

    /// <summary>The identifiers whose assets work on one.</summary>
    /// <param name="graphPath">The SDK's <c>RuntimeIdentifierGraphPath</c>; without it only the identifier itself is known.</param>
    /// <param name="runtimeIdentifier">For example <c>linux-x64</c>.</param>
    public static RuntimeIdentifierGraph For(string? graphPath, string runtimeIdentifier)
    {
        var graph = new RuntimeIdentifierGraph(runtimeIdentifier);
        if (!File.Exists(graphPath))
            return graph;
        using var document = Json.ReadFile(graphPath);
        if (document.RootElement.TryGetProperty("runtimes", out var runtimes))
            graph.AddImports(runtimes, runtimeIdentifier);
        return graph;
    }

    /// <summary>Whether assets for this identifier work; those for none in particular always do.</summary>
    public bool Accepts(string? assetRuntimeIdentifier) =>
        string.IsNullOrEmpty(assetRuntimeIdentifier) || _compatible.Contains(assetRuntimeIdentifier);

    private void AddImports(JsonElement runtimes, string runtimeIdentifier)
    {
        // A recursion would be as deep as the file wants.
        var pending = new Stack<string>([runtimeIdentifier]);
        while (pending.TryPop(out var next))
        {
            if (!runtimes.TryGetProperty(next, out var runtime) || !runtime.TryGetProperty("#import", out var imports))
                continue;
            foreach (var import in imports.EnumerateArray())
            {
                if (import.GetString() is { } name && _compatible.Add(name))
                    pending.Push(name);
            }
        }
    }
}
