using Containerize.Images;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Plan → base image: its manifest and config are read, and where the image depends on its files, what is in its layers.</summary>
[MSBuildMultiThreadableTask]
public sealed class ResolveBaseImage : ImageTask
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        if (Cache.Untrusted is { } open)
            Inform($"Other users may write to the cache '{open}', so its layers are hashed each time, and lists of files are kept in obj.");
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        await WithinAsync(plan.Registries, token => ResolveAsync(plan, token), cancellationToken).ConfigureAwait(false);
    }

    private async Task ResolveAsync(ImagePlan plan, CancellationToken cancellationToken)
    {
        var session = OpenSession(plan.Registries);
        Image image;
        try
        {
            image = await ResolverIn(session).ResolveAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            session.FlushPrefetchLog();
        }

        await Folder.WriteBaseAsync(image, cancellationToken).ConfigureAwait(false);
        Steps.BaseFiles = null;
        Inform(
            $"Base image {plan.BaseImage} for {plan.Platform}: {image.Manifest.Document.Descriptor.Digest}, {image.Layers.Count} layers.");
        var contents = OpenContents();
        if (plan.NeedsBaseFiles)
            await ReadBaseFilesAsync(plan, image, cancellationToken).ConfigureAwait(false);
        else if (plan.WantsBaseFiles && !Folder.Findings.Exist && contents.AreKnown(image))
            // While layers are built.
            Steps.BaseFiles = System.Threading.Tasks.Task.Run(
                () => contents.ReadAsync(plan, image, CancellationToken.None), CancellationToken.None);
    }
}
