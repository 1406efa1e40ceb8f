using Microsoft.Build.Construction;

namespace Microsoft.Build.Utilities.ProjectCreation;

// Properties.
public sealed partial class ProjectCreator
{
    /// <summary>Adds a property; nothing if the value is <see langword="null"/>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="unevaluatedValue">The value, unevaluated.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="setIfEmpty">Whether the value is a default for a property that has none yet.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator Property(
        string name, string? unevaluatedValue, string? condition = null, bool setIfEmpty = false, string? label = null)
    {
        if (unevaluatedValue is null)
            return this;
        var group = RootElement.LastChild as ProjectPropertyGroupElement ?? RootElement.AddPropertyGroup();
        var property = group.AddProperty(name, unevaluatedValue);
        Describe(property, setIfEmpty ? And($" '$({name})' == '' ", condition) : condition, label);
        return this;
    }

    private static string And(string first, string? second) => second is null ? first : $"{first} And ({second})";

    private static void Describe(ProjectElement element, string? condition, string? label)
    {
        if (condition is not null)
            element.Condition = condition;
        if (label is not null)
            element.Label = label;
    }
}
