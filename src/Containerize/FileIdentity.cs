using System.Runtime.InteropServices;

namespace Containerize;

/// <summary>
/// Which file it is that lies at a path, as the file system tells files apart: another one may have the same name, size and time of last
/// change, which programs set as they like.
/// </summary>
/// <param name="Number">The file's number (inode); 0 where the system does not tell.</param>
/// <param name="Made">When it was made, in the system's own unit. No program can set it on Linux.</param>
/// <param name="Changed">
/// When anything of it was changed last, its name and its times included; 0 where the system does not tell. No program can set it.
/// </param>
/// <param name="Owner">The user that owns it, as the file system has it; null where the system does not tell.</param>
/// <param name="Group">Its group; null where the system does not tell.</param>
/// <param name="IsRegular">False for folders, pipes, sockets and devices, on Linux; true where the system does not tell.</param>
internal readonly partial record struct FileIdentity(
    ulong Number, long Made, long Changed, uint? Owner = null, uint? Group = null, bool IsRegular = true)
{
    // statx(2). The structure is the same for all processors; .NET has no call for what is in it.
    private const int AtCurrentDirectory = -100;
    private const uint BasicAndBirth = 0xfff;
    private const int Size = 256;
    private const int OwnerAt = 20;
    private const int GroupAt = 24;
    private const int ModeAt = 28;
    private const int TypeMask = 0xf000;
    private const int RegularType = 0x8000;
    private const int NumberAt = 32;
    private const int BirthAt = 80;
    private const int ChangeAt = 96;

    /// <summary>Reads it; of a link, that of the file that it leads to.</summary>
    public static FileIdentity Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                Span<byte> file = stackalloc byte[Size];
                if (Statx(AtCurrentDirectory, path, 0, BasicAndBirth, ref MemoryMarshal.GetReference(file)) == 0)
                {
                    return new FileIdentity(
                        BitConverter.ToUInt64(file[NumberAt..]), Time(file[BirthAt..]), Time(file[ChangeAt..]),
                        BitConverter.ToUInt32(file[OwnerAt..]), BitConverter.ToUInt32(file[GroupAt..]),
                        (BitConverter.ToUInt16(file[ModeAt..]) & TypeMask) == RegularType);
                }
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018 (glibc 2.28), or musl before 1.2.5.
            }
        }

        return new FileIdentity(0, File.GetCreationTimeUtc(path).Ticks, 0);
    }

    /// <summary>Makes sure that what lies at a path can be opened without waiting for a writer: a pipe cannot.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static void RequireRegular(string path)
    {
        if (File.Exists(path) && !Of(path).IsRegular)
            throw new IOException($"'{path}' is a pipe, a socket or a device, and no file");
    }

    // Seconds and nanoseconds.
    private static long Time(ReadOnlySpan<byte> time) =>
        unchecked((BitConverter.ToInt64(time) * 1_000_000_000) + BitConverter.ToUInt32(time[8..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte file);
}
