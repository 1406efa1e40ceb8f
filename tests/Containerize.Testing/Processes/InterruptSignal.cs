using System.Globalization;

namespace Containerize.Testing;

/// <summary>Makes sure that a process can be interrupted.</summary>
internal static class InterruptSignal
{
    private const int Number = 2;

    /// <summary>
    /// A process inherits which signals are ignored, and a shell that starts its jobs in the background (as nohup and many CI agents do)
    /// ignores SIGINT: the interrupt that a test sends would then go unheard. <c>env</c> of GNU gives the child the default back.
    /// </summary>
    public static ProcessCommand Restore(ProcessCommand command) =>
        IsIgnored()
            ? command with { FileName = "env", Arguments = ["--default-signal=INT", command.FileName, .. command.Arguments] }
            : command;

    private static bool IsIgnored()
    {
        const string field = "SigIgn:";
        if (!OperatingSystem.IsLinux())
            return false;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        var mask = ulong.Parse(line.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (mask & (1UL << (Number - 1))) != 0;
    }
}
