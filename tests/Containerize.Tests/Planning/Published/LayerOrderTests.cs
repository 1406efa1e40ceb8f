using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

public sealed class LayerOrderTests
{
    public static TheoryData<string, string, string> Orders => new()
    {
        // rules as NAME, NAME<BEFORE or NAME>AFTER | layers that items name | the order
        { "", "", "runtime packages browser-runtime projects static-assets files application" },
        { "models", "", "runtime packages browser-runtime projects static-assets files models application" },
        { "a b", "c", "runtime packages browser-runtime projects static-assets files a b c application" },
        { "", "b a b", "runtime packages browser-runtime projects static-assets files b a application" },
        { "models<runtime", "", "models runtime packages browser-runtime projects static-assets files application" },
        { "models<packages", "", "runtime models packages browser-runtime projects static-assets files application" },
        { "models>application", "", "runtime packages browser-runtime projects static-assets files application models" },
        { "a<packages b<packages", "", "runtime a b packages browser-runtime projects static-assets files application" },
        { "a>packages b>packages", "", "runtime packages a b browser-runtime projects static-assets files application" },
        { "a>packages b>a c>packages", "", "runtime packages a b c browser-runtime projects static-assets files application" },
        { "a<b b<packages", "", "runtime a b packages browser-runtime projects static-assets files application" },
        { "a<certs", "certs", "runtime packages browser-runtime projects static-assets files a certs application" },
        { "packages", "", "runtime packages browser-runtime projects static-assets files application" },
        { "packages<runtime", "", "packages runtime browser-runtime projects static-assets files application" },
        { "files>application", "", "runtime packages browser-runtime projects static-assets application files" },
        { "application<runtime x", "", "application runtime packages browser-runtime projects static-assets files x" },
        { "Packages", "", "runtime packages browser-runtime projects static-assets files Packages application" },
        { "models", "models files", "runtime packages browser-runtime projects static-assets files models application" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Layers_go_where_they_are_asked_to(string rules, string named, string expected) =>
        Assert.Equal(expected, string.Join(' ', new LayerOrder(Rules(rules), Words(named)).Names));

    [Theory]
    [InlineData("a<b", "", "'a'", "no layer 'b'", "before")]
    [InlineData("a>Packages", "", "'a'", "no layer 'Packages'", "after")]
    [InlineData("x a<b", "", "'a'", "no layer 'b'", "runtime, packages, browser-runtime, projects, static-assets, files, x, application")]
    [InlineData("a<a", "", "'a'", "depends on the layer 'a', whose own place depends on it in turn")]
    [InlineData("a<b b<a", "", "'a'", "depends on the layer 'b', whose own place")]
    [InlineData("x a<packages packages<a", "", "'a'", "depends on the layer 'packages', whose own place")]
    [InlineData("a a", "", "'a'", "two of this name", "';'")]
    [InlineData("removed", "", "'removed'", "ContainerRemove", "models")]
    [InlineData("", "removed", "'removed'", "ContainerRemove", "models")]
    [InlineData("", "a\tb", "'a\tb'", "no name", "models")]
    public void What_cannot_be_ordered_is_refused(string rules, string named, params string[] mentions) =>
        Failing.With(ErrorCodes.LayerInvalid, () => _ = new LayerOrder(Rules(rules), Words(named)), mentions);

    [Fact]
    public void Two_places_and_no_name_are_refused()
    {
        Failing.With(
            ErrorCodes.LayerInvalid,
            () => _ = new LayerOrder([new LayerRule("a", [], "packages", "runtime")], []),
            "'a'",
            "both Before and After");
        foreach (var name in new[] { "", " ", "\n" })
            Failing.With(ErrorCodes.LayerInvalid, () => _ = new LayerOrder([new LayerRule(name, [])], []), "no name");
    }

    public static TheoryData<string, string> Patterns => new()
    {
        { "models/**", "models/a.bin models/sub/b.onnx" },
        { "models/", "models/a.bin models/sub/b.onnx" },
        { "models", "" },
        { "models/*", "models/a.bin" },
        { "**/*.onnx", "models/sub/b.onnx top.onnx" },
        { "*.onnx", "top.onnx" },
        { "models\\sub\\*", "models/sub/b.onnx" },
        { "MODELS/**", "" },
        { "*", "App.dll App.pdb naïve [x] 'y'.txt top.onnx we\\ird.txt" },
        { "App.*", "App.dll App.pdb" },
        { "naïve [x] 'y'.txt", "naïve [x] 'y'.txt" },
        { "**/sub/**", "models/sub/b.onnx" },
        { "*.onnx;models/sub/**", "models/sub/b.onnx top.onnx" },
        { "none/**", "" },
        { "./top.onnx", "top.onnx" },
        { "we*", "we\\ird.txt" },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Patterns_choose_published_files(string patterns, string expected)
    {
        string[] paths = ["App.dll", "App.pdb", "models/a.bin", "models/sub/b.onnx", "naïve [x] 'y'.txt", "top.onnx", "we\\ird.txt"];
        var assigned = new LayerOrder([new LayerRule("mine", patterns.Split(';'))], []).Assign(paths);
        Assert.Equal(expected, string.Join(' ', assigned.Keys.Order(StringComparer.Ordinal)));
        Assert.All(assigned.Values, layer => Assert.Equal("mine", layer));
    }

    [Fact]
    public void The_first_layer_with_a_fitting_pattern_gets_the_file()
    {
        var order = new LayerOrder(
            [new LayerRule("small", ["models/*.txt"]), new LayerRule(
                "models", ["models/**"], Before: "packages"), new LayerRule("packages", ["*.dll"])],
            []);
        Assert.Equal(
            ["a.dll packages", "models/big.bin models", "models/readme.txt small"],
            order.Assign(["models/readme.txt", "models/big.bin", "a.dll", "b.json"]).Select(pair => $"{pair.Key} {pair.Value}")
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/app/models/**")]
    [InlineData("\\models")]
    [InlineData("../models/**")]
    [InlineData("models/../x")]
    [InlineData("models\\..\\x")]
    [InlineData("data?.bin")]
    public void What_is_no_pattern_is_refused(string pattern) =>
        Failing.With(
            ErrorCodes.LayerInvalid,
            () => _ = new LayerOrder([new LayerRule("models", [pattern])], []),
            "'models'",
            $"'{pattern}'",
            "publish folder");

    private static LayerRule[] Rules(string text) =>
    [
        .. Words(text).Select(word => word.Split('<', '>') switch
        {
            [var name, var neighbour] =>
                word.Contains('<', StringComparison.Ordinal)
                    ? new LayerRule(name, [], Before: neighbour)
                    : new LayerRule(name, [], After: neighbour),
            _ => new LayerRule(word, []),
        }),
    ];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
