namespace Containerize.Testing.Validation;

/// <summary>What a judge of images has to know to be strict in the right places.</summary>
public sealed record ImageValidationOptions
{
    /// <summary>
    /// How many of the topmost layers are Containerize's own. The rules of the house (numeric owners, gzip without a time, nothing
    /// hidden …) are for these only; a base may be as its maker left it. Null: all layers are.
    /// </summary>
    public int? OwnLayers { get; init; }

    /// <summary>
    /// Which directories our layers may have entries for, by their path without a slash at the end. An entry that repeats mode and
    /// owner of the same directory below is always allowed. Null: any.
    /// </summary>
    public Func<string, bool>? AllowedDirectory { get; init; }

    /// <summary>Whether manifest and index have to name their own mediaType. The OCI documents may go without; ECR refuses that.</summary>
    public bool RequireMediaType { get; init; } = true;

    /// <summary>Reads zstd. Without it only size and digest of a zstd layer are checked.</summary>
    public Func<Stream, Stream>? ZstdDecoder { get; init; }
}
