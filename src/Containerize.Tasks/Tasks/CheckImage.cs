using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers.Contents;
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
        var resolver = ResolverIn(OpenSession(plan.Registries));
        var image = await Folder.ReadImageAsync(plan, resolver, cancellationToken).ConfigureAwait(false);
        foreach (var finding in await FindAsync(plan, image, resolver, cancellationToken).ConfigureAwait(false))
        {
            var message = IsOneOfSeveral ? $"{plan.RuntimeIdentifier}: {finding.Message}" : finding.Message;
            if (plan.Checks == CheckSeverity.Error)
                Error(finding.Code, message);
            else
                Warn(finding.Code, message);
        }
    }

    private async Task<IReadOnlyList<Finding>> FindAsync(ImagePlan plan, IImage image, BaseResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            return FitCheck.Run(plan, image.Config, await LoadTreeAsync(plan, resolver, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException)
        {
            return
            [
                new Finding(
                    ErrorCodes.BaseNotChecked,
                    $"Whether the application fits the base image '{plan.BaseImage}' could not be checked, because its files could not be read: {e.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'."),
            ];
        }
    }

    private async Task<ImageTree> LoadTreeAsync(ImagePlan plan, BaseResolver resolver, CancellationToken cancellationToken)
    {
        var baseImage = await Folder.ReadBaseAsync(plan, resolver, cancellationToken).ConfigureAwait(false);
        return await OpenContents().ReadAsync(plan, baseImage, cancellationToken).ConfigureAwait(false);
    }
}
