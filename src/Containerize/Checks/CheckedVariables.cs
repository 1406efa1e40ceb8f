namespace Containerize.Checks;

/// <summary>
/// The environment variables that rules look at. Rules see no others, so that what a check depends on is known: a variable with the commit,
/// for example, changes with every image and changes nothing here.
/// </summary>
internal static class CheckedVariables
{
    private static readonly string[] Names = ["PATH", "LD_LIBRARY_PATH", "TZDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    // The runtime's own, ROOT, ROLL_FORWARD and SYSTEM_GLOBALIZATION among them.
    private const string Prefix = "DOTNET_";

    /// <summary>Those of them that are among some variables, in their order.</summary>
    public static IEnumerable<KeyValuePair<string, string>> In(IEnumerable<KeyValuePair<string, string>> variables) =>
        variables.Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal) || Names.Contains(variable.Key));
}
