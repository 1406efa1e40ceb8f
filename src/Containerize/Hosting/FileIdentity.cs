using System.Runtime.InteropServices;

namespace Containerize.Hosting;

/// <summary>
/// Which file it is that lies at a path, as the file system tells files apart: another one may have the same name, size and time of last change,
/// which programs set as they like.
/// </summary>
/// <param name="Number">The file's number (inode); 0 where the system does not tell.</param>
/// <param name="Made">When it was made, in the system's own unit. Nobody can set it on Linux.</param>
/// <param name="Changed">When anything of it was changed last, its name and its times included; 0 where the system does not tell. Nobody can set it.</param>
/// <param name="Owner">The user that owns it, as the file system has it; null where the system does not tell.</param>
/// <param name="Group">Its group; null where the system does not tell.</param>
internal readonly partial record struct FileIdentity(ulong Number, long Made, long Changed, uint? Owner = null, uint? Group = null)
{
    // statx(2). The structure is the same for all processors; .NET has no call for what is in it.
    private const int AtCurrentDirectory = -100;
    private const uint BasicAndBirth = 0xfff;
    private const int Size = 256;
    private const int OwnerAt = 20;
    private const int GroupAt = 24;
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
                        BitConverter.ToUInt32(file[OwnerAt..]), BitConverter.ToUInt32(file[GroupAt..]));
                }
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018 (glibc 2.28), or musl before 1.2.5.
            }
        }

        return new FileIdentity(0, File.GetCreationTimeUtc(path).Ticks, 0);
    }

    // Seconds and nanoseconds.
    private static long Time(ReadOnlySpan<byte> time) => unchecked((BitConverter.ToInt64(time) * 1_000_000_000) + BitConverter.ToUInt32(time[8..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte file);
}
