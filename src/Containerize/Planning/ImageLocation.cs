using System.Diagnostics.CodeAnalysis;
using Containerize.Images;

namespace Containerize.Planning;

/// <summary>The kinds of places that an image can lie in.</summary>
public enum LocationKind
{
    /// <summary>A registry, by a reference without a prefix.</summary>
    Registry,

    /// <summary>Nowhere: the image that holds nothing.</summary>
    Scratch,

    /// <summary><c>oci:</c>, a folder in the OCI image layout.</summary>
    OciLayout,

    /// <summary><c>oci-archive:</c>, a tar of such a folder.</summary>
    OciArchive,

    /// <summary><c>docker-archive:</c>, a tar as <c>docker save</c> writes it.</summary>
    DockerArchive,

    /// <summary><c>docker-daemon:</c>, <c>podman-daemon:</c>, <c>nerdctl-daemon:</c>, a container engine of this machine.</summary>
    Engine,
}

/// <summary>
/// Where an image is, or goes, as projects write it: a reference to a registry, or a prefix with what stands behind it.
/// Bases and destinations are written alike. The prefixes are those of skopeo.
/// </summary>
/// <param name="Kind">What kind of place.</param>
/// <param name="Place">Registry: the reference as it stands. Layout and archives: the path. Engine: its name, as in <c>Docker</c>.</param>
/// <param name="Name">Layout and archives: the image's name in there. Engine: the image's name. Null where none is given.</param>
internal sealed record ImageLocation(LocationKind Kind, string Place, string? Name = null)
{
    private const string ScratchName = "scratch";

    // In this order, a longer one before the one that it starts with.
    private static readonly (string Prefix, LocationKind Kind, string Engine)[] Prefixes =
    [
        ("oci-archive:", LocationKind.OciArchive, ""),
        ("oci:", LocationKind.OciLayout, ""),
        ("docker-archive:", LocationKind.DockerArchive, ""),
        ("docker-daemon:", LocationKind.Engine, "Docker"),
        ("podman-daemon:", LocationKind.Engine, "Podman"),
        ("nerdctl-daemon:", LocationKind.Engine, "Nerdctl"),
    ];

    /// <summary>The engines, by the names that <c>LocalRegistry</c> takes.</summary>
    public static IReadOnlyList<string> EngineNames { get; } = [.. Prefixes.Where(
        prefix => prefix.Engine.Length > 0).Select(prefix => prefix.Engine)];

    /// <summary>The base that holds nothing, written <c>scratch</c>.</summary>
    public static ImageLocation Scratch { get; } = new(LocationKind.Scratch, "");

    /// <summary>Registry: the image's name, with what the text leaves open. Null everywhere else.</summary>
    public ImageReference? Reference { get; } =
        Kind == LocationKind.Registry && ImageReference.TryParse(Place, out var reference, out _) ? reference : null;

    /// <summary>Whether it is the base that holds nothing.</summary>
    public bool IsScratch => Kind == LocationKind.Scratch;

    /// <summary>Whether it is a folder or a file.</summary>
    public bool IsFile => Kind is LocationKind.OciLayout or LocationKind.OciArchive or LocationKind.DockerArchive;

    /// <summary>Whether an image there has a manifest of its own. Docker's archives and engines only hand out configs and layers.</summary>
    public bool HasManifest => Kind is LocationKind.Registry or LocationKind.OciLayout or LocationKind.OciArchive;

    /// <summary>
    /// Reads a location. What has no prefix is a reference; where it is no valid one, <see cref="Reference"/> is null. False where a path
    /// or a name is missing behind a prefix or a colon.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImageLocation? location)
    {
        location = null;
        var prefix = Array.Find(Prefixes, candidate => text.StartsWith(candidate.Prefix, StringComparison.Ordinal));
        if (prefix.Prefix is null || IsPort(text.AsSpan(prefix.Prefix.Length)))
        {
            location = text == ScratchName ? Scratch : new ImageLocation(LocationKind.Registry, text);
            return true;
        }

        var rest = text[prefix.Prefix.Length..];
        if (prefix.Kind == LocationKind.Engine)
        {
            location = new ImageLocation(LocationKind.Engine, prefix.Engine, rest.Length == 0 ? null : rest);
            return true;
        }

        var drive = DriveLength(rest);
        var colon = rest.IndexOf(':', drive);
        var (path, name) = colon < 0 ? (rest, null) : (rest[..colon], rest[(colon + 1)..]);
        if (path.Length == drive || name is { Length: 0 } || rest.Contains('\0', StringComparison.Ordinal))
            return false;
        location = new ImageLocation(prefix.Kind, path, name);
        return true;
    }

    /// <summary>The same with a full path, for a path that is relative to a folder.</summary>
    public ImageLocation In(string folder) =>
        IsFile ? this with { Place = Path.GetFullPath(Place.Replace('\\', Path.DirectorySeparatorChar), folder) } : this;

    /// <summary>The text that it was, or could have been, read from.</summary>
    public override string ToString() => Kind switch
    {
        LocationKind.Registry => Place,
        LocationKind.Scratch => ScratchName,
        LocationKind.Engine => Array.Find(Prefixes, candidate => candidate.Engine == Place).Prefix + Name,
        _ => Array.Find(Prefixes, candidate => candidate.Kind == Kind).Prefix + Place + (Name is null ? "" : ":" + Name),
    };

    // A registry's host may be called like a prefix: oci:5000/app.
    private static bool IsPort(ReadOnlySpan<char> rest)
    {
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && rest[digits] == '/';
    }

    // C:\ or C:/, wherever this runs: no name starts with a slash.
    private static int DriveLength(string path) =>
        path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/' ? 2 : 0;
}
