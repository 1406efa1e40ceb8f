using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>
/// What the project says of the image's base, of where the image goes and of registries: raw text, as properties and items have it.
/// </summary>
internal sealed record PlaceSettings
{
    /// <summary>The project's folder.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>The publish folder's full path.</summary>
    public required string PublishDirectory { get; init; }

    /// <summary><c>ContainerBaseImage</c>.</summary>
    public required string BaseImage { get; init; }

    /// <summary><c>ContainerRuntimeIdentifier</c>.</summary>
    public required string RuntimeIdentifier { get; init; }

    /// <summary><c>@(ContainerDestination)</c>.</summary>
    public IReadOnlyList<IProjectItem> Destinations { get; init; } = [];

    /// <summary><c>ContainerRegistry</c>.</summary>
    public string? Registry { get; init; }

    /// <summary><c>LocalRegistry</c>.</summary>
    public string? LocalRegistry { get; init; }

    /// <summary><c>ContainerArchiveOutputPath</c>.</summary>
    public string? ArchiveOutputPath { get; init; }

    /// <summary><c>ContainerOciLayoutPath</c>.</summary>
    public string? OciLayoutPath { get; init; }

    /// <summary><c>ContainerInsecureRegistries</c>.</summary>
    public string? InsecureRegistries { get; init; }

    /// <summary><c>@(ContainerRegistryLogin)</c>.</summary>
    public IReadOnlyList<IProjectItem> RegistryLogins { get; init; } = [];

    /// <summary><c>@(ContainerRegistryMirror)</c>.</summary>
    public IReadOnlyList<IProjectItem> RegistryMirrors { get; init; } = [];

    /// <summary><c>ContainerRegistryConnectTimeout</c>.</summary>
    public string? RegistryConnectTimeout { get; init; }

    /// <summary><c>ContainerRegistrySilenceTimeout</c>.</summary>
    public string? RegistrySilenceTimeout { get; init; }

    /// <summary><c>ContainerRegistryTimeout</c>.</summary>
    public string? RegistryTimeout { get; init; }

    /// <summary>All of it as values.</summary>
    /// <param name="repository">The image's repository, where a destination names none.</param>
    /// <param name="tags">The image's tags, where a destination names none.</param>
    /// <exception cref="ContainerizeException">Something is not valid.</exception>
    public Places Read(string repository, IReadOnlyList<string> tags) =>
        new(ReadRegistrySettings(), ReadBaseImage(), ReadPlatform(), ReadDestinations(repository, tags), repository, tags);

    /// <summary>The base image, with the full path of one in a file.</summary>
    /// <exception cref="ContainerizeException">It names nothing (CTZ1001).</exception>
    public ImageLocation ReadBaseImage() => BaseImageName.Locate(BaseImage, ProjectDirectory);

    /// <summary>The platform of the runtime identifier.</summary>
    /// <exception cref="ContainerizeException">There are no images for it (CTZ1011).</exception>
    public Platform ReadPlatform() => Platform.FromRuntimeIdentifier(RuntimeIdentifier) ?? throw new ContainerizeException(
        ErrorCodes.RuntimeIdentifierUnsupported,
        $"No image can be built for the runtime identifier '{RuntimeIdentifier}': images for Linux are supported, such as linux-x64, "
            + "linux-arm64 "
            + "or linux-musl-x64. Publish with --runtime, or set ContainerRuntimeIdentifier.");

    /// <summary>Where the image goes.</summary>
    /// <param name="repository">The image's repository, where a destination names none.</param>
    /// <param name="tags">The image's tags, where a destination names none.</param>
    /// <exception cref="ContainerizeException">A destination is not valid (CTZ1036), or the engine is unknown (CTZ1022).</exception>
    public IReadOnlyList<Destination> ReadDestinations(string repository, IReadOnlyList<string> tags) =>
        new DestinationReader(ProjectDirectory, PublishDirectory, repository, tags)
            .Read(Destinations, Registry, ArchiveOutputPath, OciLayoutPath, LocalRegistry);

    /// <summary>How registries are talked to.</summary>
    /// <exception cref="ContainerizeException">A setting is not valid (CTZ1041).</exception>
    public RegistrySettings ReadRegistrySettings() => new()
    {
        Insecure = RegistryProperties.ParseInsecure(InsecureRegistries),
        Logins =
        [
            .. RegistryLogins.Select(login => RegistryProperties.ParseLogin(
                login.ItemSpec,
                login.Trimmed("User"),
                login.Trimmed("UserVariable"),
                login.Trimmed("PasswordVariable"),
                login.Trimmed("PasswordFile") is { } file ? Path.GetFullPath(file, ProjectDirectory) : null)),
        ],
        Mirrors = [.. RegistryMirrors.Select(mirror => RegistryProperties.ParseMirror(mirror.ItemSpec, mirror.Trimmed("Location")))],
        ConnectTimeout = RegistryProperties.ParseTimeout("ContainerRegistryConnectTimeout", RegistryConnectTimeout),
        SilenceTimeout = RegistryProperties.ParseTimeout("ContainerRegistrySilenceTimeout", RegistrySilenceTimeout),
        Timeout = RegistryProperties.ParseTimeout("ContainerRegistryTimeout", RegistryTimeout),
    };
}

/// <summary>What places a build has to do with, as values.</summary>
/// <param name="Registries">How registries are talked to.</param>
/// <param name="BaseImage">The image to build on.</param>
/// <param name="Platform">The image's platform.</param>
/// <param name="Destinations">Where the image goes.</param>
/// <param name="Repository">The image's repository, where a destination names none.</param>
/// <param name="Tags">The image's tags, where a destination names none.</param>
internal sealed record Places(
    RegistrySettings Registries,
    ImageLocation BaseImage,
    Platform Platform,
    IReadOnlyList<Destination> Destinations,
    string Repository,
    IReadOnlyList<string> Tags);
