using Containerize.Planning.Settings;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// Asks registries what the base's tag and the image's first tag name, and Docker what it has, while files are copied. Nothing depends on
/// it, and it reports nothing that is wrong with the settings: the plan does, from what they are then, since targets of the project may
/// still change them.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class Prefetch : PlaceTask
{
    /// <summary><c>RegistryUrl</c>, Visual Studio's name of <c>ContainerRegistry</c>, which goes first.</summary>
    public string? RegistryUrl { get; set; }

    /// <summary><c>ContainerImageName</c>.</summary>
    public string? ImageName { get; set; }

    /// <summary><c>AssemblyName</c>.</summary>
    public string? AssemblyName { get; set; }

    /// <summary><c>ContainerImageTag</c>, or Visual Studio's <c>PublishImageTag</c>.</summary>
    public string? Tag { get; set; }

    /// <summary><c>ContainerImageTags</c>.</summary>
    public string? Tags { get; set; }

    /// <summary><c>ContainerTagPolicy</c>.</summary>
    public string? TagPolicy { get; set; }

    /// <summary><c>ContainerVersion</c>.</summary>
    public string? Version { get; set; }

    /// <summary><c>PackageVersion</c>.</summary>
    public string? PackageVersion { get; set; }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!string.IsNullOrEmpty(RegistryUrl))
                Registry = RegistryUrl;
            var names = ContainerNames.Of(Repository, ImageName, AssemblyName, Tag, Tags, TagPolicy, Version, PackageVersion);
            var byVersion = VersionTags.Of(
                EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", TagPolicy) ?? Planning.Settings.TagPolicy.Explicit,
                names.Version);
            var tags = Planning.Settings.Tags.Parse(names.Tag, Tags, byVersion).ToList();
            var repository = RepositoryName.Normalize(names.Repository);
            PrefetchRemoteState(PlaceSettings.Read(repository, tags));
        }
        catch (ContainerizeException e)
        {
            Trace($"Nothing is prefetched: {e.Message}");
        }

        return Task.CompletedTask;
    }
}
