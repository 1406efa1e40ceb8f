using System.Globalization;

namespace Containerize.Benchmarks.Measuring;

/// <summary>The peak of this process's memory over some stretches of its life. Linux keeps one peak, which can be set back.</summary>
public sealed class MemoryPeak
{
    private long _before;

    /// <summary>The largest resident set of all stretches.</summary>
    public long? Bytes { get; private set; }

    /// <summary>The most that a stretch had more than at its beginning.</summary>
    public long? Growth { get; private set; }

    /// <summary>A stretch begins.</summary>
    public void Begin()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // proc(5): 5 sets the peak back to what is resident now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        _before = Read("VmRSS:");
    }

    /// <summary>It ends.</summary>
    public void End()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var peak = Read("VmHWM:");
        Bytes = Math.Max(Bytes ?? 0, peak);
        Growth = Math.Max(Growth ?? 0, peak - _before);
    }

    private static long Read(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(key.Length, line.Length - key.Length - "kB".Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
