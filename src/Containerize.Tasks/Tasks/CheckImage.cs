using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Plan and image → what will not work in it. Nothing has been published yet.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckImage : ImageTask
{
    /// <summary>Whether the image is one of several for different platforms, so that messages have to say which.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        if (plan.Checks == CheckSeverity.None)
            return;
        var session = OpenSession(plan.Registries);
        var layers = LayersIn(session);
        var baseImage = await Folder.ReadBaseAsync(plan, layers, cancellationToken).ConfigureAwait(false);
        var key = RecordedFindings.KeyOf(
            plan, await File.ReadAllBytesAsync(PlanPath, cancellationToken).ConfigureAwait(false), baseImage.Manifest.Document.Descriptor.Digest, Clock.GetUtcNow());
        var findings = key is { } recorded ? await Folder.Findings.FindAsync(recorded, cancellationToken).ConfigureAwait(false) : null;
        if (findings is null)
        {
            var image = await Folder.ReadImageAsync(plan, layers, cancellationToken).ConfigureAwait(false);
            var isWhole = false;
            await WithinAsync(
                plan.Registries,
                async token => (findings, isWhole) = await FindAsync(session, plan, baseImage, image, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            if (isWhole && key is { } looked)
                await Folder.Findings.WriteAsync(looked, findings!, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Trace("Nothing has changed that the checks look at: what they found then counts.");
        }

        foreach (var finding in findings ?? [])
        {
            var message = IsOneOfSeveral ? $"{plan.RuntimeIdentifier}: {finding.Message}" : finding.Message;
            if (plan.Checks == CheckSeverity.Error)
                Error(finding.Code, message);
            else
                Warn(finding.Code, message);
        }
    }

    private bool AreErrors => BuildEngine is IBuildEngine8 engine && ErrorCodes.OfChecks.Any(engine.ShouldTreatWarningAsError);

    // What was found, and whether it is the answer to all questions.
    private async Task<(IReadOnlyList<Finding> Findings, bool IsWhole)> FindAsync(BuildSession session, ImagePlan plan, IImage baseImage, IImage image, CancellationToken cancellationToken)
    {
        // On a machine that has never seen the base, all of its layers would have to be read, to warn of what is in use already.
        var digest = image.Manifest.Document.Descriptor.Digest;
        if (plan.Checks == CheckSeverity.Warn && !AreErrors && !OpenContents().AreKnown(baseImage) && await session.Previous.IsThereAsync(plan, digest, cancellationToken).ConfigureAwait(false))
        {
            Inform($"Whether the application fits the base image was not looked at again: the image {digest} is where it is to go already.");
            return ([], false);
        }

        try
        {
            return (FitCheck.Run(plan, image.Config, await ReadBaseFilesAsync(plan, baseImage, cancellationToken).ConfigureAwait(false)), true);
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException)
        {
            var unknown = new Finding(
                ErrorCodes.BaseNotChecked,
                $"Whether the application fits the base image '{plan.BaseImage}' could not be checked, because its files could not be read: {e.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'.");
            return ([unknown], false);
        }
    }
}
