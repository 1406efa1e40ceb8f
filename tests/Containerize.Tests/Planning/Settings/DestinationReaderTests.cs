using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

/// <summary>Items and properties as a project writes them, and the destinations that they come to.</summary>
public sealed class DestinationReaderTests
{
    private const string Project = "/home/ada/src/shop";
    private const string Beside = Project + "/bin/Release/net10.0/team-shop.tar";

    public static TheoryData<string, string, string> Items => new()
    {
        // Item with its metadata; kind and target; repository:tags, where empty stands for the image's own.
        { "ghcr.io/acme/shop", "Registry ghcr.io", "acme/shop" },
        { "ghcr.io/acme/shop:1.2", "Registry ghcr.io", "acme/shop:1.2" },
        { "ghcr.io/acme/shop|Tags=1.2; latest ;1.2", "Registry ghcr.io", "acme/shop:1.2,latest" },
        { "localhost:5000/shop", "Registry localhost:5000", "shop" },
        { "docker.io/shop:1", "Registry docker.io", "library/shop:1" },
        { "oci:5000/shop:1", "Registry oci:5000", "shop:1" },
        { "oci:out/layout", "OciLayout " + Project + "/out/layout", "" },
        { @"oci:..\layout:1.0", "OciLayout /home/ada/src/layout", ":1.0" },
        { "oci:/srv/layout|Tags=1.0;2.0|Repository=acme/shop", "OciLayout /srv/layout", "acme/shop:1.0,2.0" },
        { "oci-archive:out/shop.tar", "Archive " + Project + "/out/shop.tar", "" },
        { "docker-archive:out/shop.tar.gz:1.0", "Archive " + Project + "/out/shop.tar.gz", ":1.0" },
        { "docker-archive:out/", "Archive " + Project + "/out/team-shop.tar", "" },
        { "docker-archive:out|Repository=localhost:5000/acme/shop", "Archive " + Project + "/out/localhost-5000-acme-shop.tar", "localhost:5000/acme/shop" },
        { "docker-daemon:", "Engine Docker", "" },
        { "docker-daemon:|Tags=dev", "Engine Docker", ":dev" },
        { "podman-daemon:|Repository=localhost/shop", "Engine Podman", "localhost/shop" },
        { "podman-daemon:shop", "Engine Podman", "shop" },
        { "nerdctl-daemon:localhost:5000/acme/shop:1.0", "Engine Nerdctl", "localhost:5000/acme/shop:1.0" },
        { "docker-daemon:localhost:5000/acme/shop|Tags=a;b", "Engine Docker", "localhost:5000/acme/shop:a,b" },
    };

    [Theory]
    [MemberData(nameof(Items))]
    public void An_item(string item, string place, string names)
    {
        var destination = Assert.Single(Read([item]));
        Assert.Equal((place, names, null), ($"{destination.Kind} {destination.Target}", NamesOf(destination), destination.Fallback));
    }

    public static TheoryData<string, string> Errors => new()
    {
        { "scratch", "docker.io/library/scratch" },
        { "acme/shop", "Write 'docker.io/acme/shop'" },
        { "ghcr.io", "names no registry" },
        { "localhost:5000", "names no registry" },
        { "ghcr.io/Acme/Shop", "registry/repository" },
        { "https://ghcr.io/acme/shop", "registry/repository" },
        { "ghcr.io/acme/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111", "digest" },
        { "ghcr.io/acme/shop:1.0|Tags=2.0", "the tag '1.0' and the Tags '2.0'" },
        { "ghcr.io/acme/shop|Tags=1 0", "the tag '1 0'" },
        { "ghcr.io/acme/shop|Repository=acme/shop", "Keep one of them" },
        { "oci:", "'oci:images/shop:1.0'" },
        { "oci:layout:", "lacks a path, or a tag" },
        { "oci:layout:acme/shop:1.0", "metadatum Repository" },
        { "oci:layout:1.0|Tags=1.0", "Keep one of them" },
        { "oci:layout|Repository=Acme", "the Repository 'Acme'" },
        { "oci:layout|Repository=acme:1.0", "the Repository 'acme:1.0'" },
        { "docker-daemon:Shop", "'docker-daemon:team/shop:1.0'" },
        { "docker-daemon:shop:1.0|Tags=2.0", "Keep one of them" },
        { "docker-daemon:shop|Repository=shop", "Keep one of them" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_item_that_is_not_valid(string item, string says)
    {
        var e = Assert.Throws<ContainerizeException>(() => Read([item]));
        Assert.Equal(ErrorCodes.DestinationInvalid, e.Code);
        Assert.StartsWith($"ContainerDestination '{item.Split('|')[0]}' ", e.Message, StringComparison.Ordinal);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_is_that_of_the_items_and_properties_come_last() => Assert.Equal(
        ["Registry ghcr.io", "Engine Docker", "OciLayout /srv/layout", $"Archive {Project}/shop.tar", $"OciLayout {Project}/layout"],
        Places(Read(["ghcr.io/acme/shop", "docker-daemon:", "oci:/srv/layout"], archive: "shop.tar", layout: "layout")));

    [Theory]
    [InlineData("", "", "", "", "Engine ")]
    [InlineData("", "", "", "podman", "Engine Podman")]
    [InlineData("ghcr.io", "", "", "podman", "Registry ghcr.io")]
    [InlineData("ghcr.io", "x.tar", "", "podman", "Archive " + Project + "/x.tar")]
    [InlineData("ghcr.io", "", "x", "", "OciLayout " + Project + "/x")]
    public void Properties_alone_are_as_in_the_sdk(string registry, string archive, string layout, string engine, string place)
    {
        var destination = Assert.Single(Read([], registry, archive, layout, engine));
        Assert.Equal((place, ""), ($"{destination.Kind} {destination.Target}", NamesOf(destination)));
        Assert.Equal(destination.Kind == DestinationKind.Engine ? Beside : null, destination.Fallback);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("localhost:5000", "", "Registry localhost:5000")]
    [InlineData("", "docker", "Engine Docker")]
    public void Beside_items_there_is_what_properties_ask_for_and_no_engine_by_default(string registry, string engine, string place) =>
        Assert.Equal(
            ((string[])["Registry ghcr.io", place]).Where(text => text.Length > 0),
            Places(Read(["ghcr.io/acme/shop"], registry, engine: engine)));

    [Fact]
    public void What_is_said_twice_counts_once()
    {
        Assert.Equal("acme/shop:1.0,2.0", NamesOf(Assert.Single(Read(["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop|Tags=2.0;1.0"]))));
        Assert.Equal("acme/shop:1.0,latest", NamesOf(Assert.Single(Read(["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop"]))));
        Assert.Equal("team/shop", NamesOf(Assert.Single(Read(["ghcr.io/team/shop"], "ghcr.io"))));
        Assert.Equal("", NamesOf(Assert.Single(Read(["docker-archive:shop.tar", "oci-archive:./shop.tar"], archive: "shop.tar"))));
        Assert.Equal("", NamesOf(Assert.Single(Read(["docker-daemon:"], engine: "docker"))));
        Assert.Equal(["acme/shop", "acme/other"], Read(["ghcr.io/acme/shop", "ghcr.io/acme/other"]).Select(NamesOf));
        Assert.Equal(["", "acme/shop"], Read(["oci:layout", "oci:layout|Repository=acme/shop"]).Select(NamesOf));
    }

    [Theory]
    [InlineData("oci-archive:shop.tar|Repository=acme/shop")]
    [InlineData("oci:shop.tar")]
    public void One_file_cannot_hold_two_things(string other)
    {
        var e = Assert.Throws<ContainerizeException>(() => Read(["docker-archive:shop.tar", other]));
        Assert.Equal(ErrorCodes.DestinationInvalid, e.Code);
        Assert.Contains($"'{Project}/shop.tar'", e.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Places(IEnumerable<Destination> destinations) =>
        destinations.Select(destination => $"{destination.Kind} {destination.Target}");

    private static string NamesOf(Destination destination) =>
        destination.Repository + (destination.Tags is null ? "" : ":" + string.Join(',', destination.Tags));

    private static IReadOnlyList<Destination> Read(
        string[] items, string registry = "", string archive = "", string layout = "", string engine = "") =>
        new DestinationReader(Project, Project + "/bin/Release/net10.0/publish/", "team/shop", ["latest"])
            .Read([.. items.Select(Item)], registry, archive, layout, engine);

    // include|name=value|…
    private static IProjectItem Item(string text)
    {
        var parts = text.Split('|');
        return ProjectItem.Create(parts[0], parts.Skip(1).Select(part => part.Split('=', 2)).Select(pair => (pair[0], pair[1])));
    }
}
