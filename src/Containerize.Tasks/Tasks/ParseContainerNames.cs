using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Checks and normalises the names that the project gives.</summary>
[MSBuildMultiThreadableTask]
public sealed class ParseContainerNames : ContainerizeTask
{
    /// <summary><c>ContainerBaseImage</c>, inferred or given.</summary>
    [Required]
    public string BaseImage { get; set; } = "";

    /// <summary><c>ContainerRegistry</c>; empty for none.</summary>
    public string? Registry { get; set; }

    /// <summary><c>ContainerRepository</c>; empty for the assembly's name.</summary>
    public string? Repository { get; set; }

    /// <summary><c>AssemblyName</c>.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Where the image goes besides the registry, as the project says it; empty for nowhere.</summary>
    public string? Places { get; set; }

    /// <summary><c>ContainerImageName</c>, the repository's old name.</summary>
    public string? ObsoleteImageName { get; set; }

    /// <summary><c>ContainerImageTag</c>.</summary>
    public string? Tag { get; set; }

    /// <summary><c>ContainerImageTags</c>.</summary>
    public string? Tags { get; set; }

    /// <summary><c>ContainerTagPolicy</c>.</summary>
    public string? TagPolicy { get; set; }

    /// <summary><c>ContainerVersion</c>.</summary>
    public string? Version { get; set; }

    /// <summary><c>PackageVersion</c>.</summary>
    public string? PackageVersion { get; set; }

    /// <summary><c>@(ContainerEnvironmentVariable)</c>.</summary>
    public ITaskItem[] EnvironmentVariables { get; set; } = [];

    /// <summary>Whether this is one platform of several: the build that brings them together has warned already.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <summary>The base image with what its name leaves open replaced.</summary>
    [Output]
    public string? ParsedBaseImage { get; set; }

    /// <summary>The base image's registry.</summary>
    [Output]
    public string? BaseRegistry { get; set; }

    /// <summary>The base image's repository.</summary>
    [Output]
    public string? BaseRepository { get; set; }

    /// <summary>The base image's tag.</summary>
    [Output]
    public string? BaseTag { get; set; }

    /// <summary>The base image's digest.</summary>
    [Output]
    public string? BaseDigest { get; set; }

    /// <summary>What the label <c>org.opencontainers.image.base.name</c> says; empty where the base has no name that others know.</summary>
    [Output]
    public string? BaseLabel { get; set; }

    /// <summary>The repository, normalised.</summary>
    [Output]
    public string? ParsedRepository { get; set; }

    /// <summary>The version that was given, or the package's.</summary>
    [Output]
    public string? NamedVersion { get; set; }

    /// <summary>The one tag; empty where there are several, or they follow from the version.</summary>
    [Output]
    public string? NamedTag { get; set; }

    /// <summary>The tags; those that never move backwards with <c>Floating=true</c>.</summary>
    [Output]
    public ITaskItem[] ParsedTags { get; set; } = [];

    /// <summary>The version that tags follow from, normalised; empty where none do.</summary>
    [Output]
    public string? TagVersion { get; set; }

    /// <summary>The environment variables whose names are valid.</summary>
    [Output]
    public ITaskItem[] ParsedEnvironmentVariables { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        // Warnings of a task, unlike those of a target, end the build before anything is pushed where they are made errors.
        if (!string.IsNullOrEmpty(ObsoleteImageName))
            WarnOnce(
                ErrorCodes.ObsoleteProperty,
                "ContainerImageName is an obsolete name of ContainerRepository, which was set from it. Rename it.");
        ParseBase();
        if (!string.IsNullOrEmpty(Registry) && !ImageReference.IsValidRegistry(Registry))
        {
            throw new ContainerizeException(
                ErrorCodes.RegistryInvalid,
                $"ContainerRegistry '{Logins.Hide(Registry)}' is not a registry: it must be a host with an optional port, such as "
                    + "'ghcr.io' or 'localhost:5000', without 'https://' and without a path, which belongs to ContainerRepository.");
        }

        var names = ContainerNames.Of(Repository, ObsoleteImageName, AssemblyName, Tag, Tags, TagPolicy, Version, PackageVersion);
        (NamedVersion, NamedTag) = (names.Version, names.Tag);
        ParsedRepository = RepositoryName.Normalize(names.Repository);
        if (RepositoryName.Misplaced(names.Repository, Registry, isPlaced: !string.IsNullOrEmpty(Places)) is { } misplaced)
            WarnOnce(ErrorCodes.RepositoryHoldsMore, misplaced);
        else if (ParsedRepository != names.Repository)
            Inform($"The repository name '{names.Repository}' was changed to '{ParsedRepository}', which registries accept.");
        ParseTags(names);
        ParsedEnvironmentVariables = [.. EnvironmentVariables.Where(IsValid)];
        return Task.CompletedTask;
    }

    private void ParseBase()
    {
        ParsedBaseImage = BaseImage;
        var location = BaseImageName.ParsePlace(BaseImage);
        if (location.Kind == LocationKind.Registry)
            ParseReference();
        else if (location.Kind == LocationKind.Engine && !Digest.TryParse(location.Name, out _))
            BaseLabel = Split(BaseImageName.ParseReference(location.Name!, out _)).ToString();
    }

    private void ParseReference()
    {
        if (BaseImage.Contains(' ', StringComparison.Ordinal))
        {
            ParsedBaseImage = BaseImage.Replace(' ', '-');
            WarnOnce(
                ErrorCodes.BaseImageSpaces,
                $"ContainerBaseImage '{Logins.Hide(BaseImage)}' holds spaces, which no image's name can; "
                    + $"'{Logins.Hide(ParsedBaseImage)}' is used. Correct the name.");
        }

        var reference = Split(BaseImageName.ParseReference(ParsedBaseImage!, out var registryGiven));
        if (!registryGiven)
            WarnOnce(
                ErrorCodes.RegistryAssumed,
                $"ContainerBaseImage '{Logins.Hide(BaseImage)}' names no registry; Docker Hub is assumed. "
                    + $"Write '{reference}' if that is meant.");
        BaseLabel = ParsedBaseImage;
    }

    private ImageReference Split(ImageReference reference)
    {
        (BaseRegistry, BaseRepository, BaseTag, BaseDigest) = (
            reference.Registry, reference.Repository, reference.Tag, reference.Digest?.ToString());
        return reference;
    }

    private void ParseTags(ContainerNames names)
    {
        var byVersion = VersionTags.Of(
            EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", TagPolicy) ?? Planning.Settings.TagPolicy.Explicit, names.Version);
        if (byVersion?.Metadata is { } metadata)
            Tell($"The build metadata '+{metadata}' of the version '{names.Version}' is left out of the tags: a tag cannot hold a '+'.");
        TagVersion = byVersion?.Version;
        ParsedTags = [.. Planning.Settings.Tags.Parse(
            names.Tag, Tags, byVersion).Select(tag => Item(tag, byVersion?.Floating.Contains(tag) == true))];
    }

    private static TaskItem Item(string tag, bool floats)
    {
        var item = new TaskItem(tag);
        if (floats)
            item.SetMetadata("Floating", "true");
        return item;
    }

    private void WarnOnce(string code, string message)
    {
        if (!IsOneOfSeveral)
            Warn(code, message);
    }

    private bool IsValid(ITaskItem variable)
    {
        if (EnvironmentNames.IsValid(variable.ItemSpec))
            return true;
        WarnOnce(
            ErrorCodes.EnvironmentVariableInvalid,
            $"The ContainerEnvironmentVariable '{variable.ItemSpec}' is left out of the image: "
                + "its name must start with a letter or '_' and hold only letters, digits and '_'. "
                + "Rename it (.NET reads ':' in configuration keys as '__').");
        return false;
    }
}
