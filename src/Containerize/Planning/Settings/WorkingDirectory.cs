namespace Containerize.Planning.Settings;

/// <summary>The directory of the image that the application goes to.</summary>
internal static class WorkingDirectory
{
    /// <summary>The directory as a path of a layer: <c>/app/</c> becomes <c>app</c>, <c>/</c> becomes nothing.</summary>
    /// <param name="directory">The directory, absolute.</param>
    /// <exception cref="ContainerizeException">It is not an absolute path, or one that no image can hold (CTZ1023).</exception>
    public static string ToLayerPath(string directory)
    {
        if (!directory.StartsWith('/') || directory.Contains('\\', StringComparison.Ordinal) || directory.Any(char.IsControl))
            throw Invalid(directory, "it is not an absolute path such as /app");
        var parts = directory.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part is "." or ".."))
            throw Invalid(directory, "it holds '.' or '..'");
        var path = string.Join('/', parts);
        return ImagePath.MountOver(path) is { } mount ? throw Invalid(directory, $"the container's kernel mounts /{mount}") : path;
    }

    private static ContainerizeException Invalid(string directory, string why) => new(
        ErrorCodes.WorkingDirectoryInvalid,
        $"ContainerWorkingDirectory '{directory}' cannot be used: {why}. Use a directory of the application's own, for example /app.");
}
