using System.Runtime.InteropServices;

namespace Containerize.Hosting;

/// <summary>
/// The folders of this program's own: how they are made, and whether others may write to them. On Windows the access list of the user's
/// profile decides, and nothing is done here.
/// </summary>
internal static partial class Folders
{
    private const UnixFileMode GroupWritable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>How files are made: as the umask has it, and never writable by everybody.</summary>
    public const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;

    /// <summary>Makes a folder and those that it lies in, as the umask has it and never writable by everybody.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Create(string folder) => Create(folder, GroupWritable);

    /// <summary>Makes a folder that only this user may look into; those that it lies in, too, where they are not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void CreatePrivate(string folder) => Create(folder, Private);

    /// <summary>
    /// Whether only this user, and root, may change what lies in a folder, or put another one in its place: what was noted there is what
    /// this user has noted. Like ssh's StrictModes (sshd_config(5)), but a group that is the user's alone does not count (Debian's and
    /// Fedora's user private groups).
    /// </summary>
    /// <param name="folder">The folder; one that is not there yet will be made by this user.</param>
    public static bool IsThisUsers(string folder)
    {
        if (OperatingSystem.IsWindows())
            return true;
        try
        {
            var user = EffectiveUser();
            for (var directory = new DirectoryInfo(Path.GetFullPath(folder)); directory is not null; directory = directory.Parent)
            {
                if (!directory.Exists)
                    continue;
                var mode = directory.UnixFileMode;
                var identity = FileIdentity.Of(directory.FullName);
                var isOthers = identity.Owner is { } owner && owner != user && owner != 0;
                var mayOthersWrite = (mode & UnixFileMode.OtherWrite) != 0
                    || ((mode & UnixFileMode.GroupWrite) != 0 && identity.Group != user);
                // In /tmp, others may add names and not take away this user's.
                if (isOthers
                    || (mayOthersWrite && ((mode & UnixFileMode.StickyBit) == 0 || directory.FullName == Path.GetFullPath(folder))))
                    return false;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    // .NET gives the mode to the last folder alone.
    private static void Create(string folder, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
            Create(parent, GroupWritable);
        Directory.CreateDirectory(path, mode);
    }

    /// <summary>Opens a file that is made where it is not there, never writable by everybody.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be opened, or another process has it.</exception>
    public static FileStream OpenAlone(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = System.IO.FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode;
        return new FileStream(path, options);
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
