using Microsoft.Build.Evaluation;

namespace Microsoft.Build.Utilities.ProjectCreation;

// What the project evaluates to.
public sealed partial class ProjectCreator
{
    private Project? project;

    /// <summary>The evaluated project, evaluated again whenever it changed.</summary>
    public Project Project
    {
        get
        {
            project ??= new Project(RootElement, globalProperties, toolsVersion: null, ProjectCollection);
            project.ReevaluateIfNecessary();
            return project;
        }
    }

    /// <summary>Gets the evaluated items of a type.</summary>
    public ProjectCreator TryGetItems(string itemType, out IReadOnlyCollection<ProjectItem> items)
    {
        items = [.. Project.GetItems(itemType)];
        return this;
    }

    /// <summary>Gets the evaluated value of a property, empty if it has none.</summary>
    public ProjectCreator TryGetPropertyValue(string name, out string value)
    {
        value = Project.GetPropertyValue(name);
        return this;
    }

    // A restore writes imports that the evaluation has to see.
    private void ForgetEvaluation() => project?.MarkDirty();
}
