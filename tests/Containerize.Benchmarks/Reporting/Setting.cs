using System.Globalization;
using System.Runtime.InteropServices;
using Containerize.Testing;

namespace Containerize.Benchmarks.Reporting;

/// <summary>When, on what and with what was measured.</summary>
/// <param name="Date">The day.</param>
/// <param name="Machine">Processor, memory, operating system.</param>
/// <param name="Versions">The programs and their versions.</param>
public sealed record Setting(string Date, string Machine, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>Asks the machine and the programs.</summary>
    public static async Task<Setting> DescribeAsync(Sandbox sandbox)
    {
        var versions = new Dictionary<string, string>
        {
            ["Containerize"] = "commit " + await AskAsync("git", "-C", Repository.Root, "rev-parse", "--short", "HEAD"),
            [".NET SDK"] = DotnetSdk.Current.Version,
            ["docker-registry"] = LastWord(await AskAsync("docker-registry", "--version")),
        };
        if (Testbed.Find(Server.Buildah) is { } buildah)
            versions["buildah"] = (await AskAsync(buildah, "--version")).Split(' ')[2];
        if (Testbed.Find(Server.Docker) is { } docker)
            versions["docker"] = await AskAsync(docker, "version", "--format", "{{.Server.Version}}, client {{.Client.Version}}");
        return new Setting(DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), DescribeMachine(), versions);

        async Task<string> AskAsync(string program, params string[] arguments) =>
            (await sandbox.RunAsync(program, arguments)).EnsureSuccess().StandardOutput.Trim();
    }

    private static string DescribeMachine()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30);
        return $"{ValueOf("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString()}, "
            + $"{Environment.ProcessorCount} cores, {memory} GB, "
            + (ValueOf("/etc/os-release", "PRETTY_NAME", '=') ?? RuntimeInformation.OSDescription);
    }

    private static string? ValueOf(string file, string key, char separator) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(separator, 2)[1].Trim().Trim('"')
        : null;

    private static string LastWord(string text) => text[(text.LastIndexOf(' ') + 1)..];
}
