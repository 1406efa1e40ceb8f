using Containerize.Building;
using Containerize.Files;
using Containerize.Images;
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

    private protected StepState Steps => BuildContext.Of(BuildEngine).StepsOf(PlanPath);

    private protected ImageFolder Folder => new(ImageFolderPath, PlanPath, Steps);

    private protected BaseResolver ResolverIn(BuildSession session) => ResolverIn(session, Folder);

    private protected BuiltLayers LayersIn(BuildSession session) => LayersIn(session, Folder);

    private protected BaseFileReader OpenContents() => ContentsIn(ImageFolderPath);

    /// <summary>The base's files, from the layers where they are not known yet.</summary>
    private protected Task<ImageTree> ReadBaseFilesAsync(ImagePlan plan, Image baseImage, CancellationToken cancellationToken) =>
        Steps.BaseFiles is { IsFaulted: false, IsCanceled: false } begun
            ? begun
            : Steps.BaseFiles = OpenContents().ReadAsync(plan, baseImage, cancellationToken);

    private protected async Task<ImagePlan> ReadPlanAsync(CancellationToken cancellationToken) =>
        Steps.Plan ??= await ImageFolder.ReadPlanAsync(PlanPath, cancellationToken).ConfigureAwait(false);
}
