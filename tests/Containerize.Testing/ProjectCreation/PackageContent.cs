using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>A package in the making: its manifest and its files.</summary>
internal sealed class PackageContent(string id, string version, string authors, string description, bool developmentDependency)
{
    private static readonly XNamespace Nuspec = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";

    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
    private readonly List<(string Id, string Version, string TargetFramework, string? Include, string? Exclude)> dependencies = [];

    public Package Package { get; } = new(id, version);

    /// <summary>The files by their path in the package, the manifest included.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> Files => files.Append(new($"{id}.nuspec", Encoding.UTF8.GetBytes(Manifest())));

    public void Add(string relativePath, byte[] content) => files[relativePath.Replace('\\', '/')] = content;

    public void Add(string relativePath, string content) => Add(relativePath, Encoding.UTF8.GetBytes(content));

    /// <summary>Adds <c>build/&lt;id&gt;.props</c> or <c>.targets</c>.</summary>
    public void AddBuildLogic(string extension, Action<ProjectCreator> creator, Evaluation.NewProjectFileOptions options) =>
        Add($"build/{id}{extension}", ProjectCreator.Create(projectFileOptions: options).CustomAction(creator).Xml);

    public void AddLibrary(string targetFramework, string? fileName, string? @namespace, string? className, string assemblyVersion)
    {
        // Not Path.ChangeExtension, to which the end of "Some.Library" is an extension.
        const string extension = ".dll";
        var name = fileName ?? id;
        if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            name = name[..^extension.Length];
        var assembly = AssemblyCreator.Create(
            name, @namespace ?? id, className ?? $"{id}_Class", new Version(assemblyVersion), targetFramework);
        Add($"lib/{targetFramework}/{name}{extension}", assembly);
    }

    public void AddDependency(string dependencyId, string dependencyVersion, string targetFramework, string? include, string? exclude) =>
        dependencies.Add((dependencyId, dependencyVersion, targetFramework, include, exclude));

    /// <summary>The bytes of the nupkg.</summary>
    public byte[] ToNupkg()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in Files)
            {
                using var entry = archive.CreateEntry(path).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    private string Manifest()
    {
        var metadata = new XElement(
            Nuspec + "metadata",
            new XElement(Nuspec + "id", id),
            new XElement(Nuspec + "version", version),
            new XElement(Nuspec + "authors", authors),
            new XElement(Nuspec + "description", description));
        if (developmentDependency)
            metadata.Add(new XElement(Nuspec + "developmentDependency", "true"));

        // Restore asks the manifest, not the folders, which frameworks a package is for; one group each, even without a dependency.
        var frameworks = dependencies.Select(dependency => dependency.TargetFramework)
            .Union(files.Keys.Where(path => path.StartsWith("lib/", StringComparison.Ordinal)).Select(path => path.Split('/')[1]));
        metadata.Add(new XElement(Nuspec + "dependencies", frameworks.Select(Group)));
        return new XElement(Nuspec + "package", metadata).ToString();
    }

    private XElement Group(string targetFramework) => new(
        Nuspec + "group",
        new XAttribute("targetFramework", targetFramework),
        dependencies.Where(dependency => dependency.TargetFramework == targetFramework).Select(dependency => new XElement(
            Nuspec + "dependency",
            new XAttribute("id", dependency.Id),
            new XAttribute("version", dependency.Version),
            Optional("include", dependency.Include, "All"),
            Optional("exclude", dependency.Exclude, "None"))));

    private static XAttribute? Optional(string name, string? value, string unset) =>
        value is null || value == unset ? null : new XAttribute(name, value);
}
