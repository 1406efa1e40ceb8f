using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Chooses the base image where the project names none.</summary>
[MSBuildMultiThreadableTask]
public sealed class InferBaseImage : ContainerizeTask
{
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
            // Whoever infers it for good says so.
        }

        return Task.CompletedTask;
    }

    private string Infer() => BaseImageInference.Infer(new BaseImageFacts
    {
        SdkVersion = SdkVersion,
        TargetFrameworkVersion = TargetFrameworkVersion,
        RuntimeIdentifiers = TaskItems.Values(RuntimeIdentifiers),
        UsesAspNetCore = FrameworkReferences.Any(reference => reference.ItemSpec == "Microsoft.AspNetCore.App"),
        IsSelfContained = IsSelfContained,
        IsAot = IsAot,
        IsTrimmed = IsTrimmed,
        UsesInvariantGlobalization = UsesInvariantGlobalization,
        Family = Family,
    });
}
