using System.Text.Json;
using Containerize.Images;

namespace Containerize.Planning.Needs;

/// <summary>What NuGet has written about a project's references: <c>project.assets.json</c>.</summary>
internal static class AssetsFile
{
    /// <summary>The frameworks that come with the packages and projects which a project refers to.</summary>
    /// <param name="path">The file's full path. Where it is missing or damaged, there are none.</param>
    /// <param name="targetFramework">The framework that the project is built for, as the project names it.</param>
    public static IReadOnlySet<string> FrameworkReferences(string path, string targetFramework)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            if (!File.Exists(path))
                return names;
            using var document = Json.ReadFile(path);
            // A target for each framework, and one more for each runtime identifier: "net10.0", "net10.0/linux-x64".
            var libraries = Members(document.RootElement, "targets")
                .Where(target => target.Name == targetFramework || target.Name.StartsWith(targetFramework + "/", StringComparison.Ordinal))
                .SelectMany(target => target.Value.ValueKind == JsonValueKind.Object ? target.Value.EnumerateObject() : default);
            foreach (var library in libraries)
            {
                if (library.Value.ValueKind == JsonValueKind.Object
                    && library.Value.TryGetProperty("frameworkReferences", out var references)
                    && references.ValueKind == JsonValueKind.Array)
                {
                    names.UnionWith(references.EnumerateArray()
                        .Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            names.Clear(); // Publishing says what is wrong with it.
        }

        return names;
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject()
            : default;
}
