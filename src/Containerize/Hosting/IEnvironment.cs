namespace Containerize.Hosting;

/// <summary>What the machine says of itself and its user. Passed in, so that tests need not change the process.</summary>
internal interface IEnvironment
{
    /// <summary>The value of an environment variable; null where it is unset or empty.</summary>
    string? GetVariable(string name);

    /// <summary>The user's home directory.</summary>
    string HomeDirectory { get; }

    /// <summary>Where programs keep what concerns the whole machine: <c>/etc</c>; on Windows the folder ProgramData.</summary>
    string SystemDirectory { get; }

    /// <summary>
    /// Where podman keeps what is the user's until the machine stops, for users without <c>XDG_RUNTIME_DIR</c>, as root in a container is:
    /// <c>/run/containers/UID</c>; null where there is none.
    /// </summary>
    string? RuntimeDirectory { get; }
}

/// <summary>The environment of this process.</summary>
internal sealed class HostEnvironment : IEnvironment
{
    /// <inheritdoc/>
    public string HomeDirectory => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <inheritdoc/>
    public string SystemDirectory =>
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData) : "/etc";

    /// <inheritdoc/>
    public string? RuntimeDirectory
    {
        get
        {
            // The folder above is root's alone, often. No login of this user is there then, and that must not be an error.
            var folder = OperatingSystem.IsLinux() && UserId() is { } id ? $"/run/containers/{id}" : null;
            return Directory.Exists(folder) ? folder : null;
        }
    }

    /// <inheritdoc/>
    public string? GetVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // .NET has no name for it. The first of the numbers is the real one, which podman goes by.
    private static string? UserId()
    {
        try
        {
            return File.ReadLines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t') is [_, var id, ..] ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
