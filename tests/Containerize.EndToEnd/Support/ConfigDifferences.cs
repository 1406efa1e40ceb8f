using System.Text.Json.Nodes;
using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>Where a config of the .NET SDK's containers and one of Containerize differ, and where the docs say that they may.</summary>
public static class ConfigDifferences
{
    private const string Page = "docs/coming-from-sdk-containers.md";

    /// <summary>The paths of all members that differ, sorted.</summary>
    public static IReadOnlySet<string> Find(JsonNode theirs, JsonNode ours)
    {
        var differing = new SortedSet<string>(StringComparer.Ordinal);
        Compare(theirs, ours, "", differing);
        return differing;
    }

    /// <summary>The first column of the table of fields that always differ.</summary>
    public static IReadOnlySet<string> Documented() => File.ReadLines(Repository.PathOf(Page))
        .SkipWhile(line => line != "## Config fields that differ").Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('`')[1])
        .ToHashSet(StringComparer.Ordinal);

    private static void Compare(JsonNode? theirs, JsonNode? ours, string path, SortedSet<string> differing)
    {
        if (theirs is JsonObject a && ours is JsonObject b)
        {
            foreach (var name in a.Select(member => member.Key).Union(b.Select(member => member.Key)))
                Compare(
                    a[name],
                    b[name],
                    path.Length == 0 ? name : name.Contains('.', StringComparison.Ordinal) ? $"{path}[\"{name}\"]" : $"{path}.{name}",
                    differing);
        }
        else if (!JsonNode.DeepEquals(theirs, ours))
        {
            differing.Add(path);
        }
    }
}
