using Microsoft.Build.Construction;
using Microsoft.Build.Evaluation;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>Writes a project in code, evaluates it, restores and builds it.</summary>
/// <remarks>
/// The same names and parameters as in the package MSBuild.ProjectCreation, of which this is the part that the tests use; with
/// <c>-p:UseMSBuildProjectCreationPackage=true</c> the package takes its place.
/// </remarks>
public sealed partial class ProjectCreator
{
    private readonly IDictionary<string, string>? globalProperties;

    private ProjectCreator(
        ProjectRootElement rootElement, ProjectCollection projectCollection, IDictionary<string, string>? globalProperties)
    {
        RootElement = rootElement;
        ProjectCollection = projectCollection;
        this.globalProperties = globalProperties;
    }

    /// <summary>Ready-made projects.</summary>
    public static ProjectCreatorTemplates Templates { get; } = new();

    /// <summary>The path of the project file.</summary>
    public string FullPath => RootElement.FullPath;

    /// <summary>The collection that the project belongs to.</summary>
    public ProjectCollection ProjectCollection { get; }

    /// <summary>The root element.</summary>
    public ProjectRootElement RootElement { get; }

    /// <summary>The text of the project file.</summary>
    public string Xml => RootElement.RawXml;

    /// <summary>Creates a project. It is on disk once it is saved or built.</summary>
    /// <param name="path">The path of the project file.</param>
    /// <param name="defaultTargets">The attribute DefaultTargets.</param>
    /// <param name="initialTargets">The attribute InitialTargets.</param>
    /// <param name="sdk">The attribute Sdk.</param>
    /// <param name="toolsVersion">The attribute ToolsVersion.</param>
    /// <param name="treatAsLocalProperty">The attribute TreatAsLocalProperty.</param>
    /// <param name="projectCollection">The collection to evaluate the project in; the global one by default.</param>
    /// <param name="projectFileOptions">What to write at the top of the file; nothing by default.</param>
    /// <param name="globalProperties">Global properties of the evaluation.</param>
    public static ProjectCreator Create(
        string? path = null,
        string? defaultTargets = null,
        string? initialTargets = null,
        string? sdk = null,
        string? toolsVersion = null,
        string? treatAsLocalProperty = null,
        ProjectCollection? projectCollection = null,
        NewProjectFileOptions? projectFileOptions = null,
        IDictionary<string, string>? globalProperties = null)
    {
        var collection = projectCollection ?? ProjectCollection.GlobalProjectCollection;
        var root = ProjectRootElement.Create(collection, projectFileOptions ?? NewProjectFileOptions.None);
        if (path is not null)
            root.FullPath = path;
        if (defaultTargets is not null)
            root.DefaultTargets = defaultTargets;
        if (initialTargets is not null)
            root.InitialTargets = initialTargets;
        if (sdk is not null)
            root.Sdk = sdk;
        if (toolsVersion is not null)
            root.ToolsVersion = toolsVersion;
        if (treatAsLocalProperty is not null)
            root.TreatAsLocalProperty = treatAsLocalProperty;
        return new ProjectCreator(root, collection, globalProperties);
    }

    /// <summary>Does something with this project in the middle of a chain of calls.</summary>
    public ProjectCreator CustomAction(Action<ProjectCreator>? projectCreator)
    {
        projectCreator?.Invoke(this);
        return this;
    }

    /// <summary>Writes the project to its path.</summary>
    public ProjectCreator Save()
    {
        RootElement.Save();
        return this;
    }

    /// <summary>Writes the project to a path, which becomes its own.</summary>
    public ProjectCreator Save(string path)
    {
        RootElement.Save(path);
        return this;
    }
}
