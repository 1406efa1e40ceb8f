using Containerize.Building;
using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>The steps that work from a plan.</summary>
public abstract class ImageTask : ContainerizeTask
{
    /// <summary>The plan's file.</summary>
    [Required]
    public string PlanPath { get; set; } = "";

    /// <summary>The folder in which the steps hand the image on.</summary>
    [Required]
    public string ImageFolderPath { get; set; } = "";

    private protected ImageFolder Folder => new(ImageFolderPath, PlanPath);

    private protected BaseResolver ResolverIn(BuildSession session) => ResolverIn(session, Folder);

    private protected BaseContents OpenContents() => new(Cache.Contents(fallback: Path.Combine(ImageFolderPath, "contents")));

    /// <summary>
    /// The base's files; null where nobody asks for them. Where the image can be built without, that they cannot be read is for
    /// <see cref="CheckImage"/> to tell.
    /// </summary>
    private protected async Task<ImageTree?> ReadBaseFilesAsync(ImagePlan plan, IImage baseImage, CancellationToken cancellationToken)
    {
        if (!plan.WantsBaseContents)
            return null;
        try
        {
            return await OpenContents().ReadAsync(plan, baseImage, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!plan.NeedsBaseContents && (e is ContainerizeException or InvalidDataException or IOException))
        {
            Trace($"The files of the base image {plan.BaseImage} are not known: {e.Message}");
            return null;
        }
    }

    private protected Task<ImagePlan> ReadPlanAsync(CancellationToken cancellationToken) => PlanFile.ReadAsync(PlanPath, cancellationToken);
}
