using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Planning;

namespace Containerize.Building;

/// <summary>Where the answer to a check comes from.</summary>
public enum FitSource
{
    /// <summary>The base's files were looked at.</summary>
    Files,

    /// <summary>A record of this machine: nothing has changed that is looked at.</summary>
    Record,

    /// <summary>The label of the image at the destination: it was made from the same inputs.</summary>
    Label,

    /// <summary>There is none: the base's files would have to be fetched for warnings that no label could keep.</summary>
    None,
}

/// <summary>What a check has found.</summary>
/// <param name="Findings">What does not fit.</param>
/// <param name="Label">The value of <see cref="FitLabel"/>; null for none.</param>
/// <param name="Source">Where that comes from.</param>
internal sealed record FitResult(IReadOnlyList<Finding> Findings, string? Label, FitSource Source);

/// <summary>
/// Finds out whether an application fits its base, in the cheapest way that is allowed, and records it for the next build.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="planId">Another one for each plan: the name that the steps give its file.</param>
/// <param name="baseImage">The base.</param>
/// <param name="record">What earlier checks on this machine have found.</param>
/// <param name="now">The time: files that were written just now are told by their content.</param>
internal sealed class FitCheckRun(ImagePlan plan, string planId, Image baseImage, RecordedFindings record, DateTimeOffset now)
{
    /// <summary>Whether findings are mere warnings, for which a label of the image at the destination is believed.</summary>
    public bool IsForWarnings { get; init; }

    /// <summary>Whether the base's files can be had without fetching a layer.</summary>
    public bool BaseIsKnown { get; init; }

    /// <summary>Does it.</summary>
    /// <param name="config">The image's config.</param>
    /// <param name="readBase">Reads the base's files.</param>
    /// <param name="readLabel">Reads the label of the image at the destination; null where there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<FitResult> RunAsync(
        ImageConfig config, Func<Task<ImageTree>> readBase, Func<Task<string?>> readLabel, CancellationToken cancellationToken)
    {
        var baseDigest = baseImage.Manifest.Document.Descriptor.Digest;
        var key = RecordedFindings.KeyOf(plan, planId, baseDigest, now);
        if (key is { } known && await record.FindAsync(known, cancellationToken).ConfigureAwait(false) is { } recorded)
            return recorded;
        var inputs = plan.Config.LabelFit ? FitInputs.Of(plan, config, baseDigest) : null;
        var result = await FromLabelAsync(inputs, readLabel).ConfigureAwait(false);
        if (result is null && IsForWarnings && !BaseIsKnown && !plan.Config.LabelFit)
            return new FitResult([], null, FitSource.None);
        try
        {
            if (result is null)
            {
                var findings = FitCheck.Run(plan, config, await readBase().ConfigureAwait(false));
                result = new FitResult(findings, inputs is { } looked ? FitLabel.Write(looked, findings) : null, FitSource.Files);
            }
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new FitResult([NotChecked(e)], null, FitSource.Files);
        }

        if (key is { } checkedNow)
            await record.WriteAsync(checkedNow, result, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task<FitResult?> FromLabelAsync(Digest? inputs, Func<Task<string?>> readLabel)
    {
        if (!IsForWarnings || BaseIsKnown || inputs is not { } known)
            return null;
        var label = await readLabel().ConfigureAwait(false);
        return FitLabel.Read(label, known, plan.BaseImage.ToString()) is { } findings
            ? new FitResult(findings, label, FitSource.Label)
            : null;
    }

    private Finding NotChecked(Exception cause) => new(
        ErrorCodes.BaseNotChecked,
        "the base's files could not be read",
        $"Whether the application fits the base image '{plan.BaseImage}' could not be checked, because its files could not be read: "
        + $"{cause.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'.");
}
