using System.Text.Json;
using Containerize.Checks;
using Containerize.Images;

namespace Containerize.Planning.Needs;

/// <summary>What an application's <c>runtimeconfig.json</c> says of it (dotnet/sdk, runtime-configuration-file.md).</summary>
internal sealed record RuntimeConfig
{
    /// <summary>The shared frameworks that it asks for, or brings.</summary>
    public IReadOnlyList<SharedFramework> Frameworks { get; init; } = [];

    /// <summary>Whether it brings them.</summary>
    public bool IncludesFrameworks { get; init; }

    /// <summary>The settings of the runtime, as text.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>A switch; null where it is not set.</summary>
    public bool? Switch(string name) => Properties.GetValueOrDefault(name) is { } text && bool.TryParse(text, out var value) ? value : null;

    /// <summary>Reads a file; null where there is none, or what it holds is something else.</summary>
    public static RuntimeConfig? Read(string path)
    {
        try
        {
            using var document = Json.ReadFile(
                path, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && Member(root, "runtimeOptions", JsonValueKind.Object) is { } options ? Read(options) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static RuntimeConfig Read(JsonElement options)
    {
        var rollForward = Text(options, "rollForward");
        var included = Array(options, "includedFrameworks");
        var asked = Array(options, "frameworks");
        if (Member(options, "framework", JsonValueKind.Object) is { } one)
            asked.Add(one);
        return new RuntimeConfig
        {
            Frameworks = [.. (included.Count > 0 ? included : asked).Where(framework => framework.ValueKind == JsonValueKind.Object)
                .Select(
                    framework =>
                        new SharedFramework(
                            Text(framework, "name") ?? "", Text(framework, "version") ?? "", Text(framework, "rollForward") ?? rollForward))
                .Where(framework => framework.Name.Length > 0)],
            IncludesFrameworks = included.Count > 0,
            Properties = Member(options, "configProperties", JsonValueKind.Object) is { } properties
                ? PropertiesOf(properties)
                : new Dictionary<string, string>(),
        };
    }

    private static JsonElement? Member(JsonElement parent, string name, JsonValueKind kind) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    private static string? Text(JsonElement parent, string name) => Member(parent, name, JsonValueKind.String)?.GetString();

    private static List<JsonElement> Array(JsonElement parent, string name) =>
        Member(parent, name, JsonValueKind.Array) is { } array ? [.. array.EnumerateArray()] : [];

    // The first of a name counts.
    private static Dictionary<string, string> PropertiesOf(JsonElement properties)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in properties.EnumerateObject())
            values.TryAdd(property.Name, property.Value.ToString());
        return values;
    }
}
