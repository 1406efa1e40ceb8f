using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Plan → base image: its manifest and config are read.</summary>
[MSBuildMultiThreadableTask]
public sealed class ResolveBaseImage : ImageTask
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        var image = await ResolverIn(OpenSession()).ResolveAsync(plan, cancellationToken).ConfigureAwait(false);
        await Folder.WriteBaseAsync(image, cancellationToken).ConfigureAwait(false);
        Inform($"Base image {plan.BaseImage} for {plan.Platform}: {image.Manifest.Document.Descriptor.Digest}, {image.Layers.Count} layers.");
    }
}
