using System.Text.RegularExpressions;

namespace Containerize.Planning.Settings;

/// <summary>Names of environment variables.</summary>
internal static partial class EnvironmentNames
{
    /// <summary>Whether every shell and the .NET SDK's containers accept this name.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>
/// References to the base's variables in the values of an image's own, as in a Dockerfile's ENV: <c>/opt/tools:$PATH</c>.
/// </summary>
internal static partial class EnvironmentReferences
{
    /// <summary>
    /// Puts the base's values in place of <c>$NAME</c> and <c>${NAME}</c>. What names no variable of the base stays as it is, so that
    /// a value may hold any <c>$</c>; a back-slash before one that does keeps it: <c>\$PATH</c> is the text <c>$PATH</c>.
    /// </summary>
    public static string Expand(string value, IReadOnlyDictionary<string, string> variables) =>
        value.Contains('$', StringComparison.Ordinal)
            ? Reference().Replace(value, match => !variables.TryGetValue(match.Groups["name"].Value, out var found) ? match.Value
                : match.Value.StartsWith('\\') ? match.Value[1..]
                : found)
            : value;

    [GeneratedRegex(@"\\?\$(?:\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?<name>[A-Za-z_][A-Za-z0-9_]*))", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
