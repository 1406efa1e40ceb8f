using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Releases that are published in another order than that of their numbers, at a real registry.</summary>
public sealed class TagPolicyTests
{
    private static readonly HttpClient Http = new();

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Floating_tags_never_move_backwards_and_versions_never_move()
    {
        using var workspace = await Workspace.CreateAsync("floating");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("floating"));
        string[] Release(string version, params string[] more) =>
        [
            $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}",
            $"-p:ContainerRegistry={registry}",
            $"-p:ContainerRepository={repository}",
            "-p:ContainerTagPolicy=Floating",
            "-p:ContainerImmutableTags=true",
            $"-p:Version={version}",
            .. more,
        ];

        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (version, tags) in new (string, string[])[]
        {
            ("2.3.1", ["2.3.1", "2.3", "2", "latest", "stable"]),
            ("2.2.9", ["2.2.9", "2.2"]),
            ("2.4.0-rc.1", ["2.4.0-rc.1"]),
            ("3.0.0", ["3.0.0", "3.0", "3", "latest", "stable"]),
        })
        {
            var published = await workspace.PublishAsync("HelloConsole", Release(version));
            Assert.Equal(tags.Select(tag => $"{registry}/{repository}:{tag}@{published.Digest}"), published.References);
            var others = tags.Length > 1 ? $" (also {string.Join(", ", tags[1..])})" : "";
            Assert.Equal($"HelloConsole -> {registry}/{repository}:{version}@{published.Digest}{others}", published.ResultLine);
            if (version == "2.2.9")
                Assert.Contains(
                    $"HelloConsole: {registry}/{repository} keeps 2, latest, stable as they are: "
                        + "2.3.1 is there, which is higher than 2.2.9.",
                    published.Output,
                    StringComparison.Ordinal);
            foreach (var tag in tags)
                map[tag] = published.Digest;
            Assert.Equal(map, await TagsAsync(registry, repository));
        }

        // The same once more is no change; another image under the same version is refused.
        await workspace.PublishAsync("HelloConsole", Release("2.3.1"));
        var refused = (await workspace.TryPublishAsync("HelloConsole", Release("2.3.1", "-p:ContainerTitle=Changed"))).EnsureFailure();
        Assert.Contains(
            $"error CTZ4005: The tag '{registry}/{repository}:2.3.1' names the image {map["2.3.1"]} already",
            refused.Output,
            StringComparison.Ordinal);
        Assert.Equal(map, await TagsAsync(registry, repository));
    }

    private static async Task<SortedDictionary<string, string>> TagsAsync(string registry, string repository)
    {
        var list = JsonNode.Parse(await Http.GetStringAsync($"http://{registry}/v2/{repository}/tags/list"))!;
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in list["tags"]!.AsArray().Select(tag => (string)tag!))
            map[tag] = (await RemoteImage.GetAsync(registry, repository, tag)).Digest;
        return map;
    }
}
