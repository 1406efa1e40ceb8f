using Containerize.Building;
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

    /// <summary><c>ContainerCacheDirectory</c>: where what all projects share is kept; empty for the system's place for caches.</summary>
    public string? CacheDirectory { get; set; }

    private protected ImageFolder Folder => new(ImageFolderPath, PlanPath);

    private protected BaseResolver ResolverIn(BuildSession session) => ResolverIn(session, Folder);

    private protected BaseContents OpenContents()
    {
        var shared = string.IsNullOrEmpty(CacheDirectory) ? ContentsCache.DefaultFolder(HostEnvironment) : CacheDirectory;
        return new BaseContents(new ContentsCache(
            shared is null ? null : Path.Combine(shared, "contents"),
            Path.Combine(ImageFolderPath, "contents"),
            TimeProvider.System));
    }

    private protected Task<ImagePlan> ReadPlanAsync(CancellationToken cancellationToken) => PlanFile.ReadAsync(PlanPath, cancellationToken);
}
