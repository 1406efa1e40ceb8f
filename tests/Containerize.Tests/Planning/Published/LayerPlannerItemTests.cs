using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

/// <summary>Published files together with what items add, remove and say of layers and symbols.</summary>
public sealed class LayerPlannerItemTests : IDisposable
{
    private const string Documentation = "<?xml version=\"1.0\"?>\n<doc>\n</doc>";
    private const string PortablePdb = "BSJB\u0001";
    private readonly TempFolder _folder = new();
    private readonly ExtraFiles _extra = new("app");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Items_have_layers_of_their_own_between_the_others()
    {
        Publish("App.dll");
        Publish("models/big.bin");
        Publish("Package.dll");
        _extra.AddFile(_folder.Write("a"), "/etc/a", "", default);
        _extra.AddFile(_folder.Write("b"), "/etc/b", "", new EntrySettings(Layer: "certs"));
        _extra.AddFile(_folder.Write("c"), "models/c.bin", "", new EntrySettings(Layer: "models"));
        _extra.Remove("/etc/old");
        var planned = Plan(
            rules: [new LayerRule(
                "models", ["models/**"], Before: "packages"), new LayerRule("unused", ["none/**"]), new LayerRule("certs", [])]);
        Assert.Equal(
            [
                "removed: etc/old",
                "models: app app/models app/models/big.bin app/models/c.bin",
                "packages: app app/Package.dll",
                "files: etc/a",
                "certs: etc/b",
                "application: app app/App.dll",
            ],
            Described(planned));
        Assert.Equal("unused", Assert.Single(planned.UnusedRules).Name);
    }

    [Fact]
    public void A_rule_may_take_from_any_layer_and_leave_it_empty()
    {
        Publish("App.dll");
        Publish("Package.dll");
        Assert.Equal(["application: app app/App.dll app/Package.dll"], Described(Plan(rules: [new LayerRule("application", ["*.dll"])])));
    }

    [Fact]
    public void An_items_file_replaces_a_published_one()
    {
        Publish("App.dll");
        Publish("settings.json", "published");
        Publish("data/seed");
        var own = _folder.Write("own.json", "own");
        _extra.AddFile(own, "settings.json", "", default);
        _extra.AddSymlink("data/seed", "/var/seed", default);
        var planned = Plan();
        Assert.Equal(["files: app app/data app/settings.json app/data/seed", "application: app app/App.dll"], Described(planned));
        Assert.Equal(own, planned.Layers[0].Entries.Single(entry => entry.Path == "app/settings.json").Source);
        Assert.Equal(["data/seed", "settings.json"], planned.LeftOut.Select(file => file.RelativePath));
        Assert.All(planned.LeftOut, file => Assert.Contains("an item", file.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Upper_and_lower_case_tell_paths_of_the_image_apart()
    {
        Publish("settings.json");
        _extra.AddFile(_folder.Write("own"), "Settings.json", "", default);
        Assert.Equal(["files: app app/Settings.json", "application: app app/settings.json"], Described(Plan()));
    }

    public static TheoryData<string, string, string> Clashes => new()
    {
        { "link", "App.dll/x", "/app/App.dll" },
        { "file", "data", "/app/data" },
        { "file", "App.dll/x", "/app/App.dll" },
        { "directory", "App.dll", "/app/App.dll" },
        { "directory", "link", "/app/link" },
        { "two", "/etc/x", "/etc/x" },
    };

    [Theory]
    [MemberData(nameof(Clashes))]
    public void No_path_is_two_things_in_two_layers(string kind, string path, string mention)
    {
        Publish("App.dll");
        Publish("data/sub/x");
        File.CreateSymbolicLink(_folder["publish/link"], "App.dll");
        var source = _folder.Write("own");
        switch (kind)
        {
            case "link":
                _extra.AddSymlink(path, "/srv", default);
                break;
            case "file":
                _extra.AddFile(source, path, "", default);
                break;
            case "directory":
                _extra.AddDirectory(path, default);
                break;
            default:
                _extra.AddFile(source, path, "", new EntrySettings(Layer: "one"));
                _extra.AddFile(source, path + "/y", "", new EntrySettings(Layer: "two"));
                break;
        }

        Failing.With(ErrorCodes.PathClash, () => Plan(), mention, "another path");
    }

    [Fact]
    public void What_lies_below_an_items_link_is_left_to_where_that_leads()
    {
        Publish("App.dll");
        Publish("data/sub/seed.db");
        _extra.AddSymlink("data", "/var/lib/shop", default);
        _extra.AddFile(_folder.Write("own"), "data/own.db", "", default);
        var planned = Plan();
        Assert.Equal(
            ["files: app app/data app/data/own.db", "application: app app/data/sub app/App.dll app/data/sub/seed.db"], Described(planned));
        var placed = Containerize.Files.EntryPlacement.Place([.. planned.Layers.Select(layer => layer.Entries)], new(), "scratch");
        Assert.Equal(["app", "app/data", "var/lib/shop/own.db"], Paths(placed.Layers[0]));
        Assert.Equal(["app", "app/App.dll", "var/lib/shop/sub", "var/lib/shop/sub/seed.db"], Paths(placed.Layers[1]));

        static IEnumerable<string> Paths(IReadOnlyList<LayerEntry> layer) =>
            layer.Select(entry => entry.Path).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void An_empty_published_directory_gives_way_to_a_link()
    {
        Publish("App.dll");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "publish/data"));
        _extra.AddSymlink("data", "/var/lib/shop", default);
        Assert.Equal(["files: app app/data", "application: app app/App.dll"], Described(Plan()));
    }

    [Fact]
    public void What_an_item_says_of_a_directory_holds_in_every_layer()
    {
        Publish("App.dll");
        Publish("data/seed.db");
        Publish("data/cache/x");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "publish/logs"));
        _extra.AddDirectory("data", new EntrySettings("app", "0770"));
        _extra.AddDirectory("logs", new EntrySettings("7"));
        _extra.AddDirectory("/app", new EntrySettings("8", "0750"));
        var planned = Plan();
        Assert.Equal(
            ["files: app app/data app/logs", "application: app app/data app/data/cache app/logs app/App.dll app/data/cache/x "
                + "app/data/seed.db"],
            Described(planned));
        foreach (var layer in planned.Layers)
        {
            var entries = layer.Entries.ToDictionary(entry => entry.Path);
            Assert.Equal(
                LayerEntry.Directory("app/data") with { Mode = 0b111_111_000, OwnerName = "app", IsGiven = true }, entries["app/data"]);
            Assert.Equal(LayerEntry.Directory("app/logs") with { UserId = 7, GroupId = 7, IsGiven = true }, entries["app/logs"]);
            Assert.Equal(
                LayerEntry.Directory("app") with { Mode = 0b111_101_000, UserId = 8, GroupId = 8, IsGiven = true }, entries["app"]);
        }

        Assert.Equal(LayerEntry.Directory("app/data/cache"), planned.Layers[1].Entries.Single(entry => entry.Path == "app/data/cache"));
    }

    [Fact]
    public void An_included_folder_and_a_published_one_become_one()
    {
        Publish("App.dll");
        Publish("data/published");
        _folder.Write("data/sub/own");
        _extra.AddFile(_folder["data"], "data", "", new EntrySettings("7"));
        var planned = Plan();
        Assert.Equal(
            ["files: app app/data app/data/sub app/data/sub/own", "application: app app/data app/App.dll app/data/published"],
            Described(planned));
        Assert.All(
            planned.Layers,
            layer => Assert.Equal(
                (7, 7), layer.Entries.Where(entry => entry.Path == "app/data").Select(entry => (entry.UserId, entry.GroupId)).Single()));
    }

    [Fact]
    public void Directories_outside_of_the_applications_are_only_those_that_items_name()
    {
        Publish("App.dll");
        _extra.AddDirectory("/var/lib/shop", default);
        _extra.AddFile(_folder.Write("x"), "/etc/shop/x", "", default);
        Assert.Equal(["files: var/lib/shop etc/shop/x", "application: app app/App.dll"], Described(Plan()));
    }

    [Fact]
    public void What_is_removed_can_be_added_anew()
    {
        Publish("App.dll");
        _extra.Remove("/etc/shop");
        _extra.Remove("/app");
        _extra.AddFile(_folder.Write("x"), "/etc/shop/x", "", default);
        var planned = Plan();
        Assert.Equal(["removed: app etc/shop", "files: etc/shop/x", "application: app app/App.dll"], Described(planned));
        Assert.All(planned.Layers[0].Entries, entry => Assert.Equal((LayerEntryKind.Whiteout, ""), (entry.Kind, entry.Source)));
    }

    [Fact]
    public void An_empty_base_has_nothing_to_remove()
    {
        Publish("App.dll");
        _extra.Remove("/etc/shop");
        Assert.Equal(["application: app app/App.dll"], Described(Plan(baseIsEmpty: true)));
    }

    [Theory]
    [InlineData("/tmp/x")]
    [InlineData("/lib/x")]
    public void Items_may_go_where_the_application_may_not(string path)
    {
        Publish("App.dll");
        _extra.AddFile(_folder.Write("x"), path, "", default);
        Assert.Equal($"files: {path[1..]}", Described(Plan()).First());
    }

    [Theory]
    [InlineData(SymbolsMode.Include, "App App.dll App.pdb windows.pdb 1abc.pdb other.dbg", "App.dbg App.xml", "")]
    [InlineData(SymbolsMode.Exclude, "App App.dll 1abc.pdb other.dbg", "App.dbg App.pdb App.xml windows.pdb", "")]
    [InlineData(
        SymbolsMode.Separate,
        "App App.dll 1abc.pdb other.dbg",
        "App.dbg App.pdb App.xml windows.pdb",
        "App.dbg App.pdb App.xml windows.pdb")]
    public void Symbols_are_included_excluded_or_separate(SymbolsMode mode, string inImage, string leftOut, string inSymbols)
    {
        PublishSymbols();
        var planned = Plan(symbols: mode);
        Assert.Equal(inImage.Split(' ').Order(StringComparer.Ordinal), Files(Assert.Single(planned.Layers)));
        Assert.Equal(leftOut.Split(' '), planned.LeftOut.Select(file => file.RelativePath));
        Assert.Equal(inSymbols.Split(' ', StringSplitOptions.RemoveEmptyEntries), planned.Symbols is null ? [] : Files(planned.Symbols));
        Assert.Equal(inSymbols.Length > 0, planned.Symbols is not null);
    }

    [Theory]
    [InlineData(SymbolsMode.Exclude)]
    [InlineData(SymbolsMode.Separate)]
    public void Documentation_that_is_read_at_run_time_is_no_symbol(SymbolsMode mode)
    {
        PublishSymbols();
        Publish("Swashbuckle.AspNetCore.SwaggerGen.dll");
        var planned = Plan(symbols: mode);
        Assert.Contains("App.xml", Files(Assert.Single(planned.Layers)));
        Assert.DoesNotContain("App.xml", planned.Symbols is null ? [] : Files(planned.Symbols));
    }

    [Fact]
    public void The_symbols_image_has_the_paths_of_the_image()
    {
        Publish("App.dll");
        Publish("plugins/x/P.dll");
        Publish("plugins/x/P.pdb", PortablePdb);
        _extra.AddDirectory("plugins", new EntrySettings("app", "0700"));
        var symbols = Plan(symbols: SymbolsMode.Separate).Symbols!;
        Assert.Equal("symbols", symbols.Name);
        // Of the application's image nothing is known there, its users least of all.
        Assert.Equal(
            [LayerEntry.Directory("app"), LayerEntry.Directory(
                "app/plugins"), LayerEntry.Directory(
                    "app/plugins/x"), new LayerEntry(
                        "app/plugins/x/P.pdb", LayerEntryKind.File, _folder["publish/plugins/x/P.pdb"], LayerEntry.FileMode)],
            symbols.Entries);
    }

    [Fact]
    public void A_protected_file_that_is_published_too_is_told()
    {
        var secret = _folder.Write("src/deploy/shop.json");
        Publish("deploy/shop.json");
        _extra.AddFile(secret, "/etc/shop/", "", new EntrySettings("0:1654", "0640"));
        PublishItem[] items = [new PublishItem("deploy/shop.json", secret, FileOrigin.Application)];

        var exposed = Assert.Single(Plan(items: items).Exposed);

        Assert.Equal((secret, "etc/shop/shop.json", "/app/deploy/shop.json"), (exposed.Source, exposed.Protected.Path, exposed.Published));
        Assert.Empty(Plan(items: [items[0] with { LeaveOut = "not wanted" }]).Exposed);
        Assert.Empty(Plan(items: [items[0] with { SourcePath = "/elsewhere/shop.json" }]).Exposed);
    }

    [Fact]
    public void A_file_that_all_may_read_may_be_there_twice()
    {
        var open = _folder.Write("src/shop.json");
        Publish("shop.json");
        _extra.AddFile(open, "/etc/shop/", "", new EntrySettings(Mode: "0644"));
        Assert.Empty(Plan(items: [new PublishItem("shop.json", open, FileOrigin.Application)]).Exposed);
    }

    [Fact]
    public void Without_symbols_there_is_no_symbols_image()
    {
        Publish("App.dll");
        Assert.Null(Plan(symbols: SymbolsMode.Separate).Symbols);
    }

    [Fact]
    public void Symbols_of_other_platforms_are_nowhere()
    {
        var source = Publish("runtimes/win/native/x.pdb", PortablePdb);
        Publish("App.dll");
        var planned = Plan(
            symbols: SymbolsMode.Separate, items: [new PublishItem("runtimes/win/native/x.pdb", source, FileOrigin.Package, "win")]);
        Assert.Null(planned.Symbols);
        Assert.Equal([new LeftOut("runtimes/win/native/x.pdb", "made for win")], planned.LeftOut);
    }

    [Fact]
    public async Task A_layer_of_items_can_be_written()
    {
        Publish("App.dll");
        _extra.AddDirectory("/var/lib/shop", new EntrySettings("1654", "1770"));
        _extra.AddFile(_folder.Write("tool", "#!/bin/sh"), "/usr/local/bin/tool", "", new EntrySettings(Mode: "4755"));
        _extra.AddSymlink("/app/tool", "/usr/local/bin/tool", default);
        var tar = await Tars.RoundTripAsync(Plan().Layers[0].Entries);
        Assert.Equal(
            [("app/", "755", 0, ""), (
                "app/tool", "777", 0, "/usr/local/bin/tool"), ("usr/local/bin/tool", "4755", 0, ""), ("var/lib/shop/", "1770", 1654, "")],
            tar.Select(entry => (entry.Name, Convert.ToString(entry.Mode, 8), entry.Uid, entry.Target)));
    }

    private void PublishSymbols()
    {
        Publish("App", "\u007fELF");
        Publish("App.dll");
        Publish("App.dbg");
        Publish("other.dbg");
        Publish("App.pdb", PortablePdb);
        Publish("windows.pdb", "Microsoft C/C++ MSF 7.00\r\n");
        Publish("1abc.pdb", "HEADER    HYDROLASE");
        Publish("App.xml", Documentation);
    }

    private string Publish(string path, string content = "content") => _folder.Write("publish/" + path, content);

    private PlannedLayers Plan(
        IReadOnlyList<LayerRule>? rules = null,
        SymbolsMode symbols = SymbolsMode.Include,
        bool baseIsEmpty = false,
        PublishItem[]? items = null) =>
        new LayerPlanner(
            "app",
            RuntimeIdentifierGraph.For(null, "linux-x64"),
            Path.Combine(_folder.Path, "work")) { BaseIsEmpty = baseIsEmpty, Rules = rules ?? [], Extra = _extra, Symbols = symbols }
            .Plan(Path.Combine(_folder.Path, "publish"), [new PublishItem("Package.dll", "/none", FileOrigin.Package), .. items ?? []]);

    private static IEnumerable<string> Described(PlannedLayers planned) =>
        planned.Layers.Select(layer => $"{layer.Name}: {string.Join(' ', layer.Entries.Select(entry => entry.Path))}");

    private static IEnumerable<string> Files(LayerPlan layer) =>
        layer.Entries.Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => entry.Path["app/".Length..])
            .Order(StringComparer.Ordinal);
}
