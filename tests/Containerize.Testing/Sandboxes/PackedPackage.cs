using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Containerize.Testing;

/// <summary>The package under test, packed once per test process with a version of its own.</summary>
/// <remarks>
/// A version that was never used before is what keeps every cache on the way (global packages, SDK resolver, loaded task assemblies) from
/// serving older code. <c>CONTAINERIZE_TEST_PACKAGE</c>, the path of a nupkg, makes the tests use that one instead.
/// </remarks>
public sealed class PackedPackage
{
    /// <summary>The name of the package.</summary>
    public const string Id = "Containerize";

    private static readonly Lazy<Task<PackedPackage>> LazyCurrent = new(CreateAsync);

    private PackedPackage(string version, string nupkgPath)
    {
        Version = version;
        NupkgPath = nupkgPath;
    }

    /// <summary>The version to reference.</summary>
    public string Version { get; }

    /// <summary>The path of the package file.</summary>
    public string NupkgPath { get; }

    /// <summary>A directory with this package alone, usable as a package source.</summary>
    public string FeedDirectory => Path.GetDirectoryName(NupkgPath)!;

    /// <summary>The package; the first caller packs, all others wait for it.</summary>
    public static Task<PackedPackage> GetAsync() => LazyCurrent.Value;

    /// <summary>As <see cref="GetAsync"/>, for callers that cannot wait asynchronously.</summary>
    public static PackedPackage Get() => Task.Run(GetAsync).GetAwaiter().GetResult();

    private static Task<PackedPackage> CreateAsync() =>
        Environment.GetEnvironmentVariable("CONTAINERIZE_TEST_PACKAGE") is { Length: > 0 } nupkg
            ? UseAsync(Path.GetFullPath(nupkg))
            : PackAsync();

    private static async Task<PackedPackage> PackAsync()
    {
        var version = string.Create(CultureInfo.InvariantCulture, $"0.0.0-test.{DateTime.UtcNow.Ticks}");
        var feed = Path.Combine(TestDirectories.Feeds, version);

        // One directory per working copy: two of them may be tested on one machine.
        var artifacts = Path.Combine(TestDirectories.Artifacts, ShortHash(Encoding.UTF8.GetBytes(Repository.Root)));
        var environment = ChildEnvironment.Create();
        // The repository is restored as the user restores it, not into the folder of the sandboxes.
        environment["NUGET_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        foreach (var (name, value) in CompilerServer.Used)
            environment[name] = value;
        var command = new ProcessCommand(
            DotnetSdk.Current.HostPath,
            "pack", Repository.PathOf("src", "Containerize.Tasks"), "-c", "Release", "-o", feed, $"-p:Version={version}", "--artifacts-path", artifacts)
        {
            WorkingDirectory = Repository.Root,
            InheritEnvironment = false,
            Environment = environment,
        };

        using (await FileLock.AcquireAsync(artifacts + ".lock"))
            (await ProcessRunner.RunAsync(command)).EnsureSuccess();

        var nupkg = Path.Combine(feed, $"{Id}.{version}.nupkg");
        return File.Exists(nupkg)
            ? new PackedPackage(version, nupkg)
            : throw new FileNotFoundException($"'{command}' did not write '{nupkg}'.", nupkg);
    }

    private static async Task<PackedPackage> UseAsync(string nupkg)
    {
        var (id, version) = ReadIdentity(nupkg);
        if (!id.Equals(Id, StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"CONTAINERIZE_TEST_PACKAGE is the package '{id}', expected '{Id}': '{nupkg}'.");

        // Somebody else's directory may hold other packages, which a sandbox must not see.
        var content = await File.ReadAllBytesAsync(nupkg);
        var feed = Directory.CreateDirectory(Path.Combine(TestDirectories.Feeds, $"{version}-{ShortHash(content)}")).FullName;
        var copy = Path.Combine(feed, $"{Id}.{version}.nupkg");
        using (await FileLock.AcquireAsync(Path.Combine(TestDirectories.Artifacts, "given.lock")))
        {
            await File.WriteAllBytesAsync(copy, content);
            await ForgetOtherContentAsync(version, content);
        }

        return new PackedPackage(version, copy);
    }

    // Unlike ours, this version may have been used before, with other content.
    private static async Task ForgetOtherContentAsync(string version, byte[] content)
    {
        var installed = Path.Combine(await Sandbox.GetPackagesDirectoryAsync(), Id.ToLowerInvariant(), version.ToLowerInvariant());
        var hashFile = Path.Combine(installed, $"{Id.ToLowerInvariant()}.{version.ToLowerInvariant()}.nupkg.sha512");
        // A folder without it is of no use to NuGet either; or another process is just filling it.
        if (File.Exists(hashFile) && await File.ReadAllTextAsync(hashFile) != Convert.ToBase64String(SHA512.HashData(content)))
            Directory.Delete(installed, recursive: true);
    }

    private static (string Id, string Version) ReadIdentity(string nupkg)
    {
        using var archive = ZipFile.OpenRead(nupkg);
        var nuspec = archive.Entries.Single(entry => entry.FullName == entry.Name && entry.Name.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase));
        using var stream = nuspec.Open();
        var values = XDocument.Load(stream).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
        return (values["id"].First(), values["version"].First());
    }

    internal static string ShortHash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..16];
}
