namespace Microsoft.Build.Utilities.ProjectCreation;

// SDKs and imports.
public sealed partial class ProjectCreator
{
    /// <summary>Adds an element Sdk.</summary>
    /// <param name="name">The name of the SDK.</param>
    /// <param name="version">Its version, unless global.json has it.</param>
    public ProjectCreator Sdk(string name, string? version = null)
    {
        RootElement.AppendChild(RootElement.CreateProjectSdkElement(name, version));
        return this;
    }

    /// <summary>Adds an import.</summary>
    /// <param name="project">The path of what to import.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="sdk">The SDK that the path is in.</param>
    /// <param name="sdkVersion">The version of that SDK.</param>
    /// <param name="conditionOnExistence">Whether to import only what exists.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator Import(
        string project,
        string? condition = null,
        string? sdk = null,
        string? sdkVersion = null,
        bool conditionOnExistence = false,
        string? label = null)
    {
        var import = RootElement.AddImport(project);
        if (sdk is not null)
            import.Sdk = sdk;
        if (sdkVersion is not null)
            import.Version = sdkVersion;
        Describe(import, conditionOnExistence ? And($"Exists('{project}')", condition) : condition, label);
        return this;
    }

    /// <summary>Adds an import from an SDK.</summary>
    /// <param name="project">The path in the SDK, such as <c>Sdk.props</c>.</param>
    /// <param name="name">The name of the SDK.</param>
    /// <param name="version">Its version, unless global.json has it.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ImportSdk(string project, string name, string? version = null, string? condition = null, string? label = null) =>
        Import(project, condition, name, version, conditionOnExistence: false, label);
}
