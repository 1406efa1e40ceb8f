using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Containerize.Images;

/// <summary>How the documents of this project are read and written: strictly, compactly, and always alike.</summary>
internal static class Json
{
    /// <summary>
    /// Relaxed escaping: the default encoder would turn the <c>+</c> of every media type into <c>\u002B</c>, legal but
    /// unreadable, and not what any other tool writes.
    /// </summary>
    public static JsonWriterOptions Writer { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>I-JSON: no name twice, and no depth that only an attacker needs.</summary>
    public static JsonDocumentOptions Reader { get; } = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Reads a document whose root must be an object; throws <see cref="FormatException"/> otherwise.</summary>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> content) => Parse(content, JsonValueKind.Object, "object");

    /// <summary>Reads a document whose root must be an array; throws <see cref="FormatException"/> otherwise.</summary>
    public static JsonElement ParseArray(ReadOnlyMemory<byte> content) => Parse(content, JsonValueKind.Array, "array");

    private static JsonElement Parse(ReadOnlyMemory<byte> content, JsonValueKind kind, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Reader);
            if (document.RootElement.ValueKind != kind)
                throw new FormatException($"The document is not a JSON {what}.");
            return IsUnicode(document.RootElement, content.Span)
                ? document.RootElement.Clone()
                : throw new FormatException("The document holds text that is not Unicode.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The exception's own text may quote the document, which may be a token.
            throw new FormatException($"The document is not valid JSON{(e is JsonException { LineNumber: { } line } ? $" (line {line + 1})" : "")}.");
        }
    }

    /// <summary>
    /// Whether all names and texts are Unicode. The parser lets others through (bytes that are no UTF-8, halves of surrogate pairs), I-JSON
    /// does not, and reading or writing them would fail later.
    /// </summary>
    public static bool IsUnicode(JsonElement root, ReadOnlySpan<byte> content)
    {
        if (!Utf8.IsValid(content))
            return false;
        try
        {
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            root.WriteTo(nowhere);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public static string? OptionalString(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static string RequiredString(this JsonElement element, string name) =>
        element.OptionalString(name) ?? throw new FormatException($"The document has no text '{name}'.");

    /// <summary>The elements of an array; none where it is absent or null.</summary>
    public static IEnumerable<JsonElement> OptionalArray(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static JsonElement RequiredObject(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
            : throw new FormatException($"The document has no object '{name}'.");

    public static IEnumerable<JsonElement> RequiredArray(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw new FormatException($"The document has no array '{name}'.");

    /// <summary>The bytes of a document that is written by hand, property by property.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Writer))
            write(writer);
        return stream.ToArray();
    }
}
