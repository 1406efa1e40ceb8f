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
