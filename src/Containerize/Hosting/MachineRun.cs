using System.Globalization;

namespace Containerize.Hosting;

/// <summary>
/// This machine since it was started. What was seen of a file's size and time says something about its content only while this is the same:
/// another machine may have other files with the same times, and a power cut may take away what was written.
/// </summary>
internal static class MachineRun
{
    // proc_sys_kernel(5), random/boot_id: another one each time that the machine starts.
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    /// <summary>The name of it; another one after the machine was started again.</summary>
    public static string Identify()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return Environment.MachineName + " " + File.ReadAllText(BootId).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container that does not show it.
        }

        // Not exact: clocks are set. Then files are read once more.
        var start = DateTime.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64);
        return Environment.MachineName + " " + start.AddSeconds(30).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }
}
