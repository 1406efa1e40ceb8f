namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>A directory of package files that tests make, as a source to restore from.</summary>
public sealed class PackageFeed
{
    private readonly DirectoryInfo root;
    private readonly List<PackageContent> packages = [];

    private PackageFeed(DirectoryInfo root) => this.root = root;

    /// <summary>The address of the feed.</summary>
    public static implicit operator Uri(PackageFeed packageFeed) => new(packageFeed.root.FullName + Path.DirectorySeparatorChar);

    /// <summary>Creates a feed. The packages are there once it is saved.</summary>
    public static PackageFeed Create(string rootPath) => new(Directory.CreateDirectory(rootPath));

    /// <summary>Adds a package; what follows goes into it.</summary>
    /// <param name="id">The name.</param>
    /// <param name="version">The version.</param>
    /// <param name="package">The package, for references to it.</param>
    /// <param name="author">The author.</param>
    /// <param name="description">The description.</param>
    /// <param name="developmentDependency">Whether references to it are private.</param>
    public PackageFeed Package(
        string id,
        string version,
        out Package package,
        string author = "Author",
        string description = "Description",
        bool developmentDependency = false)
    {
        packages.Add(new PackageContent(id, version, author, description, developmentDependency));
        package = packages[^1].Package;
        return this;
    }

    /// <summary>Adds a library with one class to the package.</summary>
    /// <param name="targetFramework">The framework that it is for.</param>
    /// <param name="filename">The name of the file; by default the package's.</param>
    /// <param name="namespace">The namespace of the class; by default the package's name.</param>
    /// <param name="className">The name of the class; by default the package's name and <c>_Class</c>.</param>
    /// <param name="assemblyVersion">The version of the assembly.</param>
    public PackageFeed Library(
        string targetFramework,
        string? filename = null,
        string? @namespace = null,
        string? className = null,
        string assemblyVersion = "1.0.0.0")
    {
        Current.AddLibrary(targetFramework, filename, @namespace, className, assemblyVersion);
        return this;
    }

    /// <summary>Adds a file to the package.</summary>
    public PackageFeed FileText(string relativePath, string contents)
    {
        Current.Add(relativePath, contents);
        return this;
    }

    /// <summary>Writes the package files.</summary>
    public PackageFeed Save()
    {
        foreach (var package in packages)
            File.WriteAllBytes(Path.Combine(root.FullName, $"{package.Package.Id}.{package.Package.Version}.nupkg"), package.ToNupkg());
        return this;
    }

    private PackageContent Current =>
        packages.LastOrDefault()
            ?? throw new InvalidOperationException("There is no package to add to: call Package(id, version, …) first.");
}
