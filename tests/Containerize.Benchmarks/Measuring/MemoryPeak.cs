using System.Globalization;

namespace Containerize.Benchmarks.Measuring;

/// <summary>
/// The peak of this process's memory over some stretches of its life, and how much of it came in them. Linux keeps one peak, which can
/// be set back.
/// </summary>
public sealed class MemoryPeak
{
    private long _before;
    private long _now;
    private long _carried;
    private bool _isOpen;

    /// <summary>The largest resident set of all stretches.</summary>
    public long? Bytes { get; private set; }

    /// <summary>The most that was there on top of what came outside of the stretches: what an earlier stretch left counts.</summary>
    public long? Growth { get; private set; }

    /// <summary>A stretch begins, unless one is open.</summary>
    public void Begin()
    {
        if (_isOpen || !OperatingSystem.IsLinux())
            return;
        // proc(5): 5 sets the peak back to what is resident now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        _before = _now = Read("VmRSS:");
        _isOpen = true;
    }

    /// <summary>Looks at the peak of the stretch that is open.</summary>
    public void Look()
    {
        if (!_isOpen)
            return;
        _now = Read("VmRSS:");
        var peak = Read("VmHWM:");
        Bytes = Math.Max(Bytes ?? 0, peak);
        Growth = Math.Max(Growth ?? 0, _carried + peak - _before);
    }

    /// <summary>The stretch ended with the last look.</summary>
    public void End()
    {
        if (!_isOpen)
            return;
        _carried = Math.Max(0, _carried + _now - _before);
        _isOpen = false;
    }

    private static long Read(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return 1024 * long.Parse(
            line.AsSpan(key.Length, line.Length - key.Length - "kB".Length),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture);
    }
}
