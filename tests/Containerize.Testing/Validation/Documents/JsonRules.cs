using System.Text;
using System.Text.Json;

namespace Containerize.Testing.Validation.Documents;

/// <summary>
/// I-JSON (RFC 7493): UTF-8 without a byte order mark, no name twice in one object, no integer that a double cannot hold.
/// image-spec's documents pass through parsers of many languages, which differ in just these cases.
/// </summary>
internal static class JsonRules
{
    private const double LargestInteger = (1L << 53) - 1;

    /// <summary>The document's root, or null when it is none.</summary>
    public static JsonElement? Parse(byte[] content, ProblemList problems)
    {
        var json = content.AsMemory();
        if (json.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            problems.Add("begins with a byte order mark.");
            json = json[Encoding.UTF8.Preamble.Length..];
        }
        try
        {
            var root = JsonElement.Parse(json.Span);
            CheckNames(json.Span, problems);
            CheckValues(root, problems);
            return root;
        }
        catch (JsonException exception)
        {
            problems.Add($"is not JSON: {exception.Message}");
            return null;
        }
    }

    private static void CheckNames(ReadOnlySpan<byte> json, ProblemList problems)
    {
        try
        {
            _ = JsonElement.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            problems.Add($"has a name twice in one object: {exception.Message}");
        }
    }

    private static void CheckValues(JsonElement element, ProblemList problems)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    CheckValues(property.Value, problems.At(property.Name));
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    CheckValues(item, problems);
                break;
            case JsonValueKind.Number when Math.Abs(element.GetDouble()) > LargestInteger:
                problems.Add($"{element.GetRawText()} is too large a number for a double to hold exactly.");
                break;
            case JsonValueKind.String when !IsText(element):
                problems.Add("a string is not valid Unicode.");
                break;
        }
    }

    private static bool IsText(JsonElement element)
    {
        try
        {
            _ = element.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
