using Containerize.Checks;
using Containerize.Images;

namespace Containerize.Building;

/// <summary>
/// The label that says what a check of the image has found, and for which inputs: so a machine that does not have the base's files need not
/// fetch them to find the same. Every program that may push to the tag may write it, so it counts for warnings alone.
/// </summary>
/// <remarks>The form: <c>1 HASH</c>, and for each finding <c> CODE=SUMMARY</c>, percent-encoded (RFC 3986).</remarks>
internal static class FitLabel
{
    /// <summary>Its name (image-spec, annotations.md, "Rules": a reverse domain).</summary>
    public const string Name = "io.github.containerize.fit";

    private const string Form = "1";

    // Hexadecimal digits of the inputs' hash: 128 bits.
    private const int HashLength = 32;

    // Characters. Each pull of the image carries them.
    private const int MaxLength = 1000;

    /// <summary>The label's value; null where what was found is too much for it.</summary>
    public static string? Write(Digest inputs, IReadOnlyList<Finding> findings)
    {
        var value = string.Join(
            ' ',
            [Form, Hash(inputs), .. findings.Select(finding => $"{finding.Code}={Uri.EscapeDataString(finding.Summary)}")]);
        return value.Length <= MaxLength ? value : null;
    }

    /// <summary>What the label says was found; null where it is none of these inputs, or none at all.</summary>
    /// <param name="value">The label's value, from any source.</param>
    /// <param name="inputs">The inputs now.</param>
    /// <param name="baseImage">The base's name, for messages.</param>
    public static IReadOnlyList<Finding>? Read(string? value, Digest inputs, string baseImage)
    {
        if (value is null || value.Length > MaxLength || value.Split(' ') is not [Form, var hash, .. var found] || hash != Hash(inputs))
            return null;
        var findings = new List<Finding>();
        foreach (var finding in found)
        {
            if (finding.Split('=', 2) is not [var code, var summary] || !ErrorCodes.OfChecks.Contains(code))
                return null;
            findings.Add(Repeated(code, Uri.UnescapeDataString(summary), baseImage));
        }

        return findings;
    }

    private static Finding Repeated(string code, string summary, string baseImage) => new(
        code,
        summary,
        $"The application does not fit the base image '{baseImage}', as an earlier publish found: {summary.TrimEnd('.')}. "
        + "Nothing that is checked has changed since. For what to do, see the error's page, or publish with ContainerChecks=Error.");

    private static string Hash(Digest inputs) => inputs.Hex[..HashLength];
}
