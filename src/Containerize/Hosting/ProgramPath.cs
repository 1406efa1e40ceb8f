namespace Containerize.Hosting;

/// <summary>
/// Where a program is: in the absolute folders of PATH and nowhere else. .NET also looks beside itself and in the current folder, which is
/// the project's, and CreateProcess in still more: a file of a repository must not become a program because of its name.
/// </summary>
internal static class ProgramPath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The full path of a program; null where there is none.</summary>
    /// <param name="name">Its name, or its full path. On Windows without <c>.exe</c>; other extensions are part of the name.</param>
    /// <param name="environment">Has PATH.</param>
    public static string? Find(string name, IEnvironment environment)
    {
        if (Path.IsPathFullyQualified(name))
            return IsProgram(name) ? name : null;
        if (name.Length == 0 || name != Path.GetFileName(name))
            return null;
        var file = OperatingSystem.IsWindows() && !Path.HasExtension(name) ? name + ".exe" : name;
        return (environment.GetVariable("PATH") ?? "").Split(Path.PathSeparator)
            // Windows' own programs take quotes off.
            .Select(folder => OperatingSystem.IsWindows() ? folder.Trim('"') : folder)
            .Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(IsProgram);
    }

    // What execvp(3) passes over is passed over: folders, and files that may not be executed.
    private static bool IsProgram(string path)
    {
        try
        {
            return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
