using Containerize.Planning;
using Containerize.Testing;
using Microsoft.Build.Framework;
using Xunit;

namespace Containerize.Tasks.Tests;

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
            Read(Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll", ("NuGetPackageId", "Dapper"), ("PathInPackage", "lib/net8.0/Dapper.dll"), ("RelativePath", "Dapper.dll")));

    [Fact]
    public void A_packages_native_library_of_a_portable_publish_keeps_its_runtime_identifier() =>
        Assert.Equal(
            new PublishItem("runtimes/linux-x64/native/libe_sqlite3.so", Packages + "/x/1/libe_sqlite3.so", FileOrigin.Package, "linux-x64"),
            Read(
                Packages + "/x/1/libe_sqlite3.so",
                ("NuGetPackageId", "SQLitePCLRaw"), ("PathInPackage", "runtimes/linux-x64/native/libe_sqlite3.so"), ("AssetType", "native"),
                ("RuntimeIdentifier", "linux-x64"), ("RelativePath", "runtimes/linux-x64/native/libe_sqlite3.so")));

    [Fact]
    public void The_runtime_pack_is_known_by_the_build_or_by_its_name_and_has_no_path_in_a_package()
    {
        Assert.Equal(
            FileOrigin.RuntimePack,
            Read("/p/System.Private.CoreLib.dll", ("NuGetPackageId", "Microsoft.NETCore.App.Runtime.linux-x64"), ("RuntimeIdentifier", "linux-x64"), ("RelativePath", "System.Private.CoreLib.dll")).Origin);
        Assert.Equal(FileOrigin.RuntimePack, Read("/p/x.dll", ("NuGetPackageId", "acme.runtime"), ("RelativePath", "x.dll")).Origin);
        Assert.Equal(FileOrigin.Package, Read("/p/x.dll", ("NuGetPackageId", "Acme.Runtime"), ("PathInPackage", "lib/x.dll"), ("RelativePath", "x.dll")).Origin);
    }

    [Fact]
    public void Trimmed_and_compiled_files_keep_where_they_come_from() =>
        Assert.Equal(
            FileOrigin.RuntimePack,
            Read("obj/Release/net10.0/linux-x64/linked/System.Runtime.dll", ("NuGetPackageId", "Microsoft.NETCore.App.Runtime.linux-x64"), ("PostprocessAssembly", "true"), ("RelativePath", "System.Runtime.dll")).Origin);

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
                Item(Packages + "/dapper/2.1.66/lib/net8.0/Dapper.dll", ("NuGetPackageId", "Dapper"), ("PathInPackage", "lib/net8.0/Dapper.dll")),
            ]));

    [Fact]
    public void A_project_references_assembly() =>
        Assert.Equal(
            FileOrigin.ProjectReference,
            Read(Root + "/src/lib/bin/lib.dll", ("ReferenceSourceTarget", "ProjectReference"), ("MSBuildSourceProjectFile", Root + "/src/lib/lib.csproj"), ("RelativePath", "lib.dll")).Origin);

    [Fact]
    public void A_project_references_content_is_known_by_its_place()
    {
        var reader = Reader();
        var items = reader.Read(
            [
                Item(Root + "/src/lib/data/x.json", ("RelativePath", "data/x.json"), ("TargetPath", "data/x.json")),
                Item(Root + "/src/lib/bin/lib.dll", ("ReferenceSourceTarget", "ProjectReference"), ("MSBuildSourceProjectFile", Root + "/src/lib/lib.csproj"), ("RelativePath", "lib.dll")),
                Item(Root + "/src/library/y.json", ("RelativePath", "y.json")),
            ],
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
                    Item(Root + "/src/bin/core.dll", ("ReferenceSourceTarget", "ProjectReference"), ("MSBuildSourceProjectFile", Root + "/src/core.csproj"), ("RelativePath", "core.dll")),
                ],
                []).First().Origin);

    [Fact]
    public void An_assembly_by_its_path_counts_as_a_package() =>
        Assert.Equal(FileOrigin.Package, Read("/opt/x.dll", ("ReferenceSourceTarget", "ResolveAssemblyReference"), ("RelativePath", "x.dll")).Origin);

    [Fact]
    public void A_packages_content_is_known_by_its_place() =>
        Assert.Equal(FileOrigin.Package, Read(Packages + "/acme/1.0.0/contentFiles/any/any/x.txt", ("RelativePath", "x.txt"), ("TargetPath", "x.txt")).Origin);

    [Fact]
    public void The_applications_own_files_are_relative_and_its_satellites_have_back_slashes()
    {
        Assert.Equal(
            new PublishItem("app.dll", Project + "/obj/Release/net10.0/app.dll", FileOrigin.Application),
            Read("obj/Release/net10.0/app.dll", ("RelativePath", "app.dll")));
        Assert.Equal("fr/app.resources.dll", Read("obj/fr/app.resources.dll", ("Culture", "fr"), ("RelativePath", "fr\\app.resources.dll")).RelativePath);
    }

    [Fact]
    public void An_item_without_a_place_is_nothing_that_is_published() => Assert.Empty(Reader().Read([Item("x")], []));

    [Fact]
    public void A_static_web_asset_has_its_TargetPath_and_comes_last_so_that_it_counts()
    {
        var items = Reader().Read(
            [Item("wwwroot/site.css", ("RelativePath", "wwwroot/site.css"))],
            [Item("wwwroot/site.css", ("RelativePath", "site#[.{fingerprint}]?.css"), ("TargetPath", "wwwroot\\site.css"))]).ToList();

        Assert.Equal(new PublishItem("wwwroot/site.css", Project + "/wwwroot/site.css", FileOrigin.StaticAsset), items[^1]);
    }

    private static PublishItemReader Reader() => new(Project, Packages + "/", [MockTaskItem.Create("Microsoft.NETCore.App", ("NuGetPackageId", "Acme.Runtime"))]);

    private static PublishItem Read(string source, params (string Name, string Value)[] metadata) => Assert.Single(Reader().Read([Item(source, metadata)], []));

    private static ITaskItem Item(string source, params (string Name, string Value)[] metadata) => MockTaskItem.Create(source, metadata);
}
