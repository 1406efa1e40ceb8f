using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class SymbolsImageTests : IDisposable
{
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Theory]
    [InlineData("/out/shop.tar", "/out/shop-symbols.tar")]
    [InlineData("/out/shop.tar.gz", "/out/shop-symbols.tar.gz")]
    [InlineData("/out/shop.tgz", "/out/shop-symbols.tgz")]
    [InlineData("/out.d/shop-1.2.tar", "/out.d/shop-1.2-symbols.tar")]
    [InlineData("/out.d/shop", "/out.d/shop-symbols")]
    public void An_archive_is_a_file_beside_the_other(string path, string beside) =>
        Assert.Equal(beside, Beside(new Destination(DestinationKind.Archive, path)).Target);

    [Fact]
    public void Everywhere_else_it_is_a_tag_beside_the_other()
    {
        foreach (var kind in new[] { DestinationKind.Registry, DestinationKind.OciLayout, DestinationKind.Engine })
        {
            var beside = Beside(new Destination(kind, "place") { Repository = "team/own" });
            Assert.Equal(("place", "team/own"), (beside.Target, beside.Repository));
            Assert.Equal(["1.0-symbols", "latest-symbols"], beside.Tags);
        }

        Assert.Equal(["own-symbols"], Beside(new Destination(DestinationKind.Registry, "place") { Tags = ["own"] }).Tags);
        Assert.Equal("/out/app-symbols.tar", Beside(new Destination(DestinationKind.Engine, "", "/out/app.tar")).Fallback);
    }

    public static TheoryData<string, string, string> Clashes => new()
    {
        { "Registry r a 1.0,1.0-symbols", "", "'r/a:1.0-symbols'" },
        { "Registry r a 1.0", "Registry r a 1.0-symbols", "'r/a:1.0-symbols'" },
        { "Engine Docker a 1.0", "Engine Docker a 1.0-symbols", "'a:1.0-symbols'" },
        { "OciLayout /l a 1.0-symbols", "OciLayout /l a 1.0", "'a:1.0-symbols'" },
        { "Archive /x.tar a 1.0", "Archive /x-symbols.tar a 1.0", "'/x-symbols.tar'" },
    };

    [Theory]
    [MemberData(nameof(Clashes))]
    public void It_takes_nothings_place(string one, string two, string place) =>
        Failing.With(ErrorCodes.DestinationInvalid, () => SymbolsImage.Check(WithSymbols(one, two)), place, "ContainerSymbols");

    [Fact]
    public void Its_tag_is_a_tag()
    {
        SymbolsImage.Check(WithSymbols($"Registry r a {new string('a', 120)}"));
        Failing.With(
            ErrorCodes.TagInvalid, () =>
                SymbolsImage.Check(WithSymbols($"Archive /x.tar a {new string('a', 121)}")), "129 characters", "ContainerSymbols");
        SymbolsImage.Check(WithSymbols($"Registry r a {new string('a', 128)}") with { Symbols = null });
    }

    [Fact]
    public void Beside_others_it_is_not_in_the_way() => SymbolsImage.Check(WithSymbols(
        "Registry r a 1.0",
        "Registry r b 1.0-symbols",
        "Registry s a 1.0-symbols",
        "Registry r a 2.0",
        "Engine Docker a 1.0-symbols",
        "Archive /x.tar a 1.0",
        "OciLayout /x a 1.0"));

    // "Kind place repository tag,tag"
    private ImagePlan WithSymbols(params string[] destinations) => _app.Plan("scratch") with
    {
        Symbols = new LayerPlan("symbols", []),
        Destinations = [.. destinations.Where(text => text.Length > 0).Select(text => text.Split(' ')).Select(part =>
            new Destination(Enum.Parse<DestinationKind>(part[0]), part[1]) { Repository = part[2], Tags = part[3].Split(',') })],
    };

    private Destination Beside(Destination destination) =>
        Assert.Single(SymbolsImage.Plan(_app.Plan("scratch"), [destination]).Destinations);
}
