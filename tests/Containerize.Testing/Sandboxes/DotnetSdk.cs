using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Containerize.Testing;

/// <summary>The .NET SDK that the tests run with: the one that <c>dotnet</c> selects for this repository.</summary>
/// <param name="Version">The full version, such as <c>10.0.100</c>.</param>
/// <param name="Directory">The directory of MSBuild.dll and the targets.</param>
/// <param name="HostPath">The path of the <c>dotnet</c> executable.</param>
public sealed record DotnetSdk(string Version, string Directory, string HostPath)
{
    private static readonly Lazy<DotnetSdk> LazyCurrent = new(Find);

    /// <summary>The running SDK, asked for once per process.</summary>
    public static DotnetSdk Current => LazyCurrent.Value;

    // The assembly resolver asks for this in the middle of loading an assembly: synchronous, and nothing from outside of the framework.
    private static DotnetSdk Find()
    {
        var host = FindHost();
        var version = Ask(host, "--version").Trim();
        foreach (var line in Ask(host, "--list-sdks").Split('\n', StringSplitOptions.TrimEntries))
        {
            // "10.0.100 [/usr/share/dotnet/sdk]"
            if (line.StartsWith(version + " [", StringComparison.Ordinal) && line.EndsWith(']'))
                return new DotnetSdk(version, Path.Combine(line[(version.Length + 2)..^1], version), host);
        }

        throw new InvalidOperationException($"'{host} --list-sdks' does not list version {version}.");
    }

    private static string FindHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string?[] candidates = [Path.Combine(root, name), Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"), Environment.ProcessPath];
        return Array.Find(candidates, path => Path.GetFileName(path) == name && File.Exists(path)) ?? name;
    }

    private static string Ask(string host, string question)
    {
        // The directory of the tests is in the repository, so that global.json is heard.
        var start = new ProcessStartInfo(host, [question]) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{host}' could not be started.");
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? answer
            : throw new InvalidOperationException($"'{host} {question}' failed with exit code {process.ExitCode}.");
    }
}
