using static Containerize.Layers.LayerPath;

namespace Containerize.Planning;

/// <summary>The directory of the image that the application goes to.</summary>
public static class WorkingDirectory
{
    // Links into /usr on every merged distribution (Debian 12, Ubuntu, Fedora), /run on all. A directory entry in their
    // place would hide what the base keeps behind them: the C library, for one.
    private static readonly string[] Links = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "var/run", "var/lock"];

    // Writable for everybody (1777), until a layer has something in them: then they are 0755, and nobody but root can
    // make a temporary file.
    private static readonly string[] Shared = ["tmp", "var/tmp"];

    /// <summary>The directory as a path of a layer: <c>/app/</c> becomes <c>app</c>, <c>/</c> becomes nothing.</summary>
    /// <param name="directory">The directory, absolute.</param>
    /// <param name="baseIsEmpty">Whether nothing lies below that a layer could hide.</param>
    /// <exception cref="ContainerizeException">It is not an absolute path, or one that would damage the base (CTZ1023).</exception>
    public static string ToLayerPath(string directory, bool baseIsEmpty)
    {
        if (!directory.StartsWith('/') || directory.Contains('\\', StringComparison.Ordinal) || directory.Any(char.IsControl))
            throw Invalid(directory, "it is not an absolute path such as /app");
        var parts = directory.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part is "." or ".."))
            throw Invalid(directory, "it holds '.' or '..'");
        var path = string.Join('/', parts);
        if (!baseIsEmpty && Links.FirstOrDefault(link => IsAtOrBelow(path, link)) is { } hit)
            throw Invalid(directory, $"/{hit} is a symbolic link in most base images, which a layer must not replace");
        if (ImagePath.MountOver(path) is { } mount)
            throw Invalid(directory, $"the container's kernel mounts /{mount}");
        if (Shared.FirstOrDefault(name => IsAtOrBelow(path, name)) is { } shared)
            throw Invalid(directory, $"a layer with something in /{shared} would take away everybody's right to write there");
        return path;
    }

    /// <summary>Whether a path of a layer lies where most bases have a symbolic link.</summary>
    public static bool LiesBehindLink(string path) => Links.Any(link => IsAtOrBelow(path, link));

    /// <summary>Whether a path of a layer lies in a directory that everybody may write to, which would end by it.</summary>
    public static bool LiesInShared(string path) => Shared.Any(shared => IsAtOrBelow(path, shared));

    /// <summary>
    /// Whether a directory is a user's home or lies in one. Engines give a directory that a layer touches without naming it
    /// the mode 0755 and the owner root.
    /// </summary>
    public static bool LiesInHome(string path) => IsAtOrBelow(path, "root") || path.StartsWith("home/", StringComparison.Ordinal);

    private static ContainerizeException Invalid(string directory, string why) => new(
        ErrorCodes.WorkingDirectoryInvalid,
        $"ContainerWorkingDirectory '{directory}' cannot be used: {why}. Use a directory of the application's own, for example /app.");
}
