namespace Containerize.Testing.Validation;

/// <summary>A judgement.</summary>
/// <param name="Problems">One sentence for each thing that is wrong, with where it is.</param>
public sealed record ImageValidationResult(IReadOnlyList<string> Problems)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsValid => Problems.Count == 0;

    /// <inheritdoc/>
    public override string ToString() => IsValid ? "valid" : string.Join(Environment.NewLine, Problems);
}
