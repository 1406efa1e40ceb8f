using Containerize.Planning.Settings;

namespace Containerize.Tests.Support;

/// <summary>An item as a project has it, without MSBuild.</summary>
internal sealed class ProjectItem(string include, IEnumerable<(string Name, string Value)> metadata) : IProjectItem
{
    private readonly Dictionary<string, string> _metadata = metadata.ToDictionary(
        pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);

    public string ItemSpec => include;

    public static ProjectItem Create(string include, params IEnumerable<(string Name, string Value)> metadata) => new(include, metadata);

    public string GetMetadata(string name) => _metadata.GetValueOrDefault(name, "");
}
