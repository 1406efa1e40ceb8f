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
    public static JsonDocumentOptions Reader { get; } = new() { AllowDuplicateProperties = false, MaxDepth = Limits.DocumentDepth };

    /// <summary>Reads a document whose root must be an object; throws <see cref="FormatException"/> otherwise.</summary>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> content) => Parse(content, JsonValueKind.Object, "object");

    /// <summary>Reads a document whose root must be an array; throws <see cref="FormatException"/> otherwise.</summary>
    public static JsonElement ParseArray(ReadOnlyMemory<byte> content) => Parse(content, JsonValueKind.Array, "array");

    /// <summary>
    /// Reads a document of the build's own, such as NuGet's; throws <see cref="JsonException"/> where it is none, or larger than any is
    /// (<see cref="Limits.BuildDocumentBytes"/>).
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static JsonDocument ReadFile(string path, JsonDocumentOptions options = default) =>
        JsonDocument.Parse(
            ForeignFile.Read(path, Limits.BuildDocumentBytes)
                ?? throw new JsonException($"'{path}' has more than {Limits.BuildDocumentBytes} bytes."),
            options);

    private static JsonElement Parse(ReadOnlyMemory<byte> content, JsonValueKind kind, string what)
    {
        try
        {
            if (HasTooMany(content.Span))
                throw new FormatException($"The document has more than {Limits.DocumentTokens} names and values.");
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
            throw new FormatException(
                $"The document is not valid JSON{(e is JsonException { LineNumber: { } line } ? $" (line {line + 1})" : "")}.");
        }
    }

    // Before anything is kept of it. What is no JSON is found out afterwards.
    private static bool HasTooMany(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = Limits.DocumentDepth });
        var tokens = 0;
        while (tokens <= Limits.DocumentTokens && reader.Read())
            tokens++;
        return tokens > Limits.DocumentTokens;
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

    /// <summary>
    /// The elements, where there are no more than an image can sensibly have; throws <see cref="FormatException"/> otherwise.
    /// </summary>
    public static IReadOnlyList<T> AtMost<T>(this IEnumerable<T> elements, int most, string what)
    {
        var list = elements.Take(most + 1).ToList();
        return list.Count <= most ? list : throw new FormatException($"The document lists more than {most} {what}.");
    }

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
