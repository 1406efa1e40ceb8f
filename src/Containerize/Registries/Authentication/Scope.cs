namespace Containerize.Registries.Authentication;

/// <summary>
/// A right on one resource, as <c>type:name:action,action</c> (distribution, "Token Scope Documentation").
/// </summary>
/// <param name="Resource">Type and name: <c>repository:library/ubuntu</c>.</param>
/// <param name="Actions">For example pull and push.</param>
internal sealed record Scope(string Resource, IReadOnlyList<string> Actions)
{
    public static Scope Pull(string repository) => new("repository:" + repository, ["pull"]);

    public static Scope PullAndPush(string repository) => new("repository:" + repository, ["pull", "push"]);

    /// <summary>
    /// Reads a challenge's scope: several are separated by spaces. The name may hold a colon (a port), so the actions
    /// are what follows the last one.
    /// </summary>
    public static IReadOnlyList<Scope> ParseList(string? text)
    {
        var scopes = new List<Scope>();
        foreach (var part in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.LastIndexOf(':');
            if (colon > 0 && part.IndexOf(':', StringComparison.Ordinal) != colon)
                scopes.Add(new Scope(part[..colon], part[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries)));
        }

        return scopes;
    }

    /// <summary>
    /// One scope per resource, in the order of first mention. A second, narrower scope for the same repository would
    /// override the first at GitLab, and some registries look at the first scope only, so the wanted ones stand first.
    /// </summary>
    public static IReadOnlyList<Scope> Merge(IEnumerable<Scope> scopes)
    {
        var merged = new List<Scope>();
        foreach (var scope in scopes)
        {
            var known = merged.FindIndex(other => other.Resource == scope.Resource);
            if (known < 0)
                merged.Add(scope with { Actions = [.. scope.Actions.Distinct()] });
            else
                merged[known] = scope with { Actions = [.. merged[known].Actions.Union(scope.Actions)] };
        }

        return merged;
    }

    /// <summary>Whether all of the wanted rights are among these.</summary>
    public static bool Covers(IReadOnlyList<Scope> granted, IReadOnlyList<Scope> wanted) =>
        wanted.All(want => granted.Any(grant => grant.Resource == want.Resource
            && (grant.Actions.Contains("*") || want.Actions.All(grant.Actions.Contains))));

    public override string ToString() => $"{Resource}:{string.Join(',', Actions)}";
}
