using System.Formats.Tar;
using System.IO.Compression;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>Images whose files go where the base has something: judged by the validator, with the base below.</summary>
public sealed class PlacedImageTests : IDisposable
{
    private static readonly TarItem[] Upper =
    [
        TarItem.Symlink("var/run", "/run"), TarItem.Directory(
            "run"), TarItem.Directory(
                "var/spool", 1777, 3_000_000, 5), TarItem.Directory("opt", 2775, 0, 7), TarItem.File("etc/group", "adm:x:4:\n"),
    ];

    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("/home/app/x", "home/app/ 700 1654:1654", "home/app/x/ 755 0:0", "home/app/x/App 755 0:0")]
    [InlineData("/home/app", "home/app/ 700 1654:1654", "home/app/App 755 0:0")]
    [InlineData("/tmp/x", "tmp/ 1777 0:0", "tmp/x/ 755 0:0", "tmp/x/App 755 0:0")]
    [InlineData("/tmp", "tmp/ 1777 0:0", "tmp/App 755 0:0")]
    [InlineData("/bin/x", "usr/bin/x/ 755 0:0", "usr/bin/x/App 755 0:0")]
    [InlineData("/lib", "usr/lib/ 755 0:0", "usr/lib/App 755 0:0")]
    [InlineData("/var/run/x", "run/x/ 755 0:0", "run/x/App 755 0:0")]
    [InlineData("/var/spool/x", "var/spool/ 1777 3000000:5", "var/spool/x/ 755 0:0", "var/spool/x/App 755 0:0")]
    [InlineData("/opt/deep/x", "opt/ 2775 0:7", "opt/deep/x/ 755 0:0", "opt/deep/x/App 755 0:0")]
    [InlineData("/", "App 755 0:0")]
    [InlineData("/app", "app/ 755 0:0", "app/App 755 0:0")]
    public async Task The_base_keeps_its_links_and_the_rights_of_its_directories(string directory, params string[] expected)
    {
        var path = directory.Trim('/');
        var entries = new List<LayerEntry> { new(
            path.Length == 0 ? "App" : $"{path}/App", LayerEntryKind.File, _folder.Write("App", "#!/bin/sh"), LayerEntry.ExecutableMode) };
        if (path.Length > 0)
            entries.Add(LayerEntry.Directory(path));
        var layer = Assert.Single(await BuildAsync(directory, new LayerPlan("application", entries)));
        Assert.Equal(expected, layer);
    }

    [Fact]
    public async Task Removing_owners_and_directories_of_the_users_own()
    {
        var source = _folder.Write("x");
        var layers = await BuildAsync(
            "/app",
            new LayerPlan(
                "removed",
                [new LayerEntry(
                    "lib/libc.so.6", LayerEntryKind.Whiteout, "", 0), new LayerEntry("bin/sh", LayerEntryKind.Whiteout, "", 0)]),
            new LayerPlan(
                "files",
                [
                    new LayerEntry("home/app/.profile", LayerEntryKind.File, source, LayerEntry.FileMode) { OwnerName = "app" },
                    new LayerEntry("var/data", LayerEntryKind.Directory, "", 0b111_111_000) { IsGiven = true, OwnerName = "app:adm" },
                    new LayerEntry("var/spool/x", LayerEntryKind.File, source, LayerEntry.FileMode, 3_000_001, 2),
                ]),
            new LayerPlan(
                "application",
                [new LayerEntry(
                    "bin/sh",
                    LayerEntryKind.SymbolicLink,
                    "/app/App",
                    0b111_111_111), new LayerEntry("var/data/x", LayerEntryKind.File, source, LayerEntry.FileMode)]));
        Assert.Equal(["usr/bin/.wh.sh 0 0:0", "usr/lib/.wh.libc.so.6 0 0:0"], layers[0]);
        Assert.Equal(
            ["home/app/ 700 1654:1654", "home/app/.profile 644 "
                + "1654:1654", "var/data/ 770 1654:4", "var/spool/ 1777 3000000:5", "var/spool/x 644 3000001:2"],
            layers[1]);
        Assert.Equal(["usr/bin/sh 777 0:0", "var/data/ 770 1654:4", "var/data/x 644 0:0"], layers[2]);
    }

    [Fact]
    public async Task What_is_not_there_to_be_removed_is_told()
    {
        var plan = _app.Plan("example.invalid/base") with { Layers = [new LayerPlan(
            "removed", [new LayerEntry("none", LayerEntryKind.Whiteout, "", 0)])] };
        var builder = new ImageBuilder(new LayerBuilder(new LayerCache(_folder["cache"]), 1));
        var (image, placement) = await builder.BuildAsync(plan, MemoryImages.Of("base"), new ImageTree(), null, default);
        Assert.Equal(["/none"], placement.NotThere);
        Assert.Equal(2, image.Layers.Count);
    }

    /// <summary>Builds on a base with two layers, has the image judged, and returns the entries of its own layers.</summary>
    private async Task<List<string>[]> BuildAsync(string directory, params LayerPlan[] layers)
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec { Layers = [BaseImages.SmallRoot, Upper] });
        var plan = _app.Plan($"{registry.Host}/base:1") with { Layers = layers };
        plan = plan with { Config = plan.Config with { WorkingDirectory = directory } };
        var baseImage = await new BaseResolver(client).ResolveAsync(plan, default);
        var contents = new BaseFileReader(Kept.Contents(_folder["contents"], _folder["own"], TimeProvider.System));
        Assert.Equal(directory != "/app" || layers.Length > 1, plan.NeedsBaseFiles);
        var files = plan.NeedsBaseFiles ? await contents.ReadAsync(plan, baseImage, default) : null;
        var image = await _app.BuildAsync(plan, baseImage, files);
        await Pushes.PushAsync(client, ImageSet.Of(image), registry.Host, "app", ["1"]);

        var given = layers.SelectMany(layer => layer.Entries).Where(entry => entry.IsGiven).Select(entry => entry.Path).ToHashSet();
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(registry, "app", "1"),
            new ImageValidationOptions { OwnLayers = layers.Length, AllowedDirectory = path => given.Contains(path) || IsListed(path) });
        return [.. image.Layers.TakeLast(layers.Length).Select(
            layer => Lines(registry.FindBlob("app", layer.Descriptor.Digest.ToString())!))];

        // Where the base has a directory too, the validator wants it to be as there.
        bool IsListed(string path) => files?.Find(path) is null;
    }

    private static List<string> Lines(byte[] gzip)
    {
        using var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        using var tar = new MemoryStream();
        stream.CopyTo(tar);
        return [.. Tars.Read(tar.ToArray()).Where(
            entry => entry.Type != TarEntryType.ExtendedAttributes).Select(entry =>
                $"{entry.Name} {Convert.ToString(entry.Mode, 8)} {entry.Uid}:{entry.Gid}")];
    }
}
