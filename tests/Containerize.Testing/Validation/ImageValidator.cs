using Containerize.Testing.Validation.Documents;
using Xunit;

namespace Containerize.Testing.Validation;

/// <summary>
/// Judges an image by image-spec 1.1.1 (or Docker schema 2), by what Docker, Podman and containerd turned out to refuse or to
/// break, and by the rules that Containerize sets itself. It shares no code with what makes the images.
/// </summary>
public static class ImageValidator
{
    /// <summary>Judges an image.</summary>
    public static async Task<ImageValidationResult> ValidateAsync(
        ImageUnderTest image, ImageValidationOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ImageValidationOptions();
        var problems = new ProblemList();
        problems.AddRange(image.SourceProblems);
        var judgement = new Judgement(image, options);
        if (MediaTypes.IsIndex(image.MediaType))
            await IndexRules.CheckAsync(judgement, image.Root, image.MediaType, problems.At("index"), cancellationToken);
        else if (MediaTypes.IsManifest(image.MediaType))
            await ManifestRules.CheckAsync(
                judgement, image.Root, image.MediaType, platform: null, problems.At("manifest"), cancellationToken);
        else
            problems.Add($"'{image.MediaType}' is the type of neither a manifest nor an index.");
        return new ImageValidationResult(problems.Sentences);
    }

    /// <summary>Fails the test with everything that is wrong with an image.</summary>
    public static async Task AssertValidAsync(
        ImageUnderTest image, ImageValidationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var result = await ValidateAsync(image, options, cancellationToken);
        if (!result.IsValid)
            Assert.Fail(
                $"The image has {result.Problems.Count} problem(s):{Environment.NewLine}- "
                    + $"{string.Join(Environment.NewLine + "- ", result.Problems)}");
    }
}
