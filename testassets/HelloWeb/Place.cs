using System.Runtime.InteropServices;

namespace HelloWeb;

/// <summary>What the application can tell about the place that it runs in.</summary>
public static class Place
{
    /// <summary>The user's name, or the number when no passwd file knows it, as in most containers.</summary>
    public static string User
    {
        get
        {
            var name = Environment.UserName;
            return name is { Length: > 0 } and not "?" || OperatingSystem.IsWindows()
                ? name
                : EffectiveUserId().ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public static string OperatingSystemDescription => RuntimeInformation.OSDescription;

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint EffectiveUserId();
}
