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

    /// <summary>Whether <see cref="PublishImage"/> follows.</summary>
    public bool MayWait { get; set; }

    /// <summary>
    /// Whether nothing was found out yet: the base's layers, which this machine does not know, are about to pass through it, from one registry to another.
    /// <see cref="PublishImage"/> looks at them then, before anything gets a tag.
    /// </summary>
    [Output]
    public bool Waits { get; set; }

    /// <summary>The codes of what was found, with commas between.</summary>
    [Output]
    public string Found { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        if (plan.Checks == CheckSeverity.None)
            return;
        var session = OpenSession(plan.Registries);
        var layers = LayersIn(session);
        var baseImage = await Folder.ReadBaseAsync(plan, layers, cancellationToken).ConfigureAwait(false);
        var check = await FitChecking.BeginAsync(plan, PlanPath, Folder, baseImage, Clock, cancellationToken).ConfigureAwait(false);
        var findings = await check.RecordedAsync(cancellationToken).ConfigureAwait(false);
        if (findings is null)
        {
            var image = await Folder.ReadImageAsync(plan, layers, cancellationToken).ConfigureAwait(false);
            await WithinAsync(
                plan.Registries,
                async token =>
                {
                    var isForWarnings = plan.Checks == CheckSeverity.Warn && !IsAnyAnError(ErrorCodes.OfChecks);
                    findings = isForWarnings && !OpenContents().AreKnown(baseImage) && await CanDoWithoutAsync(session, plan, image, check.CanWait, token).ConfigureAwait(false)
                        ? []
                        : await check.LookAsync(image, toBeRead => ReadBaseFilesAsync(plan, toBeRead, token), hasWaited: false, token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Trace("Nothing has changed that the checks look at: what they found then counts.");
        }

        Found = string.Join(',', findings!.Select(finding => finding.Code).Distinct());
        Report(plan, findings!, IsOneOfSeveral);
    }

    // On a machine that has never seen the base, all of its layers would have to be read before anything else.
    private async Task<bool> CanDoWithoutAsync(BuildSession session, ImagePlan plan, IImage image, bool canWait, CancellationToken cancellationToken)
    {
        var digest = image.Manifest.Document.Descriptor.Digest;
        if (await session.Previous.IsThereAsync(plan, digest, cancellationToken).ConfigureAwait(false))
        {
            Inform($"Whether the application fits the base image was not looked at again: the image {digest} is where it is to go already.");
            return true;
        }

        Waits = MayWait && canWait && BaseResolver.PassesThrough(plan);
        if (Waits)
            Inform($"Whether the application fits the base image is looked at when its layers, which this machine does not know yet, are at the destination.");
        return Waits;
    }
}
