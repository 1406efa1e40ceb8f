using System.Text.Json;

namespace Containerize.Testing.Validation.Documents;

/// <summary>Reads properties whose absence or wrong type is a problem, not an exception.</summary>
internal static class JsonFields
{
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static string? Text(this JsonElement element, string name, ProblemList problems, bool required = false) =>
        Typed(element, name, JsonValueKind.String, "a string", problems, required)?.GetString();

    public static JsonElement? Object(this JsonElement element, string name, ProblemList problems, bool required = false) =>
        Typed(element, name, JsonValueKind.Object, "an object", problems, required);

    public static IReadOnlyList<JsonElement>? Array(this JsonElement element, string name, ProblemList problems, bool required = false) =>
        Typed(element, name, JsonValueKind.Array, "an array", problems, required) is { } array ? [.. array.EnumerateArray()] : null;

    public static long? Integer(this JsonElement element, string name, ProblemList problems)
    {
        if (Typed(element, name, JsonValueKind.Number, "a number", problems, required: true) is not { } number)
            return null;
        if (number.TryGetInt64(out var value))
            return value;
        problems.Add($"{name} is not an integer.");
        return null;
    }

    /// <summary>The strings of an array; items that are none are problems.</summary>
    public static IReadOnlyList<string>? Texts(this JsonElement element, string name, ProblemList problems, bool required = false)
    {
        if (element.Array(name, problems, required) is not { } items)
            return null;
        if (items.Any(item => item.ValueKind != JsonValueKind.String))
            problems.Add($"{name} holds something that is not a string.");
        return [.. items.Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString() ?? "")];
    }

    private static JsonElement? Typed(
        JsonElement element, string name, JsonValueKind kind, string kindName, ProblemList problems, bool required)
    {
        if (element.Field(name) is not { } value)
        {
            if (required)
                problems.Add($"has no {name}.");
            return null;
        }
        if (value.ValueKind == kind)
            return value;
        problems.Add($"{name} is not {kindName}.");
        return null;
    }
}
