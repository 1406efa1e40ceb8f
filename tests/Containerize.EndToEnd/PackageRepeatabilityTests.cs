using System.Globalization;
using System.IO.Compression;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Whoever packs a commit gets the same package, and can tell by its bytes that nothing else is in it.</summary>
[Trait("Lane", "Second")]
public sealed class PackageRepeatabilityTests
{
    private static readonly DateTime Committed = new(2024, 3, 5, 6, 7, 8, DateTimeKind.Utc);

    private static readonly string[] Ada = ["-c", "user.name=Ada", "-c", "user.email=ada@example.invalid"];

    // What packing needs besides folders.
    private static readonly string[] Files =
    [
        "Directory.Build.props", "Directory.Packages.props", "NuGet.config", "global.json", ".editorconfig", ".gitignore", "README.md",
    ];

    [Fact]
    public async Task Two_clones_pack_the_same_bytes_whatever_the_folder_branch_time_umask_and_zone()
    {
        using var sandbox = await Sandbox.CreateAsync("packing", withPackage: false);
        var origin = await CommitAsync(sandbox);
        await CloneAsync(sandbox, origin, "one");
        await CloneAsync(sandbox, origin, "somewhere/else/with a longer name");
        (await sandbox.RunAsync("git", ["checkout", "-q", "--detach"], workingDirectory: "somewhere/else/with a longer name"))
            .EnsureSuccess();

        var packages = await Task.WhenAll(
            PackAsync(sandbox, "one", "022", new() { ["TZ"] = "UTC", ["CI"] = null }),
            PackAsync(sandbox, "somewhere/else/with a longer name", "077", new() { ["TZ"] = "Asia/Kathmandu", ["CI"] = "true" }));

        var entries = packages.Select(Entries).ToArray();
        Assert.Contains(entries[0], entry => entry.StartsWith("tasks/net10.0/linux-x64/Containerize.dll: ", StringComparison.Ordinal));
        Assert.Equal(entries[0], entries[1]);
        Assert.Equal(await File.ReadAllBytesAsync(packages[0]), await File.ReadAllBytesAsync(packages[1]));
        using var package = ZipFile.OpenRead(packages[0]);
        // A zip counts in steps of two seconds.
        Assert.All(
            package.Entries, entry => Assert.InRange(Committed - entry.LastWriteTime.DateTime, TimeSpan.Zero, TimeSpan.FromSeconds(2)));
    }

    // What is packed here may not have been committed yet, or may have come without git.
    private static async Task<string> CommitAsync(Sandbox sandbox)
    {
        foreach (var folder in new[] { "src", "sdk" })
            sandbox.CopyDirectory(folder, "origin/" + folder);
        foreach (var file in Files)
            sandbox.Write("origin/" + file, await File.ReadAllTextAsync(Repository.PathOf(file)));
        var origin = sandbox.PathOf("origin");
        var time = new Dictionary<string, string?> { ["GIT_COMMITTER_DATE"] = Committed.ToString("s", CultureInfo.InvariantCulture) + "Z" };
        string[][] commands = [["init", "-q"], ["add", "."], [.. Ada, "commit", "-qm", "First"]];
        foreach (var command in commands)
            (await sandbox.RunAsync("git", ["-C", origin, .. command], time)).EnsureSuccess();
        return origin;
    }

    private static async Task CloneAsync(Sandbox sandbox, string origin, string clone)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(sandbox.PathOf(clone))!);
        (await sandbox.RunAsync("git", ["clone", "-q", "--no-hardlinks", "--depth", "1", "file://" + origin, clone])).EnsureSuccess();
    }

    // For one runtime of several: compiling takes longest, and is the same for each.
    private static async Task<string> PackAsync(Sandbox sandbox, string clone, string umask, Dictionary<string, string?> environment)
    {
        environment["SOURCE_DATE_EPOCH"] = null;
        foreach (var (name, value) in CompilerServer.Unused)
            environment[name] = value;
        // The compiler for machine code is where packing has put it before.
        environment["NUGET_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        var pack = $"\"{DotnetSdk.Current.HostPath}\" pack src/Containerize.Tasks -c Release -m:1 -p:RuntimeIdentifiers=linux-x64 -o out";
        (await sandbox.RunAsync("bash", ["-c", $"umask {umask}; exec {pack}"], environment, clone)).EnsureSuccess();
        return Directory.EnumerateFiles(sandbox.PathOf(clone, "out"), "*.nupkg").Single();
    }

    private static List<string> Entries(string path)
    {
        using var package = ZipFile.OpenRead(path);
        return [.. package.Entries.Select(
            entry => $"{entry.FullName}: {entry.Crc32:x8} {entry.LastWriteTime:s} {entry.ExternalAttributes:x8}")];
    }
}
