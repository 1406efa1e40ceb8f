namespace Containerize.Planning;

/// <summary>Where an annotation stands; both where both are named.</summary>
[Flags]
public enum AnnotationScope
{
    /// <summary>In no document.</summary>
    None = 0,

    /// <summary>In each platform's manifest.</summary>
    Manifest = 1,

    /// <summary>In the index of an image for several platforms.</summary>
    Index = 2,
}

/// <summary>An annotation (image-spec, annotations.md).</summary>
/// <param name="Name">Its name, unique.</param>
/// <param name="Value">Its value; may be empty.</param>
/// <param name="Scope">Where it stands.</param>
internal sealed record Annotation(string Name, string Value, AnnotationScope Scope = AnnotationScope.Manifest)
{
    /// <summary>
    /// Reads what <c>Scope</c> says: <c>Manifest</c>, <c>Index</c>, or both with <c>,</c> or <c>;</c> between them; the manifest where it
    /// says nothing.
    /// </summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1032).</exception>
    public static AnnotationScope ParseScope(string? text, string name)
    {
        var scope = AnnotationScope.None;
        foreach (var part in (text ?? "").Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            scope |= part.ToUpperInvariant() switch
            {
                "MANIFEST" => AnnotationScope.Manifest,
                "INDEX" => AnnotationScope.Index,
                _ => throw new ContainerizeException(
                    ErrorCodes.AnnotationInvalid,
                    $"The ContainerAnnotation '{name}' has the scope '{text}'. Set it to 'Manifest', 'Index' or 'Manifest,Index', or "
                        + "remove it."),
            };
        }

        return scope == AnnotationScope.None ? AnnotationScope.Manifest : scope;
    }
}
