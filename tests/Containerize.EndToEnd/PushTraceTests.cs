using System.Text.RegularExpressions;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>How many requests a push takes, at a real registry; docs/registry.md shows them.</summary>
public sealed partial class PushTraceTests
{
    [RequiresFact(Server.Registry, Server.BaseAspNet)]
    public async Task A_push_takes_the_requests_that_the_page_about_registries_shows()
    {
        using var workspace = await Workspace.CreateAsync("trace");
        var registry = Testbed.Get(Server.Registry);
        var repository = Workspace.UniqueName("trace");
        string[] properties = ["-v:detailed", .. Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet), "1.0")];
        // What is in the base is read once on a machine, and belongs to no push.
        await workspace.PublishAsync("HelloWeb", [.. properties, $"-p:ContainerRepository={repository}-before"]);

        var first = Trace(await workspace.PublishAsync("HelloWeb", properties), registry, repository);
        var unchanged = Trace(await workspace.PublishAsync("HelloWeb", properties), registry, repository);
        workspace.Sandbox.Write("src/HelloWeb/Changed.cs", "internal static class Changed { public const string Since = \"then\"; }");
        var changed = Trace(await workspace.PublishAsync("HelloWeb", properties), registry, repository);

        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "registry.md"));
        Assert.Equal(InSomeOrder([.. Example().Match(page).Groups["lines"].Value.Trim().Split('\n').Select(Normalised)]), changed);
        var prose = string.Join(' ', page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"takes {first.Count}: one for the base", prose, StringComparison.Ordinal);
        Assert.Contains($"Where nothing has changed it is {unchanged.Count}.", prose, StringComparison.Ordinal);
        // 3, a mount for each of three layers of the base, two for each of five blobs, one tag.
        Assert.Equal(3 + 3 + (2 * 5) + 1, first.Count);
    }

    private static List<string> Trace(Workspace.Published published, string registry, string repository) =>
        InSomeOrder(Lines(published, registry, repository));

    // The base and the destination are asked at the same time, and layers and config go side by side.
    private static List<string> InSomeOrder(List<string> lines) =>
        [.. lines.Take(2).Order(StringComparer.Ordinal), .. lines.Skip(
            2).SkipLast(1).Order(StringComparer.Ordinal), .. lines.Skip(2).TakeLast(1)];

    private static List<string> Lines(Workspace.Published published, string registry, string repository) =>
        [.. Request().Matches(published.Output)
            .Where(match => match.Groups["host"].Value == registry)
            .Select(
                match =>
                    Normalised(
                        $"{match.Groups["method"].Value} "
                            + $"{match.Groups["path"].Value.Replace(repository, "shop", StringComparison.Ordinal).Replace(Uri.EscapeDataString(repository), "shop", StringComparison.Ordinal)}: {match.Groups["status"].Value}"))];

    private static string Normalised(string line) => Varying().Replace(Session().Replace(line, "/uploads/ID?"), "sha256:HEX");

    [GeneratedRegex("(?<method>GET|HEAD|POST|PUT|PATCH|DELETE) http://(?<host>[^/]+)(?<path>/\\S*): (?<status>[0-9]{3}) in ")]
    private static partial Regex Request();

    [GeneratedRegex("after\\s+a\\s+change\\s+of\\s+the\\s+application's\\s+code,[\\s\\S]*?```text\\n(?<lines>[^`]*)```")]
    private static partial Regex Example();

    [GeneratedRegex("sha256(:|%3A)[0-9a-f]+…?")]
    private static partial Regex Varying();

    [GeneratedRegex("/uploads/[0-9a-f-]{8,}…?\\?")]
    private static partial Regex Session();
}
