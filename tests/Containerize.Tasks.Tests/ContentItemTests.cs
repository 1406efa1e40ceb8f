using System.Formats.Tar;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Items that add to the image, take away from the base, and say what is in which layer.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ContentItemTests(PackageFixture fixture)
{
    [Fact]
    public async Task Files_folders_and_patterns_go_where_they_are_told_to()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/certs/root ü;=.crt", "cert");
        workspace.Write("App/assets/a.txt", "a");
        workspace.Write("App/assets/sub/deep/b.txt", "b");
        workspace.Write("App/folder/run.sh", "#!/bin/sh\n");
        workspace.Write("App/folder/sub/c.txt", "c");
        workspace.Write("outside.conf", "outside");
        var absolute = workspace.Write("absolute.conf", "absolute");
        workspace.WriteItems($"""
            <ContainerFile Include="certs/root ü%3B=.crt" Path="/etc/ssl/certs/" Owner="1654:7" Mode="0640" />
            <ContainerFile Include="assets\**" Path="/srv/assets/" />
            <ContainerFile Include="assets/**" Path="/srv/flat/%(RecursiveDir)%(Filename)-copy%(Extension)" />
            <Asset Include="assets/**/b.txt" />
            <ContainerFile Include="@(Asset)" Path="/srv/again\" />
            <ContainerFile Include="folder/" Path="/opt/folder" Owner="7" />
            <ContainerFile Include="..\outside.conf" Path="conf/renamed.conf" />
            <ContainerFile Include="{absolute}">
              <Path>
                /etc/app/
              </Path>
              <Mode> 0600 </Mode>
            </ContainerFile>
            """);

        var project = workspace.Project();
        Workspace.Publish(project).EnsureSuccess();

        var files = Assert.Single(PushedLayer.Read(workspace), layer => layer.Name == "files");
        Assert.Equal(
            [
                "app/conf/renamed.conf 644 0:0 outside",
                "etc/app/absolute.conf 600 0:0 absolute",
                "etc/ssl/certs/root ü;=.crt 640 1654:7 cert",
                "opt/folder/run.sh 755 7:7 #!/bin/sh",
                "opt/folder/sub/c.txt 644 7:7 c",
                "srv/again/sub/deep/b.txt 644 0:0 b",
                "srv/assets/a.txt 644 0:0 a",
                "srv/assets/sub/deep/b.txt 644 0:0 b",
                "srv/flat/a-copy.txt 644 0:0 a",
                "srv/flat/sub/deep/b-copy.txt 644 0:0 b",
            ],
            files.Leaves.Select(entry => $"{entry.Path} {entry.Mode} {entry.Owner} {entry.Text.Trim()}"));
        Assert.Contains(
            files.Entries,
            entry => entry is { Path: "opt/folder/sub", Type: TarEntryType.Directory, Mode: "755", Owner: "7:7" });
        // What was published is as it was without the items.
        Assert.Contains("app/App.dll", PushedLayer.Read(workspace)[^1].Leaves.Select(entry => entry.Path));
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"),
            new ImageValidationOptions { OwnLayers = workspace.Plan()["layers"]!.AsArray().Count });
    }

    [Fact]
    public async Task Directories_and_links()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""
            <ContainerDirectory Include="/var/lib/shop/;data ü%3B" Owner="1654" Mode="1770" />
            <ContainerSymlink Include="/usr/local/bin/shop" LinkTarget="/app/App" />
            <ContainerSymlink Include="config" LinkTarget="..\etc\a;b" Owner="7" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var files = PushedLayer.Read(workspace)[0];
        Assert.Equal("files", files.Name);
        foreach (var directory in new[] { "var/lib/shop", "app/data ü;" })
            Assert.Contains(new PushedEntry(directory, TarEntryType.Directory, "1770", "1654:1654", "", ""), files.Entries);
        Assert.Contains(new PushedEntry("usr/local/bin/shop", TarEntryType.SymbolicLink, "777", "0:0", "/app/App", ""), files.Entries);
        Assert.Contains(new PushedEntry("app/config", TarEntryType.SymbolicLink, "777", "7:7", "../etc/a;b", ""), files.Entries);
    }

    [Fact]
    public async Task What_goes_below_a_link_of_the_project_lands_where_that_leads()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/data/seed.db", "seed");
        workspace.WriteItems("""
            <None Update="data/**" CopyToPublishDirectory="Always" />
            <ContainerSymlink Include="data" LinkTarget="/var/lib/shop" />
            <ContainerFile Include="App.csproj" Path="data/own/" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var layers = PushedLayer.Read(workspace);
        Assert.Equal(["files", "application"], layers.Select(layer => layer.Name));
        Assert.Equal(
            ["app/data", "var/lib/shop/own/App.csproj"], layers[0].Leaves.Select(entry => entry.Path).Order(StringComparer.Ordinal));
        Assert.Contains("var/lib/shop/seed.db", layers[1].Leaves.Select(entry => entry.Path));
        Assert.DoesNotContain(layers[1].Entries, entry => entry.Path.StartsWith("app/data", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_protected_file_that_is_published_too_is_a_warning()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/deploy/shop.json", "{}");
        workspace.WriteItems("""
            <None Update="deploy/**" CopyToPublishDirectory="Always" />
            <ContainerFile Include="deploy/shop.json" Path="/etc/shop/" Mode="0640" />
            """);

        var text = Workspace.Publish(workspace.Project()).EnsureWarning("CTZ1040");

        foreach (var mention in new[] { "/etc/shop/shop.json with the mode 0640", "as /app/deploy/shop.json.", "<Content Update=\"deploy/shop.json\" " })
            Assert.Contains(mention, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_directory_item_says_survives_what_is_published_into_it()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/data/seed.db", "seed");
        workspace.WriteItems("""
            <None Update="data/**" CopyToPublishDirectory="Always" />
            <ContainerDirectory Include="data" Owner="1654" Mode="0700" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var layers = PushedLayer.Read(workspace);
        Assert.Equal(["files", "application"], layers.Select(layer => layer.Name));
        Assert.All(
            layers,
            layer => Assert.Contains(new PushedEntry("app/data", TarEntryType.Directory, "700", "1654:1654", "", ""), layer.Entries));
    }

    [Fact]
    public async Task An_items_file_replaces_the_published_one()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/settings.json", "development");
        workspace.Write("production.json", "production");
        workspace.WriteItems("""
            <None Update="settings.json" CopyToPublishDirectory="Always" />
            <ContainerFile Include="../production.json" Path="settings.json" />
            """);

        var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

        var settings = Assert.Single(
            PushedLayer.Read(workspace).SelectMany(layer => layer.Leaves), entry => entry.Path == "app/settings.json");
        Assert.Equal("production", settings.Text);
        Assert.Contains(
            outcome.Output.Messages.Low,
            message => message.StartsWith("settings.json is left out of the image: an item", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_may_be_added_anew()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Layers = [BaseImages.SmallRoot, [TarItem.Directory(
                "etc/shop"), TarItem.File("etc/shop/old", "old"), TarItem.File("etc/a b;", "x")]] });
        workspace.Write("App/new", "new");
        workspace.WriteItems("""
            <ContainerRemove Include="/etc/shop;/etc/shop/old;/etc/a b%3B" />
            <ContainerFile Include="new" Path="/etc/shop/" />
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var layers = PushedLayer.Read(workspace);
        Assert.Equal(["removed", "files", "application"], layers.Select(layer => layer.Name));
        Assert.Equal(["etc/.wh.a b;", "etc/.wh.shop"], layers[0].Leaves.Select(entry => entry.Path));
        Assert.Equal(["etc/shop/new"], layers[1].Leaves.Select(entry => entry.Path));
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 3 });
    }

    [Fact]
    public async Task Layers_stand_in_the_order_that_was_asked_for()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/models/big.bin", "big");
        workspace.Write("App/models/deep/x.onnx", "x");
        workspace.Write("App/top.onnx", "top");
        workspace.Write("App/ca.crt", "ca");
        workspace.WriteItems("""
            <None Update="models/**;*.onnx" CopyToPublishDirectory="Always" />
            <ContainerLayer Include="tiny" Files="models/deep/**" After="application" />
            <ContainerLayer Include="models" Files=" models\** ; *.onnx ;" Before="certs" />
            <ContainerLayer Include="nothing" Files="none/**" />
            <ContainerFile Include="ca.crt" Path="/etc/ssl/" Layer="certs" />
            <ContainerFile Include="ca.crt" Path="/etc/plain/" />
            """);

        var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

        var layers = PushedLayer.Read(workspace);
        Assert.Equal(["files", "models", "certs", "application", "tiny"], layers.Select(layer => layer.Name));
        Assert.Equal(["app/models/big.bin", "app/top.onnx"], layers[1].Leaves.Select(entry => entry.Path));
        Assert.Equal(["etc/ssl/ca.crt"], layers[2].Leaves.Select(entry => entry.Path));
        Assert.Equal(["app/models/deep/x.onnx"], layers[4].Leaves.Select(entry => entry.Path));
        Assert.Contains("No published file fits the ContainerLayer 'nothing' (none/**).", outcome.Output.Messages.Normal);
    }

    [Fact]
    public async Task A_layer_of_items_is_the_same_when_the_application_changes()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/ca.crt", "ca");
        workspace.Write("App/own.txt", "one");
        workspace.WriteItems("""
            <None Update="own.txt" CopyToPublishDirectory="Always" />
            <ContainerFile Include="ca.crt" Path="/etc/ssl/" />
            """);
        var project = workspace.Project();
        Workspace.Publish(project).EnsureSuccess();
        var before = Digests(workspace);
        workspace.Write("App/own.txt", "two");

        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(before[^2], Digests(workspace)[^2]);
        Assert.NotEqual(before[^1], Digests(workspace)[^1]);
    }

    [Fact]
    public async Task A_target_may_add_what_it_makes()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Make" BeforeTargets="ContainerizePlan">
                <WriteLinesToFile File="$(IntermediateOutputPath)made.txt" Lines="made" Overwrite="true" />
                <ItemGroup>
                  <ContainerFile Include="$(IntermediateOutputPath)made.txt" Path="/usr/share/" />
                </ItemGroup>
              </Target>
            </Project>
            """);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Contains(PushedLayer.Read(workspace)[0].Leaves, entry => entry.Path == "usr/share/made.txt" && entry.Text.Trim() == "made");
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("include", true, false)]
    [InlineData("Exclude", false, false)]
    [InlineData(" separate ", false, true)]
    public async Task Symbols(string mode, bool inImage, bool inSymbols)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/Lib.pdb", "BSJB");
        workspace.Write("App/1abc.pdb", "HEADER    HYDROLASE");
        workspace.WriteItems("""<None Update="*.pdb" CopyToPublishDirectory="Always" />""");

        Workspace.Publish(workspace.Project(), ("ContainerSymbols", mode)).EnsureSuccess();

        var files = workspace.Files();
        Assert.Equal(inImage, files.Contains("Lib.pdb"));
        Assert.Contains("1abc.pdb", files);
        Assert.Equal(
            inSymbols ? ["app", "app/Lib.pdb"] : [],
            workspace.Plan()["symbols"]?["entries"]!.AsArray().Select(entry => (string?)entry!["path"]) ?? []);
        Assert.Equal(inSymbols, Layout(workspace).Contains("\"symbols\"", StringComparison.Ordinal));
    }

    public static TheoryData<string, string, string[]> Errors => new()
    {
        { "CTZ1030", """<ContainerFile Include="App.csproj" Path="/proc/x" />""", ["App.csproj'", "'/proc/x'", "kernel"] },
        { "CTZ1030", """<ContainerFile Include="App.csproj" Path="../x" />""", ["'../x'", "'..'"] },
        { "CTZ1030", """<ContainerFile Include="App.csproj" Path="C:\x" />""", ["'C:\\x'", "Windows"] },
        { "CTZ1030", """<ContainerDirectory Include="/" />""", ["The ContainerDirectory '/'", "root"] },
        { "CTZ1030", """<ContainerRemove Include="/dev/null" />""", ["The ContainerRemove", "/dev"] },
        { "CTZ1033", """<ContainerFile Include="none.txt" Path="/x" />""", ["none.txt'", "no such file or folder"] },
        { "CTZ1033", """<ContainerFile Include="App.csproj" />""", ["App.csproj'", "no Path"] },
        { "CTZ1033", """<ContainerSymlink Include="/x" />""", ["The ContainerSymlink '/x'", "LinkTarget"] },
        { "CTZ1034", """<ContainerDirectory Include="/x" Owner="a:b:c" />""", ["The ContainerDirectory '/x'", "'a:b:c'"] },
        { "CTZ1034", """<ContainerFile Include="App.csproj" Path="/x" Mode="u+x" />""", ["'u+x'", "octal"] },
        { "CTZ1035", """<ContainerLayer Include="a" Before="b" />""", ["'a'", "no layer 'b'"] },
        { "CTZ1035", """<ContainerLayer Include="a" Before="runtime" After="packages" />""", ["both Before and After"] },
        { "CTZ1035", """<ContainerLayer Include="a;a" />""", ["two of this name"] },
        { "CTZ1035", """<ContainerLayer Include="a" Files="../x/**" />""", ["'../x/**'"] },
        { "CTZ1035", """<ContainerFile Include="App.csproj" Path="/x" Layer="removed" />""", ["'removed'"] },
        { "CTZ3001", """<ContainerFile Include=".wh.x" Path="/" />""", ["'.wh.x'"] },
        { "CTZ3004", """<ContainerFile Include="*.txt" Path="/etc/x" />""", ["1.txt'", "2.txt'", "/etc/x ", "ends with '/'"] },
        { "CTZ3004", """<ContainerSymlink Include="App.dll/x" LinkTarget="y" />""", ["/app/App.dll "] },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task What_is_not_valid_ends_the_build_before_anything_is_pushed(string code, string item, string[] mentions)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("App/1.txt", "1");
        workspace.Write("App/2.txt", "2");
        workspace.Write("App/.wh.x", "x");
        workspace.WriteItems(item);

        var text = Workspace.Publish(workspace.Project()).EnsureError(code);

        Assert.All(mentions, mention => Assert.Contains(mention, text, StringComparison.Ordinal));
        Assert.All(workspace.Registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    private static List<string?> Digests(Workspace workspace) =>
        [.. workspace.Manifest().GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("digest").GetString())];

    // What the steps of the build hand on, named after the plan.
    private static string Layout(Workspace workspace) =>
        File.ReadAllText(Directory.EnumerateFiles(workspace.PathOf("App", "obj"), "index.json", SearchOption.AllDirectories).Single());
}
