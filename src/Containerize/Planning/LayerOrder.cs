using Microsoft.Extensions.FileSystemGlobbing;

namespace Containerize.Planning;

/// <summary>A layer that the project asks for: <c>ContainerLayer</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Files">
/// Patterns with <c>*</c> and <c>**</c> for the published files that belong to it, relative to the publish folder.
/// </param>
/// <param name="Before">The layer that it goes right before; null for none in particular.</param>
/// <param name="After">The layer that it goes right after; null for none in particular.</param>
public sealed record LayerRule(string Name, IReadOnlyList<string> Files, string? Before = null, string? After = null);

/// <summary>Which layers there are, in which order, and which of the published files belong to those of the project's own.</summary>
public sealed class LayerOrder
{
    /// <summary>The layer of what <c>ContainerRemove</c> takes away: before all others, which it must not touch.</summary>
    public const string Removed = "removed";

    /// <summary>The layer of what items add, unless they name another.</summary>
    public const string Files = "files";

    private const string Application = "application";
    private readonly List<string> _names = ["runtime", "packages", "projects", "static-assets", Files, Application];
    private readonly IReadOnlyList<LayerRule> _rules;

    /// <summary>Puts the project's layers among the usual ones.</summary>
    /// <param name="rules">The project's layers.</param>
    /// <param name="named">Further names of layers, that items asked for without describing them.</param>
    /// <exception cref="ContainerizeException">A layer's name or place is not valid (CTZ1035).</exception>
    public LayerOrder(IReadOnlyList<LayerRule> rules, IEnumerable<string> named)
    {
        _rules = rules;
        foreach (var rule in rules)
        {
            if (rule.Name.Length == 0 || rule.Name.Any(char.IsControl))
                throw Invalid(rule.Name, "it has no name");
            if (rule.Name == Removed)
                throw Invalid(rule.Name, "a layer of this name holds what ContainerRemove takes away");
            if (rules.Count(other => other.Name == rule.Name) > 1)
                throw Invalid(rule.Name, "there are two of this name");
            if (rule.Before is not null && rule.After is not null)
                throw Invalid(rule.Name, "both Before and After are set");
            var isPlaced = rule.Before is not null || rule.After is not null;
            if (_names.Contains(rule.Name) && !isPlaced)
                continue;
            _names.Remove(rule.Name);
            _names.Insert(PlaceOf(rule), rule.Name);
        }

        foreach (var name in named.Where(name => !_names.Contains(name)).Distinct(StringComparer.Ordinal))
            _names.Insert(_names.IndexOf(Application), name);
    }

    /// <summary>The names of the layers, lowest first.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The layers of the project's own that published files belong to, by path; the first pattern that fits decides.</summary>
    /// <param name="paths">The paths below the publish folder.</param>
    public IReadOnlyDictionary<string, string> Assign(IEnumerable<string> paths)
    {
        var left = paths.ToList();
        var assigned = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in _rules.Where(rule => rule.Files.Count > 0))
        {
            var matcher = new Matcher(StringComparison.Ordinal);
            matcher.AddIncludePatterns(rule.Files.Select(pattern => pattern.Replace('\\', '/')));
            foreach (var match in matcher.Match(left).Files)
                assigned.TryAdd(match.Path, rule.Name);
            left.RemoveAll(assigned.ContainsKey);
        }

        return assigned;
    }

    private int PlaceOf(LayerRule rule)
    {
        if ((rule.Before ?? rule.After) is not { } neighbour)
            return _names.IndexOf(Application);
        return _names.IndexOf(neighbour) is >= 0 and var index
            ? rule.Before is not null ? index : index + 1
            : throw Invalid(rule.Name, $"there is no layer '{neighbour}' that it could go {(rule.Before is not null ? "before" : "after")}; there are {string.Join(", ", _names)}");
    }

    private static ContainerizeException Invalid(string name, string why) => new(
        ErrorCodes.LayerInvalid,
        $"The ContainerLayer '{name}' cannot be made: {why}. Write for example <ContainerLayer Include=\"models\" Files=\"models/**\" Before=\"packages\" />.");
}
