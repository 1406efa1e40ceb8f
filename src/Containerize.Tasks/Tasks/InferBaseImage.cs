using Containerize.Planning.Needs;
using Containerize.Planning.Settings;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Chooses the base image where the project names none.</summary>
[MSBuildMultiThreadableTask]
public sealed class InferBaseImage : ContainerizeTask
{
    private const string AspNetCore = "Microsoft.AspNetCore.App";

    /// <summary><c>NETCoreSdkVersion</c>.</summary>
    [Required]
    public string SdkVersion { get; set; } = "";

    /// <summary>The target framework's version.</summary>
    [Required]
    public string TargetFrameworkVersion { get; set; } = "";

    /// <summary>The runtime identifiers of the image.</summary>
    public ITaskItem[] RuntimeIdentifiers { get; set; } = [];

    /// <summary><c>@(FrameworkReference)</c>.</summary>
    public ITaskItem[] FrameworkReferences { get; set; } = [];

    /// <summary>
    /// <c>ProjectAssetsFile</c>, where the frameworks have not been looked up that come with libraries; empty where
    /// <see cref="FrameworkReferences"/> has them.
    /// </summary>
    public string? AssetsFile { get; set; }

    /// <summary><c>TargetFramework</c>.</summary>
    public string? TargetFramework { get; set; }

    /// <summary>Whether the runtime is published too.</summary>
    public bool IsSelfContained { get; set; }

    /// <summary><c>PublishAot</c>.</summary>
    public bool IsAot { get; set; }

    /// <summary><c>PublishTrimmed</c>.</summary>
    public bool IsTrimmed { get; set; }

    /// <summary><c>InvariantGlobalization</c>.</summary>
    public bool UsesInvariantGlobalization { get; set; }

    /// <summary><c>ContainerFamily</c>.</summary>
    public string? Family { get; set; }

    /// <summary>Whether it is only to be known ahead, so that nothing is said where there is none.</summary>
    public bool IsAhead { get; set; }

    /// <summary>The base image's reference.</summary>
    [Output]
    public string? BaseImage { get; set; }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            BaseImage = Infer();
        }
        catch (ContainerizeException) when (IsAhead)
        {
            // The final inference reports it.
        }

        return Task.CompletedTask;
    }

    private bool ComesWithLibrary() => !string.IsNullOrEmpty(AssetsFile)
        && !string.IsNullOrEmpty(TargetFramework)
        && Planning.Needs.AssetsFile.FrameworkReferences(AssetsFile, TargetFramework).Contains(AspNetCore);

    private string Infer() => BaseImageInference.Infer(new BaseImageFacts
    {
        SdkVersion = SdkVersion,
        TargetFrameworkVersion = TargetFrameworkVersion,
        RuntimeIdentifiers = ProjectItems.Values(TaskItems.Of(RuntimeIdentifiers)),
        UsesAspNetCore = FrameworkReferences.Any(reference => reference.ItemSpec == AspNetCore) || ComesWithLibrary(),
        IsSelfContained = IsSelfContained,
        IsAot = IsAot,
        IsTrimmed = IsTrimmed,
        UsesInvariantGlobalization = UsesInvariantGlobalization,
        Family = Family,
    });
}
