using System.Globalization;

namespace Containerize.Benchmarks.Measuring;

/// <summary>The processor time, user and system, of all processes that this one has started and that have ended, and of theirs.</summary>
public static class ChildTime
{
    // Linux reports in units of USER_HZ, which are these for programs on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>The seconds so far; null where the system does not tell.</summary>
    public static double? Read()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // proc(5): the name, field 2, may hold spaces and parentheses; cutime and cstime are the fields 16 and 17.
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (
            long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
