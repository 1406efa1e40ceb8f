using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Testing;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class RuntimeIdentifierGraphTests
{
    [Theory]
    [InlineData("linux-x64", "linux-x64", true)]
    [InlineData("linux-x64", "linux", true)]
    [InlineData("linux-x64", "unix-x64", true)]
    [InlineData("linux-x64", "unix", true)]
    [InlineData("linux-x64", "any", true)]
    [InlineData("linux-x64", "", true)]
    [InlineData("linux-x64", null, true)]
    [InlineData("linux-x64", "linux-arm64", false)]
    [InlineData("linux-x64", "linux-musl-x64", false)]
    [InlineData("linux-x64", "win-x64", false)]
    [InlineData("linux-x64", "osx", false)]
    [InlineData("linux-x64", "LINUX-x64", false)]
    [InlineData("linux-musl-x64", "linux-x64", true)]
    [InlineData("linux-musl-x64", "linux-musl-x64", true)]
    [InlineData("linux-musl-x64", "linux-musl", true)]
    [InlineData("linux-musl-x64", "linux-musl-arm64", false)]
    public void The_sdks_graph_decides(string runtimeIdentifier, string? asset, bool accepted)
    {
        var graph = Path.Combine(DotnetSdk.Current.Directory, "PortableRuntimeIdentifierGraph.json");
        Assert.Equal(accepted, RuntimeIdentifierGraph.For(graph, runtimeIdentifier).Accepts(asset));
    }

    [Fact]
    public void The_old_graph_with_its_distributions_works_too()
    {
        var graph = RuntimeIdentifierGraph.For(
            Path.Combine(DotnetSdk.Current.Directory, "RuntimeIdentifierGraph.json"), "ubuntu.22.04-x64");
        Assert.True(graph.Accepts("ubuntu.22.04-x64"));
        Assert.True(graph.Accepts("debian-x64"));
        Assert.True(graph.Accepts("linux-x64"));
        Assert.False(graph.Accepts("ubuntu.20.04-x64"));
        Assert.False(graph.Accepts("alpine-x64"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no-such-file")]
    public void Without_a_graph_only_the_identifier_itself_is_known(string? path)
    {
        var graph = RuntimeIdentifierGraph.For(path, "linux-x64");
        Assert.True(graph.Accepts("linux-x64"));
        Assert.True(graph.Accepts(null));
        Assert.False(graph.Accepts("linux"));
    }

    [Fact]
    public void A_circle_in_the_graph_ends()
    {
        using var folder = new TempFolder();
        var graph = folder.Write("graph.json", """{"runtimes":{"a":{"#import":["b"]},"b":{"#import":["a","c"]},"d":{}}}""");
        Assert.True(RuntimeIdentifierGraph.For(graph, "a").Accepts("c"));
        Assert.False(RuntimeIdentifierGraph.For(graph, "a").Accepts("d"));
    }
}
