using System.Globalization;
using Microsoft.Build.Construction;

namespace Microsoft.Build.Utilities.ProjectCreation;

// Items.
public sealed partial class ProjectCreator
{
    /// <summary>Adds an item; nothing if there is nothing to include.</summary>
    /// <param name="itemType">The type of the item.</param>
    /// <param name="include">What to include.</param>
    /// <param name="exclude">What to exclude.</param>
    /// <param name="metadata">Metadata; <see langword="null"/> values are left out.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ItemInclude(
        string itemType,
        string? include,
        string? exclude = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null)
    {
        if (include is null)
            return this;
        var group = RootElement.LastChild as ProjectItemGroupElement ?? RootElement.AddItemGroup();
        var item = RootElement.CreateItemElement(itemType, include);
        // Into its group first: an element without a parent cannot have children.
        group.AppendChild(item);
        if (exclude is not null)
            item.Exclude = exclude;
        foreach (var (name, value) in metadata ?? new Dictionary<string, string?>())
        {
            if (value is not null)
                item.AddMetadata(name, value, expressAsAttribute: true);
        }

        Describe(item, condition, label);
        return this;
    }

    /// <summary>Adds a Compile item.</summary>
    /// <inheritdoc cref="ItemContent"/>
    public ProjectCreator ItemCompile(
        string include,
        string? exclude = null,
        string? dependentUpon = null,
        string? link = null,
        bool? isVisible = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemInclude(
            "Compile",
            include,
            exclude,
            FileMetadata(dependentUpon, link, isVisible, copyToOutputDirectory: null, metadata),
            condition,
            label);

    /// <summary>Adds a Content item.</summary>
    /// <param name="include">What to include.</param>
    /// <param name="exclude">What to exclude.</param>
    /// <param name="dependentUpon">The metadata DependentUpon.</param>
    /// <param name="link">The metadata Link.</param>
    /// <param name="isVisible">The metadata Visible.</param>
    /// <param name="copyToOutputDirectory">The metadata CopyToOutputDirectory.</param>
    /// <param name="metadata">Other metadata.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ItemContent(
        string include,
        string? exclude = null,
        string? dependentUpon = null,
        string? link = null,
        bool? isVisible = null,
        string? copyToOutputDirectory = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemInclude(
            "Content", include, exclude, FileMetadata(dependentUpon, link, isVisible, copyToOutputDirectory, metadata), condition, label);

    /// <summary>Adds a None item.</summary>
    /// <inheritdoc cref="ItemContent"/>
    public ProjectCreator ItemNone(
        string include,
        string? exclude = null,
        string? dependentUpon = null,
        string? link = null,
        bool? isVisible = null,
        string? copyToOutputDirectory = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemInclude(
            "None", include, exclude, FileMetadata(dependentUpon, link, isVisible, copyToOutputDirectory, metadata), condition, label);

    /// <summary>Adds a reference to a package.</summary>
    /// <param name="include">The name of the package.</param>
    /// <param name="version">The metadata Version.</param>
    /// <param name="includeAssets">The metadata IncludeAssets.</param>
    /// <param name="excludeAssets">The metadata ExcludeAssets.</param>
    /// <param name="privateAssets">The metadata PrivateAssets.</param>
    /// <param name="metadata">Other metadata.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ItemPackageReference(
        string include,
        string? version = null,
        string? includeAssets = null,
        string? excludeAssets = null,
        string? privateAssets = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemInclude(
            "PackageReference",
            include,
            exclude: null,
            Merge(
                metadata,
                ("Version", version),
                ("IncludeAssets", includeAssets),
                ("ExcludeAssets", excludeAssets),
                ("PrivateAssets", privateAssets)),
            condition,
            label);

    /// <summary>Adds a reference to a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="includeAssets">The metadata IncludeAssets.</param>
    /// <param name="excludeAssets">The metadata ExcludeAssets.</param>
    /// <param name="privateAssets">The metadata PrivateAssets.</param>
    /// <param name="metadata">Other metadata.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ItemPackageReference(
        Package package,
        string? includeAssets = null,
        string? excludeAssets = null,
        string? privateAssets = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemPackageReference(package.Id, package.Version, includeAssets, excludeAssets, privateAssets, metadata, condition, label);

    /// <summary>Adds a reference to another project.</summary>
    /// <param name="projectCreator">The other project, which has to be saved.</param>
    /// <param name="name">The metadata Name.</param>
    /// <param name="projectGuid">The metadata Project.</param>
    /// <param name="referenceOutputAssembly">The metadata ReferenceOutputAssembly.</param>
    /// <param name="metadata">Other metadata.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator ItemProjectReference(
        ProjectCreator projectCreator,
        string? name = null,
        string? projectGuid = null,
        bool? referenceOutputAssembly = null,
        IDictionary<string, string?>? metadata = null,
        string? condition = null,
        string? label = null) =>
        ItemInclude(
            "ProjectReference",
            projectCreator.FullPath,
            exclude: null,
            Merge(metadata, ("Name", name), ("Project", projectGuid), ("ReferenceOutputAssembly", Text(referenceOutputAssembly))),
            condition,
            label);

    private static Dictionary<string, string?> FileMetadata(
        string? dependentUpon, string? link, bool? isVisible, string? copyToOutputDirectory, IDictionary<string, string?>? metadata) =>
        Merge(
            metadata,
            ("DependentUpon", dependentUpon),
            ("Link", link),
            ("Visible", Text(isVisible)),
            ("CopyToOutputDirectory", copyToOutputDirectory));

    private static Dictionary<string, string?> Merge(
        IDictionary<string, string?>? metadata, params ReadOnlySpan<(string Name, string? Value)> known)
    {
        var merged = new Dictionary<string, string?>(metadata ?? new Dictionary<string, string?>(), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in known)
        {
            if (value is not null)
                merged[name] = value;
        }

        return merged;
    }

    private static string? Text(bool? value) => value?.ToString(CultureInfo.InvariantCulture).ToLowerInvariant();
}
