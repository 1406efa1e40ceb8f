using System.Collections.Concurrent;
using System.Text;
using NJsonSchema;

namespace Containerize.Testing.Validation;

/// <summary>The JSON schemas of image-spec v1.1.1, which lie in <c>testassets/image-spec-v1.1.1</c>.</summary>
internal static class OciSchemas
{
    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Loaded = new(StringComparer.Ordinal);

    /// <summary>What a document of a kind violates.</summary>
    /// <param name="schema">The schema's file, such as <c>image-manifest-schema.json</c>.</param>
    /// <param name="document">The document.</param>
    public static async Task<IReadOnlyList<string>> ValidateAsync(string schema, byte[] document)
    {
        var loaded = await Loaded.GetOrAdd(
            schema, name => JsonSchema.FromFileAsync(Repository.PathOf("testassets", "image-spec-v1.1.1", name)));
        return [.. loaded.Validate(
            Encoding.UTF8.GetString(document).TrimStart('\ufeff')).Select(error =>
                $"{error.Path} does not follow {schema}: {error.Kind}.")];
    }
}
