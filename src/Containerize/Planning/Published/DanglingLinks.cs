using Containerize.Layers;

namespace Containerize.Planning.Published;

/// <summary>Finds published links that would lead to nothing, because what they lead to is left out of the image.</summary>
internal sealed class DanglingLinks
{
    private readonly Dictionary<string, PublishedPath> _links;
    private readonly HashSet<string> _present = new(StringComparer.Ordinal);

    private DanglingLinks(IReadOnlyList<PublishedPath> published, Func<PublishedPath, bool> isLeftOut)
    {
        _links = published.Where(path => path.Kind == PublishedKind.SymbolicLink)
            .ToDictionary(link => link.RelativePath, StringComparer.Ordinal);
        if (_links.Count == 0)
            return;
        foreach (var path in published.Where(path => !isLeftOut(path)))
        {
            var part = path.Kind == PublishedKind.SymbolicLink ? LayerPath.Parent(path.RelativePath) : path.RelativePath;
            while (part.Length > 0 && _present.Add(part))
                part = LayerPath.Parent(part);
        }
    }

    /// <summary>Why each of them goes too, by its path.</summary>
    public static IReadOnlyDictionary<string, string> Find(IReadOnlyList<PublishedPath> published, Func<PublishedPath, bool> isLeftOut)
    {
        var all = new DanglingLinks(published, isLeftOut);
        return all._links.Values
            .Select(link => (Link: link.RelativePath, Target: all.TargetOf(link)))
            .Where(found => found.Target.Length > 0 && !all._present.Contains(found.Target))
            .ToDictionary(found => found.Link, found => $"leads to {found.Target}, which is left out", StringComparer.Ordinal);
    }

    // Links may lead to links, and by way of links. The publish folder's lister has seen to it that they end, inside of it.
    private string TargetOf(PublishedPath link)
    {
        var path = LayerPath.Parent(link.RelativePath);
        var ahead = new Stack<string>();
        Push(link);
        while (ahead.TryPop(out var part))
        {
            path = part == ".." ? LayerPath.Parent(path) : LayerPath.Combine(path, part);
            if (part == ".." || !_links.TryGetValue(path, out var next))
                continue;
            path = LayerPath.Parent(path);
            Push(next);
        }

        return path;

        void Push(PublishedPath from)
        {
            foreach (var part in from.LinkTarget.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse())
                ahead.Push(part);
        }
    }
}
