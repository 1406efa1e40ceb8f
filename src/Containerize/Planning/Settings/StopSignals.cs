using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerize.Planning.Settings;

/// <summary>The signal that asks a container to stop (image-spec, config.md, "StopSignal").</summary>
internal static partial class StopSignals
{
    /// <summary>The signal as the config has it: a name that starts with <c>SIG</c>, or a number.</summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1031).</exception>
    public static string? Parse(string? signal)
    {
        if (string.IsNullOrWhiteSpace(signal))
            return null;
        var name = signal.Trim().ToUpperInvariant();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64)
            return number.ToString(CultureInfo.InvariantCulture);
        if (!name.StartsWith("SIG", StringComparison.Ordinal))
            name = "SIG" + name;
        return Name().IsMatch(name) ? name : throw new ContainerizeException(
            ErrorCodes.StopSignalInvalid,
            $"ContainerStopSignal is '{signal}', which is no signal of Linux. Set it to a name such as SIGTERM, SIGINT or "
                + "SIGRTMIN+3, or to a number from 1 to 64.");
    }

    // signal(7).
    [GeneratedRegex(
        @"\ASIG(?:HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT"
            + @"|CHLD|CLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS"
            + @"|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
