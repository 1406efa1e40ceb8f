namespace Containerize.Hosting;

/// <summary>What the machine says of itself and its user. Passed in, so that tests need not change the process.</summary>
public interface IEnvironment
{
    /// <summary>The value of an environment variable; null where it is unset or empty.</summary>
    string? GetVariable(string name);

    /// <summary>The user's home directory.</summary>
    string HomeDirectory { get; }

    /// <summary>Where programs keep what concerns the whole machine: <c>/etc</c>; on Windows the folder ProgramData.</summary>
    string SystemDirectory { get; }
}

/// <summary>The environment of this process.</summary>
public sealed class HostEnvironment : IEnvironment
{
    /// <inheritdoc/>
    public string HomeDirectory => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <inheritdoc/>
    public string SystemDirectory => OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData) : "/etc";

    /// <inheritdoc/>
    public string? GetVariable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
