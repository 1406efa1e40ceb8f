using Containerize.Planning.Published;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

/// <summary>Publish items as the SDK makes them, by origin, with the metadata that it gives them.</summary>
public sealed class PublishItemReaderTests
{
    private const string Root = "/home/ada";
    private const string Project = Root + "/src/app";
    private const string Packages = Root + "/.nuget/packages";

    [Fact]
    public void A_packages_assembly() =>
        Assert.Equal(
            new PublishItem("Dapper.dll", Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll", FileOrigin.Package),
            Read(
                Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll",
                ("NuGetPackageId", "Dapper"),
                ("PathInPackage", "lib/net8.0/Dapper.dll"),
                ("RelativePath", "Dapper.dll")));

    [Fact]
    public void A_packages_native_library_of_a_portable_publish_keeps_its_runtime_identifier() =>
        Assert.Equal(
            new PublishItem(
                "runtimes/linux-x64/native/libe_sqlite3.so", Packages + "/x/1/libe_sqlite3.so", FileOrigin.Package, "linux-x64"),
            Read(
                Packages + "/x/1/libe_sqlite3.so",
                ("NuGetPackageId", "SQLitePCLRaw"), ("PathInPackage", "runtimes/linux-x64/native/libe_sqlite3.so"), ("AssetType", "native"),
                ("RuntimeIdentifier", "linux-x64"), ("RelativePath", "runtimes/linux-x64/native/libe_sqlite3.so")));

    [Fact]
    public void The_runtime_pack_is_known_by_the_build_or_by_its_name_and_has_no_path_in_a_package()
    {
        Assert.Equal(
            FileOrigin.RuntimePack,
            Read(
                "/p/System.Private.CoreLib.dll",
                ("NuGetPackageId", "Microsoft.NETCore.App.Runtime.linux-x64"),
                ("RuntimeIdentifier", "linux-x64"),
                ("RelativePath", "System.Private.CoreLib.dll")).Origin);
        Assert.Equal(FileOrigin.RuntimePack, Read("/p/x.dll", ("NuGetPackageId", "acme.runtime"), ("RelativePath", "x.dll")).Origin);
        Assert.Equal(
            FileOrigin.Package,
            Read("/p/x.dll", ("NuGetPackageId", "Acme.Runtime"), ("PathInPackage", "lib/x.dll"), ("RelativePath", "x.dll")).Origin);
    }

    [Fact]
    public void Trimmed_and_compiled_files_keep_where_they_come_from() =>
        Assert.Equal(
            FileOrigin.RuntimePack,
            Read(
                "obj/Release/net10.0/linux-x64/linked/System.Runtime.dll",
                ("NuGetPackageId", "Microsoft.NETCore.App.Runtime.linux-x64"),
                ("PostprocessAssembly", "true"),
                ("RelativePath", "System.Runtime.dll")).Origin);

    [Fact]
    public void What_a_single_file_or_a_native_program_was_made_from_has_its_name_at_least() =>
        Assert.Equal(
            [
                new PublishItem("App.dll", Project + "/obj/Release/net10.0/linux-x64/App.dll", FileOrigin.Application),
                new PublishItem("de/App.resources.dll", Project + "/obj/de/App.resources.dll", FileOrigin.Application),
                new PublishItem("Dapper.dll", Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll", FileOrigin.Package),
            ],
            Reader().ReadInside(
            [
                Item("obj/Release/net10.0/linux-x64/App.dll"),
                Item("obj/de/App.resources.dll", ("RelativePath", "de\\App.resources.dll")),
                Item(
                    Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll",
                    ("NuGetPackageId", "Dapper"),
                    ("PathInPackage", "lib/net8.0/Dapper.dll")),
            ]));

    [Fact]
    public void A_project_references_assembly() =>
        Assert.Equal(
            FileOrigin.ProjectReference,
            Read(
                Root + "/src/lib/bin/lib.dll",
                ("ReferenceSourceTarget", "ProjectReference"),
                ("MSBuildSourceProjectFile", Root + "/src/lib/lib.csproj"),
                ("RelativePath", "lib.dll")).Origin);

    [Fact]
    public void A_project_references_content_is_known_by_its_place()
    {
        var reader = Reader();
        var items = reader.Read(
            [
                Item(Root + "/src/lib/data/x.json", ("RelativePath", "data/x.json"), ("TargetPath", "data/x.json")),
                Item(
                    Root + "/src/lib/bin/lib.dll",
                    ("ReferenceSourceTarget", "ProjectReference"),
                    ("MSBuildSourceProjectFile", Root + "/src/lib/lib.csproj"),
                    ("RelativePath", "lib.dll")),
                Item(Root + "/src/library/y.json", ("RelativePath", "y.json")),
            ],
            [],
            []).ToList();

        Assert.Equal([FileOrigin.ProjectReference, FileOrigin.ProjectReference, FileOrigin.Application], items.Select(item => item.Origin));
    }

    [Fact]
    public void Content_of_an_application_inside_of_a_referenced_projects_folder_is_the_applications() =>
        Assert.Equal(
            FileOrigin.Application,
            Reader().Read(
                [
                    Item(Project + "/appsettings.json", ("RelativePath", "appsettings.json")),
                    Item(
                        Root + "/src/bin/core.dll",
                        ("ReferenceSourceTarget", "ProjectReference"),
                        ("MSBuildSourceProjectFile", Root + "/src/core.csproj"),
                        ("RelativePath", "core.dll")),
                ],
                [],
                []).First().Origin);

    [Fact]
    public void An_assembly_by_its_path_counts_as_a_package() =>
        Assert.Equal(
            FileOrigin.Package,
            Read("/opt/x.dll", ("ReferenceSourceTarget", "ResolveAssemblyReference"), ("RelativePath", "x.dll")).Origin);

    [Fact]
    public void A_packages_content_is_known_by_its_place() =>
        Assert.Equal(
            FileOrigin.Package,
            Read(Packages + "/acme/1.0.0/contentFiles/any/any/x.txt", ("RelativePath", "x.txt"), ("TargetPath", "x.txt")).Origin);

    [Fact]
    public void The_applications_own_files_are_relative_and_its_satellites_have_back_slashes()
    {
        Assert.Equal(
            new PublishItem("app.dll", Project + "/obj/Release/net10.0/app.dll", FileOrigin.Application),
            Read("obj/Release/net10.0/app.dll", ("RelativePath", "app.dll")));
        Assert.Equal(
            "fr/app.resources.dll",
            Read("obj/fr/app.resources.dll", ("Culture", "fr"), ("RelativePath", "fr\\app.resources.dll")).RelativePath);
    }

    [Fact]
    public void An_item_without_a_place_is_nothing_that_is_published() => Assert.Empty(Reader().Read([Item("x")], [], []));

    [Fact]
    public void A_static_web_asset_has_its_TargetPath_and_comes_last_so_that_it_counts()
    {
        var items = Reader().Read(
            [Item("wwwroot/site.css", ("RelativePath", "wwwroot/site.css"))],
            [Item("wwwroot/site.css", ("RelativePath", "site#[.{fingerprint}]?.css"), ("TargetPath", "wwwroot\\site.css"))],
            []).ToList();

        Assert.Equal(new PublishItem("wwwroot/site.css", Project + "/wwwroot/site.css", FileOrigin.StaticAsset), items[^1]);
    }

    /// <summary>As in the project of a server that refers to a Blazor WebAssembly client, published by SDK 10.0.401.</summary>
    [Theory]
    [InlineData("/src/client/obj/webcil/publish/Client.wasm", null, "runtime", FileOrigin.StaticAsset)]
    [InlineData("/src/client/obj/webcil/publish/Lib.wasm", null, "runtime", FileOrigin.StaticAsset)]
    [InlineData("/src/client/obj/webcil/publish/Deep.wasm", null, "runtime", FileOrigin.StaticAsset)]
    [InlineData("/src/client/obj/webcil/publish/Dapper.wasm", null, "runtime", FileOrigin.BrowserRuntime)]
    [InlineData("/src/client/obj/webcil/publish/System.Private.CoreLib.wasm", null, "runtime", FileOrigin.BrowserRuntime)]
    [InlineData("/src/client/obj/linked/Lib.dll", null, "runtime", FileOrigin.StaticAsset)]
    [InlineData("/src/client/obj/linked/System.Linq.dll", null, "runtime", FileOrigin.BrowserRuntime)]
    [InlineData("/src/lib/bin/Lib.dll", null, "runtime", FileOrigin.StaticAsset)]
    [InlineData("/.nuget/packages/dapper/2.1.66/lib/net8.0/Dapper.dll", null, "runtime", FileOrigin.BrowserRuntime)]
    [InlineData("/src/client/obj/Lib.pdb", null, "symbol", FileOrigin.StaticAsset)]
    [InlineData(
        "/src/client/bin/wwwroot/_framework/dotnet.native.rw4k.wasm",
        "/.nuget/packages/microsoft.netcore.app.runtime.mono.browser-wasm/10.0.12/runtimes/browser-wasm/native/dotnet.native.wasm",
        "native",
        FileOrigin.BrowserRuntime)]
    [InlineData(
        "/src/client/bin/wwwroot/_framework/icudt_CJK.tjcz.dat",
        "/opt/dotnet/packs/Microsoft.NETCore.App.Runtime.Mono.browser-wasm/10.0.12/runtimes/browser-wasm/native/icudt_CJK.dat",
        "native",
        FileOrigin.BrowserRuntime)]
    [InlineData(
        "/src/client/bin/wwwroot/_framework/blazor.webassembly.js",
        "/.nuget/packages/microsoft.aspnetcore.components.webassembly/10.0.12/build/net10.0/blazor.webassembly.js",
        "boot",
        FileOrigin.BrowserRuntime)]
    [InlineData("/src/client/obj/wasm/for-publish/dotnet.native.wasm", null, "native", FileOrigin.StaticAsset)]
    [InlineData("/src/client/obj/publish.dotnet.js", null, "manifest", FileOrigin.StaticAsset)]
    public void A_browser_client_s_runtime_and_packages_are_told_from_projects_and_so_are_their_compressed_forms(
        string source, string? original, string trait, FileOrigin origin)
    {
        var asset = Asset(
            Root + source,
            "_framework/x",
            "Project",
            "Client",
            ("OriginalItemSpec", Root + (original ?? source)),
            ("AssetTraitName", "WasmResource"),
            ("AssetTraitValue", trait));
        var compressed = Asset(
            Root + "/src/client/obj/compressed/publish/4cjz-{0}-he8u-he8u.br", "_framework/x.br", "Project", "Client",
            ("OriginalItemSpec", Root + "/src/client/obj/compressed/publish/4cjz-{0}-he8u-he8u.br"), ("RelatedAsset", Root + source),
            ("AssetTraitName", "Content-Encoding"), ("AssetTraitValue", "br"), ("AssetRole", "Alternative"));

        Assert.Equal([origin, origin], OriginsOf(Hosting, [], compressed, asset));
    }

    [Theory]
    [InlineData("Client", FileOrigin.StaticAsset)]
    [InlineData("Lib", FileOrigin.StaticAsset)]
    [InlineData("Dapper", FileOrigin.BrowserRuntime)]
    public void A_browser_client_s_satellites_go_with_their_assemblies(string assembly, FileOrigin origin)
    {
        var source = $"{Root}/src/client/bin/wwwroot/_framework/fr/{assembly}.resources.nome.wasm";
        var satellite = Asset(
            source, "_framework/fr/x", "Project", "Client",
            (
                "OriginalItemSpec",
                $"{Root}/src/client/obj/webcil/fr/{assembly}.resources.wasm"), (
                    "RelatedAsset", $"{Root}/src/client/obj/linked/{assembly}.dll"),
            ("AssetTraitName", "Culture"), ("AssetTraitValue", "fr"), ("AssetRole", "Related"));
        var compressed = Asset(
            Root + "/src/client/obj/compressed/x.gz", "_framework/fr/x.gz", "Project", "Client",
            ("RelatedAsset", source), ("AssetTraitName", "Content-Encoding"), ("AssetTraitValue", "gzip"), ("AssetRole", "Alternative"));

        Assert.Equal([origin, origin], OriginsOf(Hosting, [], satellite, compressed));
    }

    [Fact]
    public void A_browser_client_whose_assemblies_the_server_does_not_publish_has_its_name()
    {
        var client = Asset(
            Root + "/src/client/obj/webcil/publish/Acme.Front.wasm",
            "_framework/x",
            "Project",
            "Acme.Front",
            ("AssetTraitName", "WasmResource"),
            ("AssetTraitValue", "runtime"));
        var runtime = Asset(
            Root + "/src/client/obj/webcil/publish/System.Linq.wasm",
            "_framework/y",
            "Project",
            "Acme.Front",
            ("AssetTraitName", "WasmResource"),
            ("AssetTraitValue", "runtime"));

        Assert.Equal([FileOrigin.StaticAsset, FileOrigin.BrowserRuntime], OriginsOf([], [], client, runtime));
    }

    [Fact]
    public void A_single_file_server_knows_its_projects_too()
    {
        var lib = Asset(
            Root + "/src/client/obj/webcil/publish/Lib.wasm",
            "_framework/x",
            "Project",
            "Client",
            ("AssetTraitName", "WasmResource"),
            ("AssetTraitValue", "runtime"));

        Assert.Equal([FileOrigin.StaticAsset], OriginsOf([], Hosting, lib));
        Assert.Equal(
            FileOrigin.ProjectReference,
            Reader().Read([Item(Root + "/src/lib/data/x.json", ("RelativePath", "data/x.json"))], [], Hosting).Single().Origin);
    }

    [Theory]
    [InlineData("/.nuget/packages/acme.ui/1.0.0/staticwebassets/acme.js", "Package", "Acme.Ui", FileOrigin.Package)]
    [InlineData("/elsewhere/acme.ui/1.0.0/staticwebassets/acme.js", "Package", "Acme.Ui", FileOrigin.Package)]
    [InlineData(
        "/.nuget/packages/microsoft.aspnetcore.app.internal.assets/10.0.12/_framework/blazor.web.js",
        "Discovered",
        "App",
        FileOrigin.Package)]
    [InlineData("/src/lib/wwwroot/lib.js", "Project", "Lib", FileOrigin.StaticAsset)]
    [InlineData("/src/app/wwwroot/site.css", "Discovered", "App", FileOrigin.StaticAsset)]
    [InlineData("/src/app/obj/scopedcss/bundle/App.styles.css", "Computed", "App", FileOrigin.StaticAsset)]
    public void Other_static_web_assets_of_packages_are_told_from_projects_and_so_are_their_compressed_forms(
        string source, string type, string id, FileOrigin origin)
    {
        var asset = Asset(Root + source, "x.js", type, id, ("OriginalItemSpec", Root + source));
        var compressed = Asset(
            Project + "/obj/compressed/x.br", "x.js.br", type, id,
            ("OriginalItemSpec", Root + source),
            ("RelatedAsset", Root + source),
            ("AssetTraitName", "Content-Encoding"),
            ("AssetTraitValue", "br"),
            ("AssetRole", "Alternative"));

        Assert.Equal([origin, origin], OriginsOf([], [], asset, compressed));
    }

    /// <summary>The SDK gives a project that a referenced one refers to an id as a package's, and a path in none.</summary>
    [Fact]
    public void A_project_that_another_reference_brings_along() =>
        Assert.Equal(
            FileOrigin.ProjectReference,
            Read(
                Root + "/src/deep/bin/Deep.dll",
                ("ReferenceSourceTarget", "ProjectReference"),
                ("MSBuildSourceProjectFile", Root + "/src/deep/deep.csproj"),
                ("NuGetPackageId", "Deep"),
                ("RelativePath", "Deep.dll")).Origin);

    // What a server publishes that refers to a client, which refers to a library, which refers to another one.
    private static IProjectItem[] Hosting =>
    [
        Item("obj/App.dll", ("RelativePath", "App.dll")),
        Item(
            Root + "/src/client/bin/Client.dll",
            ("ReferenceSourceTarget", "ProjectReference"),
            ("MSBuildSourceProjectFile", Root + "/src/client/client.csproj"),
            ("RelativePath", "Client.dll")),
        Item(
            Root + "/src/lib/bin/Lib.dll",
            ("ReferenceSourceTarget", "ProjectReference"),
            ("MSBuildSourceProjectFile", Root + "/src/lib/lib.csproj"),
            ("NuGetPackageId", "Lib"),
            ("RelativePath", "Lib.dll")),
        Item(
            Root + "/src/deep/bin/Deep.dll",
            ("ReferenceSourceTarget", "ProjectReference"),
            ("MSBuildSourceProjectFile", Root + "/src/deep/deep.csproj"),
            ("NuGetPackageId", "Deep"),
            ("RelativePath", "Deep.dll")),
        Item(
            Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll",
            ("NuGetPackageId", "Dapper"),
            ("PathInPackage", "lib/net8.0/Dapper.dll"),
            ("RelativePath", "Dapper.dll")),
    ];

    private static ProjectItem Asset(string source, string path, string type, string id, params (string Name, string Value)[] metadata) =>
        Item(source, [("TargetPath", "wwwroot/" + path), ("SourceType", type), ("SourceId", id), .. metadata]);

    private static IEnumerable<FileOrigin> OriginsOf(
        IProjectItem[] publishItems, IProjectItem[] insideItems, params IProjectItem[] assets) =>
        Reader().Read(publishItems, assets, insideItems).Skip(publishItems.Length).Select(item => item.Origin);

    private static PublishItemReader Reader() =>
        new(Project, Packages + "/", [ProjectItem.Create("Microsoft.NETCore.App", ("NuGetPackageId", "Acme.Runtime"))]);

    private static PublishItem Read(string source, params (string Name, string Value)[] metadata) =>
        Assert.Single(Reader().Read([Item(source, metadata)], [], []));

    private static ProjectItem Item(string source, params (string Name, string Value)[] metadata) => ProjectItem.Create(source, metadata);
}
