using System.Collections.Concurrent;
using System.Text;
using NJsonSchema;

namespace Containerize.Testing.Validation;

/// <summary>
/// The JSON schemas of image-spec v1.1.1. They are another project's files and lie beside the repository, not in it; where they
/// are absent the judge goes by its own rules alone.
/// </summary>
public sealed class OciSchemas
{
    /// <summary>Where, seen from a folder above the tests, the schemas are looked for.</summary>
    public const string RelativeDirectory = "shared/reference/schema/v1.1.1";

    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Loaded = new(StringComparer.Ordinal);
    private readonly string? _directory;

    internal OciSchemas(string? directory) => _directory = directory;

    /// <summary>Whether there are schemas to check with.</summary>
    public bool Found => _directory is not null;

    /// <summary>The folder of the schemas: <see cref="RelativeDirectory"/> of the nearest folder above the running tests that has it; else null.</summary>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, RelativeDirectory);
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>What a document of a kind violates; nothing when there are no schemas.</summary>
    /// <param name="schema">The schema's file, such as <c>image-manifest-schema.json</c>.</param>
    /// <param name="document">The document.</param>
    internal async Task<IReadOnlyList<string>> ValidateAsync(string schema, byte[] document)
    {
        if (_directory is null)
            return [];
        var loaded = await Loaded.GetOrAdd(Path.Combine(_directory, schema), path => JsonSchema.FromFileAsync(path));
        return [.. loaded.Validate(Encoding.UTF8.GetString(document).TrimStart('\ufeff')).Select(error => $"{error.Path} does not follow {schema}: {error.Kind}.")];
    }
}
