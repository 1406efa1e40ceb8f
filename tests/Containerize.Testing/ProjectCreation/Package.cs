namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>A package that a test made or installed.</summary>
public sealed class Package
{
    internal Package(string id, string version)
    {
        Id = id;
        Version = version;
    }

    /// <summary>The name.</summary>
    public string Id { get; }

    /// <summary>The version.</summary>
    public string Version { get; }
}
