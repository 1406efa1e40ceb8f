using System.Collections;

namespace Containerize.Testing;

/// <summary>The environment of a <c>dotnet</c> that tests start: the user's own, without what the test host left in it.</summary>
/// <remarks>
/// Every environment variable is an MSBuild property, and <c>dotnet test</c> sets a good many: a child that inherits them builds with the
/// targets, the start-up hooks and the session of its grandparent.
/// </remarks>
public static class ChildEnvironment
{
    private static readonly string[] RemovedPrefixes =
    [
        "MSBUILD", "_MSBUILD", "DOTNET_", "VSTEST", "COR_", "CORECLR_", "NUGET_", "CONTAINERIZE_",
    ];

    // What a machine needs to run or restore at all, and what a user set about privacy.
    private static readonly string[] KeptPrefixes = ["DOTNET_ROOT", "DOTNET_SYSTEM_", "DOTNET_CLI_WORKLOAD_", "NUGET_CERT_REVOCATION_MODE"];

    private static readonly string[] Kept =
    [
        "DOTNET_CLI_HOME", "DOTNET_CLI_TELEMETRY_OPTOUT", "DOTNET_GENERATE_ASPNET_CERTIFICATE", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE",
        "NUGET_HTTP_CACHE_PATH", "NUGET_PLUGIN_PATHS", "NUGET_NETCORE_PLUGIN_PATHS", "NUGET_CREDENTIALPROVIDERS_PATH",
    ];

    /// <summary>A fresh copy to build on.</summary>
    public static Dictionary<string, string?> Create()
    {
        var comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var environment = new Dictionary<string, string?>(comparer);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!IsRemoved(name))
                environment[name] = (string?)variable.Value;
        }

        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
        // Messages are compared with English text.
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        return environment;
    }

    private static bool IsRemoved(string name) =>
        StartsWithAny(name, RemovedPrefixes)
        && !StartsWithAny(name, KeptPrefixes)
        && !Kept.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool StartsWithAny(string name, string[] prefixes) =>
        Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
