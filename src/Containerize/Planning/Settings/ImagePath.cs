using Containerize.Layers;

namespace Containerize.Planning.Settings;

/// <summary>Paths of the image as users write them.</summary>
internal static class ImagePath
{
    private static readonly string[] Kernel = ["proc", "sys", "dev"];

    /// <summary>
    /// The path as a layer has it: <c>/var/data/</c> becomes <c>var/data</c>. One that does not start with <c>/</c> is meant below
    /// the working directory, as in a Dockerfile.
    /// </summary>
    /// <param name="path">
    /// What the user wrote. <c>\</c> counts as <c>/</c>: MSBuild on Windows writes it, in <c>%(RecursiveDir)</c> for one.
    /// </param>
    /// <param name="workingDirectory">The working directory as a layer's path.</param>
    /// <param name="setting">Which item or property it is, for the message.</param>
    /// <exception cref="ContainerizeException">It cannot be a path of an image (CTZ1030).</exception>
    public static string Parse(string path, string workingDirectory, string setting)
    {
        var written = path.Replace('\\', '/');
        if (string.IsNullOrWhiteSpace(written))
            throw Invalid(path, setting, "it is empty");
        if (written.Any(char.IsControl))
            throw Invalid(path, setting, "it holds a control character");
        if (written.Length > 1 && char.IsAsciiLetter(written[0]) && written[1] == ':' && (written.Length == 2 || written[2] == '/'))
            throw Invalid(path, setting, "it is one of Windows");
        var parts = written.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        if (parts.Contains(".."))
            throw Invalid(path, setting, "it holds '..'");
        if (parts.Exists(part => part.StartsWith(".wh.", StringComparison.Ordinal)))
            throw Invalid(path, setting, "names that start with '.wh.' mark deletions in layers");
        var relative = string.Join('/', parts);
        var full = written.StartsWith('/')
            ? relative
            : relative.Length == 0 ? workingDirectory : LayerPath.Combine(workingDirectory, relative);
        return MountOver(full) is { } mount ? throw Invalid(path, setting, $"the container's kernel mounts /{mount}") : full;
    }

    /// <summary>The same, but the root is refused: it is always there, and can be neither added nor taken away.</summary>
    /// <exception cref="ContainerizeException">It cannot be a path of an image, or is the root (CTZ1030).</exception>
    public static string ParseBelowRoot(string path, string workingDirectory, string setting) =>
        Parse(path, workingDirectory, setting) is { Length: > 0 } parsed
            ? parsed
            : throw Invalid(path, setting, "it is the root of the image");

    /// <summary>The path of something that was found in a folder whose content goes to a path of the image.</summary>
    /// <param name="path">The image's path, as a layer has it.</param>
    /// <param name="relative">The path in the folder; a back-slash is part of a name there.</param>
    /// <param name="setting">Which item it is, for the message.</param>
    /// <exception cref="ContainerizeException">It cannot be a path of an image (CTZ1030).</exception>
    public static string Below(string path, string relative, string setting)
    {
        var full = LayerPath.Combine(path, relative);
        return MountOver(full) is { } mount ? throw Invalid("/" + full, setting, $"the container's kernel mounts /{mount}") : full;
    }

    /// <summary>What the container's kernel mounts over a path; null where a container sees it.</summary>
    internal static string? MountOver(string path) => Kernel.FirstOrDefault(name => LayerPath.IsAtOrBelow(path, name));

    private static ContainerizeException Invalid(string path, string setting, string why) => new(
        ErrorCodes.ImagePathInvalid,
        $"{setting} names the path '{path}' of the image, which cannot be used: {why}. "
            + "Write an absolute path such as /var/data, or one below ContainerWorkingDirectory without '/' at its start.");
}
