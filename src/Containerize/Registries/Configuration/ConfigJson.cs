using System.Text;
using System.Text.Json;
using Containerize.Images;

namespace Containerize.Registries.Configuration;

/// <summary>Reads Docker's and podman's JSON files: config.json, auth.json, daemon.json.</summary>
internal static class ConfigJson
{
    /// <summary>The object that a file holds.</summary>
    /// <exception cref="FormatException">It is none. The message says where, and holds nothing of the content.</exception>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> content)
    {
        // Editors on Windows write a byte order mark.
        if (content.Span.StartsWith(Encoding.UTF8.Preamble))
            content = content[Encoding.UTF8.Preamble.Length..];
        try
        {
            // Docker accepts what our own documents must not have: a name twice.
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("it is not a JSON object");
            return Json.IsUnicode(document.RootElement, content.Span)
                ? document.RootElement.Clone()
                : throw new FormatException("it holds text that is not Unicode");
        }
        catch (JsonException e)
        {
            // The exception's own text may quote the content.
            throw new FormatException($"it is not valid JSON (line {e.LineNumber + 1})");
        }
    }
}
