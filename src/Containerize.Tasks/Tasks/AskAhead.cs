using Containerize.Planning;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// When publishing begins: registries are asked what the base's tag and the image's first tag name, and Docker what it has, while files are copied. Nothing depends on
/// it, and nothing is said of what is wrong with the settings: the plan does, from what they are then, which targets of the project's own may
/// have changed meanwhile.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class AskAhead : PlaceTask
{
    /// <summary><c>ContainerImageTag</c>.</summary>
    public string? Tag { get; set; }

    /// <summary><c>ContainerImageTags</c>.</summary>
    public string? Tags { get; set; }

    /// <summary><c>ContainerTagPolicy</c>.</summary>
    public string? TagPolicy { get; set; }

    /// <summary><c>ContainerVersion</c>.</summary>
    public string? Version { get; set; }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var byVersion = VersionTags.Of(EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", TagPolicy) ?? Planning.TagPolicy.Explicit, Version);
            var tags = Planning.Tags.Parse(Tag, Tags, byVersion).ToList();
            var repository = RepositoryName.Normalize(Repository);
            Begin(ReadSettings(), BaseImageInference.Locate(BaseImage, ProjectDirectory), ReadPlatform(), ReadDestinations(repository, tags), repository, tags);
        }
        catch (ContainerizeException e)
        {
            Trace($"Nobody is asked ahead: {e.Message}");
        }

        return Task.CompletedTask;
    }
}
