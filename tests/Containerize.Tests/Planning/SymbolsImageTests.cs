using Containerize.Planning;
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

    private Destination Beside(Destination destination) => Assert.Single(SymbolsImage.Plan(_app.Plan(ImagePlan.Scratch), [destination]).Destinations);
}
