using Containerize.Building;
using Containerize.Planning;
using Containerize.Stores;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// When publishing begins: registries are asked what the base's tag and the image's first tag name, and Docker what it has, while files are copied;
/// if there will be something new, Docker's program is started. Nothing depends on it, and nothing is said of what is wrong with the settings:
/// the plan does, from what they are then, which targets of the project's own may have changed meanwhile.
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

    /// <summary>The program's assembly, as it was compiled.</summary>
    public string? Assembly { get; set; }

    /// <summary>Where the plan of the last image is, if there was one.</summary>
    public string? PlanPath { get; set; }

    // There will be another image than the last one. Where that is not seen here, loading begins when there is something to load.
    private bool IsNew => !string.IsNullOrEmpty(Assembly) && !string.IsNullOrEmpty(PlanPath) && File.GetLastWriteTimeUtc(Assembly) > File.GetLastWriteTimeUtc(PlanPath);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            var byVersion = VersionTags.Of(EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", TagPolicy) ?? Planning.TagPolicy.Explicit, Version);
            var tags = Planning.Tags.Parse(Tag, Tags, byVersion).ToList();
            var repository = RepositoryName.Normalize(Repository);
            var destinations = ReadDestinations(repository, tags);
            var session = Begin(ReadSettings(), BaseImageInference.Locate(BaseImage, ProjectDirectory), ReadPlatform(), destinations, repository, tags);
            foreach (var engine in destinations.Where(destination => IsNew && destination.Kind == DestinationKind.Engine))
                session.Begin(token => ContainerEngine.BeginLoadAsync(session.Processes, engine.Target, token));
        }
        catch (ContainerizeException e)
        {
            Trace($"Nobody is asked ahead: {e.Message}");
        }

        return Task.CompletedTask;
    }
}
