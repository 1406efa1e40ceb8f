using System.Text.Json.Nodes;

namespace Containerize.Tasks.Tests;

/// <summary>Reads the plan that a build left.</summary>
internal static class Plans
{
    /// <summary>The one plan below a project's obj.</summary>
    public static JsonObject Read(string projectDirectory) =>
        JsonNode.Parse(
            File.ReadAllText(
                Directory.EnumerateFiles(Path.Combine(projectDirectory, "obj"), "plan.json", SearchOption.AllDirectories)
                    .Single()))!.AsObject();
}
