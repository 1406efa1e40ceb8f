using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// Plan and image → what will not work in it. Nothing has been published yet, but where that is known once the base's layers have gone by, on their way
/// from one registry to another, and only warnings depend on it.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CheckImage : ImageTask
{
    /// <summary>Whether the image is one of several for different platforms, so that messages have to say which.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <summary>Whether the image has been published: then what had to wait for that is looked at.</summary>
    public bool IsPublished { get; set; }

    /// <summary>Whether it has to be looked at when the image has been published.</summary>
    [Output]
    public bool Waits { get; set; }

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
            try
            {
                await WithinAsync(
                    plan.Registries,
                    async token => (findings, isWhole) = await FindAsync(session, plan, baseImage, image, token).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (ContainerizeException e) when (IsPublished)
            {
                findings = [NotChecked(plan, e)]; // It took too long, which is no failure of a build that has done its work.
            }

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
        if (!IsPublished && plan.Checks == CheckSeverity.Warn && !AreErrors && !OpenContents().AreKnown(baseImage))
        {
            // On a machine that has never seen the base, all of its layers would have to be read, to warn of what is in use already.
            var digest = image.Manifest.Document.Descriptor.Digest;
            if (await session.Previous.IsThereAsync(plan, digest, cancellationToken).ConfigureAwait(false))
            {
                Inform($"Whether the application fits the base image was not looked at again: the image {digest} is where it is to go already.");
                return ([], false);
            }

            if (BaseResolver.PassesThrough(plan))
            {
                Waits = true;
                Inform($"Whether the application fits the base image is looked at when the image has been published: its layers, which this machine does not know yet, are read on their way.");
                return ([], false);
            }
        }

        try
        {
            return (FitCheck.Run(plan, image.Config, await ReadBaseFilesAsync(plan, baseImage, cancellationToken, IsPublished).ConfigureAwait(false)), true);
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException)
        {
            return ([NotChecked(plan, e)], false);
        }
    }

    private static Finding NotChecked(ImagePlan plan, Exception cause) => new(
        ErrorCodes.BaseNotChecked,
        $"Whether the application fits the base image '{plan.BaseImage}' could not be checked, because its files could not be read: {cause.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'.");
}
