namespace Containerize.Planning;

/// <summary>Paths of the image as users write them.</summary>
public static class ImagePath
{
    private static readonly string[] Kernel = ["proc", "sys", "dev"];

    /// <summary>
    /// The path as a layer has it: <c>/var/data/</c> becomes <c>var/data</c>. One that does not start with <c>/</c> is meant below
    /// the working directory, as in a Dockerfile.
    /// </summary>
    /// <param name="path">What the user wrote.</param>
    /// <param name="workingDirectory">The working directory as a layer's path.</param>
    /// <param name="setting">Which item or property it is, for the message.</param>
    /// <exception cref="ContainerizeException">It cannot be a path of an image (CTZ1030).</exception>
    public static string Parse(string path, string workingDirectory, string setting)
    {
        if (path.Length == 0)
            throw Invalid(path, setting, "it is empty");
        if (path.Contains('\\', StringComparison.Ordinal) || path.Any(char.IsControl))
            throw Invalid(path, setting, "it holds a back-slash or a control character");
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part is "." or ".."))
            throw Invalid(path, setting, "it holds '.' or '..'");
        if (parts.Any(part => part.StartsWith(".wh.", StringComparison.Ordinal)))
            throw Invalid(path, setting, "names that start with '.wh.' mark deletions in layers");
        var relative = string.Join('/', parts);
        var full = path.StartsWith('/') || workingDirectory.Length == 0 ? relative : relative.Length == 0 ? workingDirectory : $"{workingDirectory}/{relative}";
        if (Kernel.FirstOrDefault(name => IsAtOrBelow(full, name)) is { } kernel)
            throw Invalid(path, setting, $"the container's kernel mounts /{kernel}");
        return full;
    }

    /// <summary>Whether a path of a layer is another one or lies below it.</summary>
    public static bool IsAtOrBelow(string path, string parent) =>
        parent.Length == 0 || path == parent || (path.Length > parent.Length && path[parent.Length] == '/' && path.StartsWith(parent, StringComparison.Ordinal));

    private static ContainerizeException Invalid(string path, string setting, string why) => new(
        ErrorCodes.ImagePathInvalid,
        $"{setting} names the path '{path}' of the image, which cannot be used: {why}. Write an absolute path such as /var/data, or one below ContainerWorkingDirectory without '/' at its start.");
}
