using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Containerize.Testing;

/// <summary>The package under test, packed once per test process with a version of its own.</summary>
/// <remarks>
/// A version that was never used before is what keeps every cache on the way (global packages, SDK resolver, loaded task assemblies) from
/// serving older code. <c>CONTAINERIZE_TEST_PACKAGE</c>, the path of a nupkg, makes the tests use that one instead, by a version of its
/// content.
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
            "pack",
            Repository.PathOf("src", "Containerize.Tasks"),
            "-c",
            "Release",
            "-o",
            feed,
            $"-p:Version={version}",
            "--artifacts-path",
            artifacts)
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

        // A directory of its own: the given one may hold other packages, which a sandbox must not see. And a version of its own: the given
        // one may have been used before, or be used by another run at this moment, with other content.
        var content = await File.ReadAllBytesAsync(nupkg);
        var own = $"{version.Split('+')[0]}{(version.Contains('-', StringComparison.Ordinal) ? '.' : '-')}g{ShortHash(content)}";
        var feed = Directory.CreateDirectory(Path.Combine(TestDirectories.Feeds, own)).FullName;
        var copy = Path.Combine(feed, $"{Id}.{own}.nupkg");
        using (await FileLock.AcquireAsync(Path.Combine(TestDirectories.Artifacts, "given.lock")))
        {
            if (!File.Exists(copy))
                WriteWithVersion(content, version, own, copy);
        }

        return new PackedPackage(own, copy);
    }

    private static void WriteWithVersion(byte[] content, string given, string own, string path)
    {
        var unfinished = path + ".new";
        File.WriteAllBytes(unfinished, content);
        using (var archive = ZipFile.Open(unfinished, ZipArchiveMode.Update))
        {
            var nuspec = Nuspec(archive);
            string text;
            using (var reader = new StreamReader(nuspec.Open()))
                text = reader.ReadToEnd();
            var name = nuspec.FullName;
            nuspec.Delete();
            using var writer = new StreamWriter(archive.CreateEntry(name).Open());
            writer.Write(text.Replace($"<version>{given}</version>", $"<version>{own}</version>", StringComparison.Ordinal));
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static ZipArchiveEntry Nuspec(ZipArchive archive) =>
        archive.Entries.Single(entry => entry.FullName == entry.Name && entry.Name.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase));

    private static (string Id, string Version) ReadIdentity(string nupkg)
    {
        using var archive = ZipFile.OpenRead(nupkg);
        using var stream = Nuspec(archive).Open();
        var values = XDocument.Load(stream).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
        return (values["id"].First(), values["version"].First());
    }

    internal static string ShortHash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..16];
}
