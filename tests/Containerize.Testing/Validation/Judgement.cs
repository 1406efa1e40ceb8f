namespace Containerize.Testing.Validation;

/// <summary>What every rule may ask for.</summary>
internal sealed record Judgement(ImageUnderTest Image, ImageValidationOptions Options);
