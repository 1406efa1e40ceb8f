using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Testing;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

public sealed class LayerPlannerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Publish => Path.Combine(_folder.Path, "publish");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Layers_go_from_what_changes_least_to_what_changes_most()
    {
        var items = new[]
        {
            Item("App.dll", FileOrigin.Application),
            Item("wwwroot/site.css", FileOrigin.StaticAsset),
            Item("Library.dll", FileOrigin.ProjectReference),
            Item("wwwroot/_framework/dotnet.native.wasm", FileOrigin.BrowserRuntime),
            Item("Package.dll", FileOrigin.Package),
            Item("libcoreclr.so", FileOrigin.RuntimePack),
        };
        _folder.Write("publish/unclaimed.txt");
        var layers = Plan(items);
        Assert.Equal(
            [
                "runtime: libcoreclr.so", "packages: Package.dll", "browser-runtime: "
                    + "wwwroot/_framework/dotnet.native.wasm", "projects: Library.dll",
                "static-assets: wwwroot/site.css", "application: App.dll unclaimed.txt",
            ],
            layers.Select(layer => $"{layer.Name}: {string.Join(' ', Files(layer))}"));
    }

    [Fact]
    public void An_empty_layer_is_left_out()
    {
        var layers = Plan(Item("Package.dll", FileOrigin.Package), Item("App.dll", FileOrigin.Application));
        Assert.Equal(["packages", "application"], layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Items_that_are_not_on_disk_do_not_matter()
    {
        var layers = Plan(new PublishItem("gone.dll", "/nowhere/gone.dll", FileOrigin.Package), Item("App.dll", FileOrigin.Application));
        Assert.Equal(["App.dll"], Files(Assert.Single(layers)));
    }

    [Fact]
    public void Each_layer_has_the_directories_that_its_files_need_and_no_others()
    {
        Directory.CreateDirectory(Path.Combine(Publish, "logs/empty"));
        var layers = Plan(
            "srv/web/app", Item("fr/App.resources.dll", FileOrigin.Application), Item("runtimes/linux/native/x.so", FileOrigin.Package));
        Assert.Equal(
            [
                "packages: srv/web/app srv/web/app/runtimes srv/web/app/runtimes/linux srv/web/app/runtimes/linux/native",
                "application: srv/web/app srv/web/app/fr srv/web/app/logs srv/web/app/logs/empty",
            ],
            layers.Select(layer => $"{layer.Name}: {string.Join(' ', Directories(layer))}"));
        Assert.All(
            layers.SelectMany(layer => layer.Entries).Where(entry => entry.Kind == LayerEntryKind.Directory),
            entry => Assert.Equal(LayerEntry.DirectoryMode, entry.Mode));
        Assert.All(layers, layer => Assert.Equal(layer.Entries.Count, layer.Entries.DistinctBy(entry => entry.Path).Count()));
    }

    [Fact]
    public void In_the_root_there_is_no_directory_of_our_own()
    {
        var layer = Assert.Single(Plan("", Item("App.dll", FileOrigin.Application), Item("data/x", FileOrigin.Application)));
        Assert.Equal(["data"], Directories(layer));
        Assert.Equal(["App.dll", "data/x"], layer.Entries.Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => entry.Path));
    }

    /// <summary>Where the base has a link, only who knows the base can tell.</summary>
    [Fact]
    public void Paths_are_those_that_were_asked_for_whatever_bases_have_there()
    {
        var layer = Assert.Single(Plan("", Item("bin/tool", FileOrigin.Application), Item("tmp/x", FileOrigin.Application)));
        Assert.Equal(["bin", "tmp"], Directories(layer));
        Assert.Equal(["bin/tool", "tmp/x"], layer.Entries.Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => entry.Path));
        Assert.All(layer.Entries, entry => Assert.False(entry.IsGiven));
    }

    [Fact]
    public void Modes_come_from_the_content()
    {
        var layer = Assert.Single(Plan(Item("run.sh", FileOrigin.Application, "#!/bin/sh"), Item("data", FileOrigin.Application, "text")));
        Assert.Equal(
            [("app/data", "644"), ("app/run.sh", "755")],
            layer.Entries.Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => (entry.Path, Convert.ToString(entry.Mode, 8))));
        Assert.All(layer.Entries, entry => Assert.Equal((0, 0), (entry.UserId, entry.GroupId)));
    }

    [Fact]
    public void What_a_web_server_sends_has_its_time_from_its_content_and_is_never_a_program()
    {
        var layers = Plan(
            Item("wwwroot/run.sh", FileOrigin.StaticAsset, "#!/bin/sh"),
            Item("wwwroot2/x", FileOrigin.Application),
            Item("sub/wwwroot/x", FileOrigin.Application));
        var entries = layers.SelectMany(layer => layer.Entries).Where(entry => entry.Kind == LayerEntryKind.File)
            .ToDictionary(entry => entry.Path);
        Assert.True(entries["app/wwwroot/run.sh"].TimeFromContent);
        Assert.Equal(LayerEntry.FileMode, entries["app/wwwroot/run.sh"].Mode);
        Assert.False(entries["app/wwwroot2/x"].TimeFromContent);
        Assert.False(entries["app/sub/wwwroot/x"].TimeFromContent);
    }

    [Fact]
    public void Natives_of_other_platforms_stay_out()
    {
        var layers = Plan(
            "app", out var leftOut,
            Item("runtimes/linux-x64/native/a.so", FileOrigin.Package, runtimeIdentifier: "linux-x64"),
            Item("runtimes/unix/lib/b.dll", FileOrigin.Package, runtimeIdentifier: "unix"),
            Item("runtimes/linux-arm64/native/a.so", FileOrigin.Package, runtimeIdentifier: "linux-arm64"),
            Item("runtimes/win/lib/b.dll", FileOrigin.Package, runtimeIdentifier: "win"),
            Item("runtimes/linux-musl-x64/native/a.so", FileOrigin.Package, runtimeIdentifier: "linux-musl-x64"));
        var layer = Assert.Single(layers);
        Assert.Equal(["runtimes/linux-x64/native/a.so", "runtimes/unix/lib/b.dll"], Files(layer));
        Assert.DoesNotContain("app/runtimes/win", Directories(layer));
        Assert.Equal(
            [
                new LeftOut("runtimes/linux-arm64/native/a.so", "made for linux-arm64"),
                new LeftOut("runtimes/linux-musl-x64/native/a.so", "made for linux-musl-x64"),
                new LeftOut("runtimes/win/lib/b.dll", "made for win"),
            ],
            leftOut);
    }

    [Fact]
    public void What_only_builders_need_stays_out()
    {
        const string documentation = "<?xml version=\"1.0\"?>\n<doc>\n <assembly/></doc>";
        var layers = Plan(
            "app", out var leftOut,
            Item("App", FileOrigin.Application, "\u007fELF"),
            Item("App.dbg", FileOrigin.Application),
            Item("other.dbg", FileOrigin.Application),
            Item("Lib.dll", FileOrigin.Application),
            Item("Lib.xml", FileOrigin.Application, documentation),
            Item("bom.dll", FileOrigin.Application),
            Item("bom.xml", FileOrigin.Application, "\ufeff" + documentation),
            Item("plain.dll", FileOrigin.Application),
            Item("plain.xml", FileOrigin.Application, "  <doc><members/></doc>"),
            Item("data.dll", FileOrigin.Application),
            Item("data.xml", FileOrigin.Application, "<?xml version=\"1.0\"?>\n<configuration><doc></doc></configuration>"),
            Item("document.dll", FileOrigin.Application),
            Item("document.xml", FileOrigin.Application, "<docs/>"),
            Item("alone.xml", FileOrigin.Application, documentation),
            Item("empty.dll", FileOrigin.Application),
            Item("empty.xml", FileOrigin.Application, ""),
            Item("App.pdb", FileOrigin.Application));
        Assert.Equal(["App.dbg", "Lib.xml", "bom.xml", "plain.xml"], leftOut.Select(file => file.RelativePath));
        Assert.Equal(
            ["App", "App.pdb", "Lib.dll", "alone.xml", "bom.dll", "data.dll", "data.xml", "document.dll", "document.xml", "empty.dll", "empty.xml", "other.dbg", "plain.dll"],
            Files(Assert.Single(layers)));
    }

    [Theory]
    [InlineData("Swashbuckle.AspNetCore.SwaggerGen.dll", null, true)]
    [InlineData("NSwag.Generation.dll", null, true)]
    [InlineData("Dapper.dll", null, false)]
    [InlineData("Dapper.dll", true, true)]
    [InlineData("NSwag.Generation.dll", false, false)]
    public void Documentation_stays_where_something_reads_it_or_the_user_wants_it(string library, bool? wanted, bool stays)
    {
        PublishItem[] items = [Item(
            "App.dll",
            FileOrigin.Application), Item("App.xml", FileOrigin.Application, "<doc/>"
                .Replace("/", "></doc", StringComparison.Ordinal)), Item(library, FileOrigin.Package)];
        var planner = new LayerPlanner(
            "app", RuntimeIdentifierGraph.For(null, "linux-x64"), Path.Combine(_folder.Path, "work")) { KeepsDocumentation = wanted };
        var planned = planner.Plan(Publish, items);
        Assert.Equal(stays, planned.Layers.SelectMany(Files).Contains("App.xml"));
        Assert.Equal(stays ? 0 : 1, planned.LeftOut.Count);
    }

    [Fact]
    public void Endpoints_of_static_assets_are_copied_with_a_fixed_time()
    {
        const string json = """{"Endpoints":[{"ResponseHeaders":[{"Name":"Last-Modified","Value":"Mon, 23 Nov 2026 14:03:02 GMT"}]}]}""";
        var layer = Assert.Single(Plan(
            Item("App.staticwebassets.endpoints.json", FileOrigin.Application, json),
            Item("other/App.staticwebassets.endpoints.json", FileOrigin.Application, "{}")));
        var entries = layer.Entries.Where(entry => entry.Kind == LayerEntryKind.File).ToDictionary(entry => entry.Path);
        Assert.StartsWith(
            Path.Combine(_folder.Path, "work"), entries["app/App.staticwebassets.endpoints.json"].Source, StringComparison.Ordinal);
        Assert.Contains("1980", File.ReadAllText(entries["app/App.staticwebassets.endpoints.json"].Source), StringComparison.Ordinal);
        // Two of one name in different folders stay two.
        Assert.Equal("{}", File.ReadAllText(entries["app/other/App.staticwebassets.endpoints.json"].Source));
    }

    [Fact]
    public void Endpoints_go_with_the_static_assets()
    {
        var layers = Plan(
            Item("App.dll", FileOrigin.Application),
            Item("App.staticwebassets.endpoints.json", FileOrigin.Application, "{}"),
            Item("wwwroot/site.css", FileOrigin.StaticAsset));
        Assert.Equal(
            ["static-assets: App.staticwebassets.endpoints.json wwwroot/site.css", "application: App.dll"],
            layers.Select(layer => $"{layer.Name}: {string.Join(' ', Files(layer))}"));
    }

    /// <summary>Every web application has the file, with or without a <c>wwwroot</c>.</summary>
    [Theory]
    [InlineData(FileOrigin.Package, "packages")]
    [InlineData(FileOrigin.BrowserRuntime, "browser-runtime")]
    [InlineData(FileOrigin.ProjectReference, "projects")]
    public void Endpoints_alone_make_no_layer(FileOrigin other, string layer)
    {
        var layers = Plan(
            Item("App.dll", FileOrigin.Application),
            Item("App.staticwebassets.endpoints.json", FileOrigin.Application, "{}"),
            Item("wwwroot/x.js", other));
        Assert.Equal(
            [$"{layer}: wwwroot/x.js", "application: App.dll App.staticwebassets.endpoints.json"],
            layers.Select(layer => $"{layer.Name}: {string.Join(' ', Files(layer))}"));
    }

    [Fact]
    public void Endpoints_go_where_a_layer_of_the_project_s_own_wants_them()
    {
        var planner = new LayerPlanner(
            "app",
            RuntimeIdentifierGraph.For(null, "linux-x64"),
            Path.Combine(_folder.Path, "work")) { Rules = [new LayerRule("web", ["*.endpoints.json"])] };
        PublishItem[] items = [Item(
            "App.dll",
            FileOrigin.Application), Item(
                "App.staticwebassets.endpoints.json", FileOrigin.Application, "{}"), Item("wwwroot/site.css", FileOrigin.StaticAsset)];
        Assert.Equal(
            ["static-assets: wwwroot/site.css", "web: App.staticwebassets.endpoints.json", "application: App.dll"],
            planner.Plan(Publish, items).Layers.Select(layer => $"{layer.Name}: {string.Join(' ', Files(layer))}"));
    }

    /// <summary>A single-page application, for example, that a target adds to the publish items or copies to the publish folder.</summary>
    [Theory]
    [InlineData("wwwroot/index.html", "static-assets")]
    [InlineData("wwwroot/assets/index-Dk3f.js", "static-assets")]
    [InlineData("wwwroot/_framework/Client.wasm", "static-assets")]
    [InlineData("wwwroot/.well-known/security.txt", "static-assets")]
    [InlineData("wwwroot/_framework/Client.dll", "application")]
    [InlineData("wwwroot/_framework/Client.PDB", "application")]
    [InlineData("wwwroot/tool.exe", "application")]
    [InlineData("wwwroot", "application")]
    [InlineData("wwwroot2/index.html", "application")]
    [InlineData("WWWROOT/index.html", "application")]
    [InlineData("ClientApp/wwwroot/index.html", "application")]
    public void What_nobody_claims_below_the_web_root_is_a_static_asset(string path, string layer)
    {
        Assert.Equal(layer, Assert.Single(Plan(Item(path, FileOrigin.Application))).Name);
        Assert.Equal(layer, Assert.Single(Plan()).Name);
    }

    [Theory]
    [InlineData(FileOrigin.RuntimePack, "runtime")]
    [InlineData(FileOrigin.Package, "packages")]
    [InlineData(FileOrigin.BrowserRuntime, "browser-runtime")]
    [InlineData(FileOrigin.ProjectReference, "projects")]
    public void What_another_origin_has_below_the_web_root_stays_with_it(FileOrigin origin, string layer) =>
        Assert.Equal(layer, Assert.Single(Plan(Item("wwwroot/_content/x.js", origin))).Name);

    [Fact]
    public void A_link_below_the_web_root_is_a_static_asset_and_an_empty_folder_is_none()
    {
        Item("wwwroot/site.1.css", FileOrigin.Application);
        File.CreateSymbolicLink(Path.Combine(Publish, "wwwroot/site.css"), "site.1.css");
        Directory.CreateDirectory(Path.Combine(Publish, "wwwroot/uploads"));
        var layers = Plan();
        Assert.Equal(["static-assets", "application"], layers.Select(layer => layer.Name));
        Assert.Contains(layers[0].Entries, entry => entry is { Path: "app/wwwroot/site.css", Kind: LayerEntryKind.SymbolicLink });
        Assert.DoesNotContain("app/wwwroot/uploads", Directories(layers[0]));
        Assert.Contains("wwwroot/uploads", string.Join(' ', Directories(layers[1])), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_and_their_modes_are_kept()
    {
        Item("libx.so.1", FileOrigin.Package);
        File.CreateSymbolicLink(Path.Combine(Publish, "libx.so"), "libx.so.1");
        var layer = Assert.Single(Plan());
        Assert.Contains(new LayerEntry("app/libx.so", LayerEntryKind.SymbolicLink, "libx.so.1", 0b111_111_111), layer.Entries);
    }

    [Fact]
    public void A_link_goes_with_what_it_leads_to()
    {
        const string documentation = "<doc></doc>";
        Item("App.dll", FileOrigin.Application);
        Item("App.xml", FileOrigin.Application, documentation);
        var foreign = Item("runtimes/win/x.dll", FileOrigin.Package, runtimeIdentifier: "win");
        Item("data/real/kept", FileOrigin.Application);
        Item("data/real/Lib.dll", FileOrigin.Application);
        Item("data/real/Lib.xml", FileOrigin.Application, documentation);
        foreach (var (link, target) in new[]
        {
            ("latest.dll", "App.dll"), ("latest.xml", "App.xml"), ("newest.xml", "latest.xml"), ("windows", "runtimes/win"),
            ("data/up", "../App.dll"), ("data/way", "real"), (
                "by-way", "data/way/kept"), ("by-way.xml", "data/way/Lib.xml"), ("here", "data/../data/./real"),
        })
        {
            File.CreateSymbolicLink(Path.Combine(Publish, link), target);
        }

        var layers = Plan("app", out var leftOut, foreign);

        Assert.Equal(
            ["app/by-way", "app/data/up", "app/data/way", "app/here", "app/latest.dll"],
            Assert.Single(layers).Entries.Where(entry => entry.Kind == LayerEntryKind.SymbolicLink).Select(entry => entry.Path)
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                new LeftOut("by-way.xml", "leads to data/real/Lib.xml, which is left out"),
                new LeftOut("latest.xml", "leads to App.xml, which is left out"),
                new LeftOut("newest.xml", "leads to App.xml, which is left out"),
                new LeftOut("windows", "leads to runtimes/win, which is left out"),
            ],
            leftOut.Where(file => file.Reason.StartsWith("leads", StringComparison.Ordinal))
                .OrderBy(file => file.RelativePath, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_planned_layer_can_be_written()
    {
        Directory.CreateDirectory(Path.Combine(Publish, "empty"));
        var layer = Assert.Single(Plan(Item("App.dll", FileOrigin.Application), Item("fr/x.dll", FileOrigin.Application)));
        using var tar = new MemoryStream();
        await LayerTar.WriteAsync(layer.Entries, tar, default);
        Assert.Equal(
            ["app/", "app/App.dll", "app/empty/", "app/fr/", "app/fr/x.dll"],
            Containerize.Tests.Layers.Tars.Read(tar.ToArray()).Select(entry => entry.Name));
    }

    private PublishItem Item(string path, FileOrigin origin, string content = "content", string? runtimeIdentifier = null) =>
        new(path, _folder.Write("publish/" + path, content), origin, runtimeIdentifier);

    private IReadOnlyList<LayerPlan> Plan(params PublishItem[] items) => Plan("app", out _, items);

    private IReadOnlyList<LayerPlan> Plan(string directory, params PublishItem[] items) => Plan(directory, out _, items);

    private IReadOnlyList<LayerPlan> Plan(string directory, out IReadOnlyList<LeftOut> leftOut, params PublishItem[] items)
    {
        var runtimes = RuntimeIdentifierGraph.For(
            Path.Combine(DotnetSdk.Current.Directory, "PortableRuntimeIdentifierGraph.json"), "linux-x64");
        var planned = new LayerPlanner(directory, runtimes, Path.Combine(_folder.Path, "work")).Plan(Publish, items);
        leftOut = planned.LeftOut;
        return planned.Layers;
    }

    private static IEnumerable<string> Files(LayerPlan layer) => layer.Entries
        .Where(entry => entry.Kind == LayerEntryKind.File).Select(entry => entry.Path["app/".Length..]).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Directories(LayerPlan layer) =>
        layer.Entries.Where(entry => entry.Kind == LayerEntryKind.Directory).Select(entry => entry.Path);
}
