using System.Text;
using System.Text.RegularExpressions;

namespace Containerize.Planning;

/// <summary>
/// <c>NAME.staticwebassets.endpoints.json</c>, which tells MapStaticAssets what to send. The SDK writes into it when each
/// file was last written on the building machine: two builds of one commit would differ. The image gets a copy with a
/// fixed time; browsers go by the ETag, which is made of the content, anyway.
/// </summary>
public static partial class StaticAssetEndpoints
{
    /// <summary>How such a file's name ends.</summary>
    public const string Suffix = ".staticwebassets.endpoints.json";

    private const string FixedTime = "Tue, 01 Jan 1980 00:00:00 GMT";

    /// <summary>Writes the copy, unless it is there already.</summary>
    /// <param name="source">The published file's full path.</param>
    /// <param name="folder">Where the copy goes.</param>
    /// <returns>The copy's full path.</returns>
    public static string Normalize(string source, string folder)
    {
        var copy = Path.Combine(folder, Path.GetFileName(source));
        // A copy has its source's time, to the tick.
        var time = File.GetLastWriteTimeUtc(source);
        if (File.Exists(copy) && File.GetLastWriteTimeUtc(copy) == time && time.Ticks % TimeSpan.TicksPerSecond != 0)
            return copy;
        var content = LastModified().Replace(File.ReadAllText(source), "$1" + FixedTime + "$2");
        Directory.CreateDirectory(folder);
        if (!File.Exists(copy) || File.ReadAllText(copy) != content)
            File.WriteAllText(copy, content, new UTF8Encoding(false));
        File.SetLastWriteTimeUtc(copy, time);
        return copy;
    }

    [GeneratedRegex("""("Name"\s*:\s*"Last-Modified"\s*,\s*"Value"\s*:\s*")[^"]*(")""", RegexOptions.CultureInvariant)]
    private static partial Regex LastModified();
}
