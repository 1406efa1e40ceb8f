using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>Writes a solution in code: <c>.slnx</c>, or the older <c>.sln</c>, by the name of the file.</summary>
public sealed class SolutionCreator
{
    private const string CsharpProjectType = "{9A19103F-16F7-4668-BE54-9A1E7A4F7556}";

    private static readonly string[] Configurations = ["Debug|Any CPU", "Release|Any CPU"];

    private readonly List<ProjectCreator> projects = [];

    private SolutionCreator(string path) => FullPath = Path.GetFullPath(path);

    /// <summary>The path of the solution file.</summary>
    public string FullPath { get; }

    /// <summary>Creates a solution. It is on disk once it is saved.</summary>
    public static SolutionCreator Create(string path) => new(path);

    /// <summary>Adds projects.</summary>
    public SolutionCreator Project(params ProjectCreator[] projects)
    {
        this.projects.AddRange(projects);
        return this;
    }

    /// <summary>Writes the solution, and the projects.</summary>
    public SolutionCreator Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FullPath)!);
        projects.ForEach(project => project.Save());
        var isXml = Path.GetExtension(FullPath).Equals(".slnx", StringComparison.OrdinalIgnoreCase);
        File.WriteAllText(FullPath, isXml ? ToXml() : ToText());
        return this;
    }

    private string ToXml() =>
        new XElement("Solution", projects.Select(project => new XElement("Project", new XAttribute("Path", RelativePath(project))))) + "\n";

    private string ToText()
    {
        var text = new StringBuilder("\nMicrosoft Visual Studio Solution File, Format Version 12.00\n# Visual Studio Version 17\n");
        var ids = projects.ConvertAll(_ => Guid.NewGuid().ToString("B").ToUpperInvariant());
        foreach (var (id, project) in ids.Zip(projects))
        {
            var name = Path.GetFileNameWithoutExtension(project.FullPath);
            text.Append(
                CultureInfo.InvariantCulture,
                $"Project(\"{CsharpProjectType}\") = \"{name}\", \"{RelativePath(project)}\", \"{id}\"\nEndProject\n");
        }

        text.Append("Global\n\tGlobalSection(SolutionConfigurationPlatforms) = preSolution\n");
        foreach (var configuration in Configurations)
            text.Append(CultureInfo.InvariantCulture, $"\t\t{configuration} = {configuration}\n");
        text.Append("\tEndGlobalSection\n\tGlobalSection(ProjectConfigurationPlatforms) = postSolution\n");
        foreach (var id in ids)
        {
            foreach (var configuration in Configurations)
            {
                text.Append(CultureInfo.InvariantCulture, $"\t\t{id}.{configuration}.ActiveCfg = {configuration}\n");
                text.Append(CultureInfo.InvariantCulture, $"\t\t{id}.{configuration}.Build.0 = {configuration}\n");
            }
        }

        return text.Append("\tEndGlobalSection\nEndGlobal\n").ToString();
    }

    private string RelativePath(ProjectCreator project) => Path.GetRelativePath(Path.GetDirectoryName(FullPath)!, project.FullPath);
}
