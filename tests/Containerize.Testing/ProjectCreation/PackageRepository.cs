using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Build.Evaluation;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>
/// A global packages folder of a test, with packages that are installed already, and a NuGet.config that knows this folder and the given
/// feeds. Until it is disposed, <c>NUGET_PACKAGES</c> is not set in this process, for it would be stronger than the file.
/// </summary>
public sealed class PackageRepository : IDisposable
{
    private readonly string? globalPackagesFolderBefore = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
    private PackageContent? content;

    private PackageRepository(string rootPath, Uri[] feeds)
    {
        GlobalPackagesFolder = Path.Combine(rootPath, ".nuget", "packages");
        NuGetConfigPath = Path.Combine(rootPath, "NuGet.config");
        Directory.CreateDirectory(GlobalPackagesFolder);
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", null);
        File.WriteAllText(NuGetConfigPath, Configuration(feeds).ToString());
    }

    /// <summary>Where packages are installed.</summary>
    public string GlobalPackagesFolder { get; }

    /// <summary>The configuration that projects below the root use.</summary>
    public string NuGetConfigPath { get; }

    /// <summary>Creates a repository.</summary>
    /// <param name="rootPath">The directory that it, and the projects that use it, are in.</param>
    /// <param name="feeds">Where packages that are not in it come from; from nowhere if there are none.</param>
    public static PackageRepository Create(string rootPath, params Uri[] feeds) => new(rootPath, feeds);

    /// <summary>Installs a package made here; what follows goes into it.</summary>
    /// <param name="id">The name.</param>
    /// <param name="version">The version.</param>
    /// <param name="package">The package, for references to it.</param>
    /// <param name="authors">The authors.</param>
    /// <param name="description">The description.</param>
    /// <param name="copyright">Not used here.</param>
    /// <param name="developmentDependency">Whether references to it are private.</param>
    public PackageRepository Package(
        string id,
        string version,
        out Package package,
        string? authors = "UserA",
        string? description = "Description",
        string? copyright = null,
        bool developmentDependency = false)
    {
        content = new PackageContent(id, version, authors ?? "", description ?? "", developmentDependency);
        package = content.Package;
        return Install(content);
    }

    /// <summary>Installs a package file as a restore would.</summary>
    /// <param name="nupkg">The file.</param>
    /// <param name="package">The package, for references to it.</param>
    public PackageRepository Package(FileInfo nupkg, out Package package)
    {
        content = null;
        var bytes = File.ReadAllBytes(nupkg.FullName);
        using var archive = new ZipArchive(new MemoryStream(bytes));
        // The rest is about the file itself: its parts, its properties, a signature.
        var entries = archive.Entries
            .Where(entry => !entry.FullName.EndsWith('/')
                && !entry.FullName.StartsWith("_rels/", StringComparison.Ordinal)
                && !entry.FullName.StartsWith("package/", StringComparison.Ordinal)
                && entry.FullName != "[Content_Types].xml")
            .ToDictionary(entry => Uri.UnescapeDataString(entry.FullName), Read);

        var (manifestPath, manifest) = entries.Single(
            file => file.Key.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase) && !file.Key.Contains('/'));
        var values = XDocument.Load(new MemoryStream(manifest)).Descendants()
            .ToLookup(element => element.Name.LocalName, element => element.Value);
        package = new Package(values["id"].First(), values["version"].First());
        entries.Remove(manifestPath);
        entries[$"{package.Id}.nuspec"] = manifest;
        Install(package, entries, bytes);
        return this;

        static byte[] Read(ZipArchiveEntry entry)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
    }

    /// <summary>Adds a library with one class to the package.</summary>
    /// <param name="targetFramework">The framework that it is for.</param>
    /// <param name="filename">The name of the file; by default the package's.</param>
    /// <param name="namespace">The namespace of the class; by default the package's name.</param>
    /// <param name="className">The name of the class; by default the package's name and <c>_Class</c>.</param>
    /// <param name="assemblyVersion">The version of the assembly.</param>
    public PackageRepository Library(
        string targetFramework,
        string? filename = null,
        string? @namespace = null,
        string? className = null,
        string assemblyVersion = "1.0.0.0") =>
        Change(current => current.AddLibrary(targetFramework, filename, @namespace, className, assemblyVersion));

    /// <summary>Adds a .props file that projects with a reference to the package import.</summary>
    public PackageRepository BuildProps(
        Action<ProjectCreator> creator, NewProjectFileOptions projectFileOptions = NewProjectFileOptions.None) =>
        Change(current => current.AddBuildLogic(".props", creator, projectFileOptions));

    /// <summary>Adds a .targets file that projects with a reference to the package import.</summary>
    public PackageRepository BuildTargets(
        Action<ProjectCreator> creator, NewProjectFileOptions projectFileOptions = NewProjectFileOptions.None) =>
        Change(current => current.AddBuildLogic(".targets", creator, projectFileOptions));

    /// <summary>Adds a file to the package.</summary>
    public PackageRepository FileText(string relativePath, string contents) => Change(current => current.Add(relativePath, contents));

    /// <summary>Adds a dependency to the package.</summary>
    /// <param name="package">What it depends on.</param>
    /// <param name="targetFramework">The framework for which it does.</param>
    /// <param name="includeAssets">What to take of it.</param>
    /// <param name="excludeAssets">What to leave of it.</param>
    public PackageRepository Dependency(
        Package package, string targetFramework, string? includeAssets = "All", string? excludeAssets = "None") =>
        Dependency(package.Id, package.Version, targetFramework, includeAssets, excludeAssets);

    /// <summary>Adds a dependency to the package.</summary>
    /// <param name="id">The name of what it depends on.</param>
    /// <param name="version">The lowest version, or a range.</param>
    /// <param name="targetFramework">The framework for which it does.</param>
    /// <param name="includeAssets">What to take of it.</param>
    /// <param name="excludeAssets">What to leave of it.</param>
    public PackageRepository Dependency(
        string id, string version, string targetFramework, string? includeAssets = "All", string? excludeAssets = "None") =>
        Change(current => current.AddDependency(id, version, targetFramework, includeAssets, excludeAssets));

    /// <summary>Gives <c>NUGET_PACKAGES</c> the value it had.</summary>
    public void Dispose() => Environment.SetEnvironmentVariable("NUGET_PACKAGES", globalPackagesFolderBefore);

    private PackageRepository Change(Action<PackageContent> change)
    {
        var current = content ?? throw new InvalidOperationException("There is no package to add to: call Package(id, version, …) first.");
        change(current);
        return Install(current);
    }

    private PackageRepository Install(PackageContent current)
    {
        Install(current.Package, current.Files, current.ToNupkg());
        return this;
    }

    // What NuGet leaves in the folder; the metadata file says that the package is whole.
    private void Install(Package package, IEnumerable<KeyValuePair<string, byte[]>> files, byte[] nupkg)
    {
        var (id, version) = (package.Id.ToLowerInvariant(), package.Version.ToLowerInvariant());
        var root = Path.Combine(GlobalPackagesFolder, id, version);
        foreach (var (path, bytes) in files)
            Write(path == $"{package.Id}.nuspec" ? $"{id}.nuspec" : path, bytes);

        var hash = Convert.ToBase64String(SHA512.HashData(nupkg));
        Write($"{id}.{version}.nupkg", nupkg);
        Write($"{id}.{version}.nupkg.sha512", Encoding.ASCII.GetBytes(hash));
        Write(".nupkg.metadata", JsonSerializer.SerializeToUtf8Bytes(new { version = 2, contentHash = hash, source = (string?)null }));

        void Write(string path, byte[] bytes)
        {
            var target = Path.GetFullPath(Path.Combine(root, path));
            if (!target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new InvalidDataException($"'{path}' is not inside of the package {package.Id}.");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, bytes);
        }
    }

    private XElement Configuration(Uri[] feeds) => new(
        "configuration",
        new XElement("config", Add("globalPackagesFolder", GlobalPackagesFolder)),
        new XElement(
            "packageSources",
            new XElement("clear"),
            feeds.Select(
                (feed, index) => Add(feed.IsFile ? $"Local{index + 1}" : feed.Host, feed.IsFile ? feed.LocalPath : feed.AbsoluteUri))),
        new XElement("packageSourceMapping", new XElement("clear")),
        new XElement("auditSources", new XElement("clear")),
        new XElement("fallbackPackageFolders", new XElement("clear")));

    private static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
}
