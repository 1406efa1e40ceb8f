using Containerize.Building;
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

    private protected Task<ImagePlan> ReadPlanAsync(CancellationToken cancellationToken) => PlanFile.ReadAsync(PlanPath, cancellationToken);
}
