using Microsoft.Build.Evaluation;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>Ready-made projects.</summary>
public sealed class ProjectCreatorTemplates
{
    internal ProjectCreatorTemplates()
    {
    }

    /// <summary>A project in the SDK style.</summary>
    /// <param name="path">The path of the project file.</param>
    /// <param name="sdk">The attribute Sdk.</param>
    /// <param name="targetFramework">The property TargetFramework.</param>
    /// <param name="outputType">The property OutputType.</param>
    /// <param name="projectCreator">Adds to the project.</param>
    /// <param name="defaultTargets">The attribute DefaultTargets.</param>
    /// <param name="initialTargets">The attribute InitialTargets.</param>
    /// <param name="treatAsLocalProperty">The attribute TreatAsLocalProperty.</param>
    /// <param name="projectCollection">The collection to evaluate the project in.</param>
    /// <param name="projectFileOptions">What to write at the top of the file.</param>
    /// <param name="globalProperties">Global properties of the evaluation.</param>
    public ProjectCreator SdkCsproj(
        string? path = null,
        string sdk = "Microsoft.NET.Sdk",
        string? targetFramework = "netstandard2.0",
        string? outputType = null,
        Action<ProjectCreator>? projectCreator = null,
        string? defaultTargets = null,
        string? initialTargets = null,
        string? treatAsLocalProperty = null,
        ProjectCollection? projectCollection = null,
        NewProjectFileOptions? projectFileOptions = NewProjectFileOptions.None,
        IDictionary<string, string>? globalProperties = null) =>
        ProjectCreator.Create(
                path,
                defaultTargets,
                initialTargets,
                sdk,
                toolsVersion: null,
                treatAsLocalProperty,
                projectCollection,
                projectFileOptions,
                globalProperties)
            .Property("TargetFramework", targetFramework)
            .Property("OutputType", outputType)
            .CustomAction(projectCreator);

    /// <summary>A project in the SDK style for several frameworks.</summary>
    /// <param name="targetFrameworks">The property TargetFrameworks.</param>
    /// <param name="path">The path of the project file.</param>
    /// <param name="sdk">The attribute Sdk.</param>
    /// <param name="outputType">The property OutputType.</param>
    /// <param name="projectCreator">Adds to the project.</param>
    /// <param name="defaultTargets">The attribute DefaultTargets.</param>
    /// <param name="initialTargets">The attribute InitialTargets.</param>
    /// <param name="treatAsLocalProperty">The attribute TreatAsLocalProperty.</param>
    /// <param name="projectCollection">The collection to evaluate the project in.</param>
    /// <param name="projectFileOptions">What to write at the top of the file.</param>
    /// <param name="globalProperties">Global properties of the evaluation.</param>
    public ProjectCreator SdkCsproj(
        IEnumerable<string>? targetFrameworks,
        string? path = null,
        string sdk = "Microsoft.NET.Sdk",
        string? outputType = null,
        Action<ProjectCreator>? projectCreator = null,
        string? defaultTargets = null,
        string? initialTargets = null,
        string? treatAsLocalProperty = null,
        ProjectCollection? projectCollection = null,
        NewProjectFileOptions? projectFileOptions = NewProjectFileOptions.None,
        IDictionary<string, string>? globalProperties = null) =>
        ProjectCreator.Create(
                path,
                defaultTargets,
                initialTargets,
                sdk,
                toolsVersion: null,
                treatAsLocalProperty,
                projectCollection,
                projectFileOptions,
                globalProperties)
            .Property("TargetFrameworks", targetFrameworks is null ? null : string.Join(';', targetFrameworks))
            .Property("OutputType", outputType)
            .CustomAction(projectCreator);
}
