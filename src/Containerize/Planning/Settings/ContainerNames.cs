namespace Containerize.Planning.Settings;

/// <summary>What the image is called where the project leaves it open: the one place for these defaults.</summary>
/// <param name="Repository">The repository, as it was given.</param>
/// <param name="Tag">The one tag; empty where there are several, or they follow from the version.</param>
/// <param name="Version">The version that tags follow from, and that a label names; empty for none.</param>
internal sealed record ContainerNames(string Repository, string Tag, string Version)
{
    /// <summary>Fills in what is empty or null.</summary>
    /// <param name="repository"><c>ContainerRepository</c>.</param>
    /// <param name="imageName"><c>ContainerImageName</c>, its obsolete name, which goes first.</param>
    /// <param name="assemblyName"><c>AssemblyName</c>.</param>
    /// <param name="tag"><c>ContainerImageTag</c>.</param>
    /// <param name="tags"><c>ContainerImageTags</c>.</param>
    /// <param name="policy"><c>ContainerTagPolicy</c>.</param>
    /// <param name="version"><c>ContainerVersion</c>.</param>
    /// <param name="packageVersion"><c>PackageVersion</c>.</param>
    public static ContainerNames Of(
        string? repository,
        string? imageName,
        string? assemblyName,
        string? tag,
        string? tags,
        string? policy,
        string? version,
        string? packageVersion)
    {
        var isExplicit = string.IsNullOrEmpty(policy) || policy.Equals(nameof(TagPolicy.Explicit), StringComparison.OrdinalIgnoreCase);
        return new ContainerNames(
            First(imageName, repository, assemblyName),
            First(tag, string.IsNullOrEmpty(tags) && isExplicit ? "latest" : null),
            First(version, packageVersion));
    }

    private static string First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
                return value;
        }

        return "";
    }
}
