using Microsoft.Extensions.FileSystemGlobbing;

namespace Containerize.Planning.Published;

/// <summary>A layer that the project asks for: <c>ContainerLayer</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Files">
/// Patterns with <c>*</c> and <c>**</c> for the published files that belong to it, relative to the publish folder.
/// </param>
/// <param name="Before">The layer that it goes right before; null for none in particular.</param>
/// <param name="After">The layer that it goes right after; null for none in particular.</param>
internal sealed record LayerRule(string Name, IReadOnlyList<string> Files, string? Before = null, string? After = null)
{
    internal string? Neighbour => Before ?? After;
}

/// <summary>Which layers there are, in which order, and which of the published files belong to those of the project's own.</summary>
internal sealed class LayerOrder
{
    /// <summary>The layer of what <c>ContainerRemove</c> takes away: before all others, which it must not touch.</summary>
    public const string Removed = "removed";

    /// <summary>The layer of what items add, unless they name another.</summary>
    public const string Files = "files";

    internal const string StaticAssets = "static-assets";
    internal const string Application = "application";
    private readonly List<string> _names = ["runtime", "packages", "browser-runtime", "projects", StaticAssets, Files, Application];
    private readonly List<Patterned> _patterns = [];

    /// <summary>Puts the project's layers among the usual ones.</summary>
    /// <param name="rules">The project's layers.</param>
    /// <param name="named">Further names of layers, that items asked for without describing them.</param>
    /// <exception cref="ContainerizeException">A layer's name, place or pattern is not valid (CTZ1035).</exception>
    public LayerOrder(IReadOnlyList<LayerRule> rules, IEnumerable<string> named)
    {
        foreach (var rule in rules)
        {
            if (rules.Count(other => other.Name == rule.Name) > 1)
                throw Invalid(rule.Name, "there are two of this name; one takes several patterns with ';' between them");
            if (rule.Before is not null && rule.After is not null)
                throw Invalid(rule.Name, "both Before and After are set");
            if (rule.Files.Count > 0)
                _patterns.Add(new Patterned(rule, MatcherOf(rule)));
        }

        foreach (var name in rules.Select(rule => rule.Name).Concat(named))
            AddBelowApplication(name);
        Place([.. rules.Where(rule => rule.Neighbour is not null)]);
    }

    /// <summary>The names of the layers, lowest first.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The layer of the files of one origin.</summary>
    internal static string Of(FileOrigin origin) => origin switch
    {
        FileOrigin.RuntimePack => "runtime",
        FileOrigin.Package => "packages",
        FileOrigin.BrowserRuntime => "browser-runtime",
        FileOrigin.ProjectReference => "projects",
        FileOrigin.StaticAsset => StaticAssets,
        _ => Application,
    };

    /// <summary>
    /// The layers of the project's own that published files belong to, by path; the first that has a fitting pattern counts.
    /// </summary>
    /// <param name="paths">The paths below the publish folder.</param>
    public IReadOnlyDictionary<string, string> Assign(IEnumerable<string> paths)
    {
        var left = paths.ToList();
        var assigned = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (rule, patterns) in _patterns)
        {
            // Without a root, the current directory would be asked for.
            foreach (var match in patterns.Match("/", left).Files)
                assigned.TryAdd(match.Path, rule.Name);
            left.RemoveAll(assigned.ContainsKey);
        }

        return assigned;
    }

    // The same files on every machine: upper and lower case matter, though the disk may not know them apart.
    private static Matcher MatcherOf(LayerRule rule)
    {
        var matcher = new Matcher(StringComparison.Ordinal);
        foreach (var pattern in rule.Files)
        {
            var written = pattern.Replace('\\', '/');
            if (written.StartsWith('/') || written.Contains('?', StringComparison.Ordinal) || written.Split('/').Contains(".."))
                throw Invalid(
                    rule.Name,
                    $"the pattern '{pattern}' is none: it is relative to the publish folder, and '*' and '**' are all that it knows");
            matcher.AddInclude(written);
        }

        return matcher;
    }

    private void AddBelowApplication(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl))
            throw Invalid(name, "it has no name");
        if (name == Removed)
            throw Invalid(name, "a layer of this name holds what ContainerRemove takes away");
        if (!_names.Contains(name))
            _names.Insert(_names.IndexOf(Application), name);
    }

    // Each goes beside a layer whose own place is known, so the order of the items does not matter.
    private void Place(List<LayerRule> rules)
    {
        _names.RemoveAll(name => rules.Exists(rule => rule.Name == name));
        var followers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (rules.Count > 0)
        {
            var rule = rules.Find(rule => _names.Contains(rule.Neighbour!)) ?? throw Invalid(
                rules[0].Name,
                rules.Exists(other => other.Name == rules[0].Neighbour)
                    ? $"its place depends on the layer '{rules[0].Neighbour}', whose own place depends on it in turn"
                    :
                $"there is no layer '{rules[0].Neighbour}' that it could go {(rules[0].Before is not null ? "before" : "after")}; "
                    + $"there are {string.Join(", ", _names)}");
            var place = _names.IndexOf(rule.Neighbour!);
            if (rule.After is { } after)
            {
                place++;
                // Two that go after one keep the order of their items.
                while (place < _names.Count && Follows(_names[place], after))
                    place++;
                followers[rule.Name] = after;
            }

            _names.Insert(place, rule.Name);
            rules.Remove(rule);
        }

        bool Follows(string name, string leader) => followers.TryGetValue(name, out var next) && (next == leader || Follows(next, leader));
    }

    private static ContainerizeException Invalid(string name, string why) => new(
        ErrorCodes.LayerInvalid,
        $"The ContainerLayer '{name}' cannot be made: {why}. Write for example <ContainerLayer Include=\"models\" "
            + "Files=\"models/**\" Before=\"packages\" />.");

    // A class, so that who has no layers of his own does not load the library for their patterns.
    private sealed record Patterned(LayerRule Rule, Matcher Patterns);
}
