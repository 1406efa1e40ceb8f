using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>Reads <c>ContainerBaseImage</c>.</summary>
internal static class BaseImageName
{
    /// <summary>Reads a reference as the user wrote it.</summary>
    /// <exception cref="ContainerizeException">It is not a reference (CTZ1001).</exception>
    public static ImageReference ParseReference(string baseImage, out bool registryGiven) =>
        ImageReference.TryParse(baseImage, out var reference, out registryGiven)
            ? reference
            : throw Invalid(
                baseImage,
                "is not an image's name. It must be 'scratch', have the form registry/repository:tag, for example "
                    + "'mcr.microsoft.com/dotnet/aspnet:10.0', or begin with a prefix such as 'oci:' or 'docker-daemon:'");

    /// <summary>Reads where a base image is. A path in it stays as it is; see <see cref="Locate"/>.</summary>
    /// <exception cref="ContainerizeException">It names nothing (CTZ1001).</exception>
    public static ImageLocation Parse(string baseImage)
    {
        var location = ParsePlace(baseImage);
        if (location is { Kind: LocationKind.Registry, Reference: null })
            ParseReference(baseImage, out _);
        return location;
    }

    /// <summary>The same, but what has no prefix need not be a valid reference.</summary>
    /// <exception cref="ContainerizeException">It names nothing (CTZ1001).</exception>
    public static ImageLocation ParsePlace(string baseImage)
    {
        if (!ImageLocation.TryParse(baseImage, out var location))
            throw Invalid(baseImage, "lacks a path, or a name behind the last ':'. Write for example 'oci:images/base:1.0'");
        if (location.Kind == LocationKind.Engine && !Digest.TryParse(location.Name, out _)
            && !ImageReference.TryParse(location.Name, out _, out _))
            throw Invalid(baseImage, "names no image of the engine. Write for example 'docker-daemon:team/base:1.0'");
        return location;
    }

    /// <summary>Reads where a base image is, with its full path; relative ones are relative to the project's folder.</summary>
    /// <exception cref="ContainerizeException">It names nothing (CTZ1001).</exception>
    public static ImageLocation Locate(string baseImage, string projectDirectory)
    {
        var location = Parse(baseImage).In(projectDirectory);
        return ImageLocation.TryParse(location.ToString(), out var again) && again == location
            ? location
            : throw Invalid(baseImage, $"leads to '{location.Place}', whose ':' would end the path. Move the file to another folder");
    }

    private static ContainerizeException Invalid(string baseImage, string why) => new(
        ErrorCodes.BaseImageInvalid, $"ContainerBaseImage '{Logins.Hide(baseImage)}' {why}.");
}
