using System.IO.Compression;
using Containerize.Building;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Stores;
using Containerize.Stores.Layout;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>One image on its way to several places.</summary>
public sealed class ManyDestinationsTests : IAsyncLifetime, IDisposable
{
    private static readonly ProcessOutcome Good = new(0, "", "");
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();
    private readonly ScriptedProcesses _processes = new() { ["docker version"] = Good, ["docker load"] = Good };
    private TestRegistry _one = null!;
    private TestRegistry _two = null!;

    public async Task InitializeAsync() => (_one, _two) = (await TestRegistry.StartAsync(), await TestRegistry.StartAsync());

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_gets_the_same_image_under_names_of_its_own()
    {
        var arrivals = await PublishAsync(
            new Destination(DestinationKind.Registry, _one.Host),
            new Destination(DestinationKind.Registry, _two.Host) { Repository = "acme/shop", Tags = ["1.2"] },
            new Destination(DestinationKind.Archive, _folder["app.tar"]) { Repository = "ghcr.io/acme/shop" },
            new Destination(DestinationKind.OciLayout, _folder["layout"]) { Tags = ["edge"] },
            new Destination(DestinationKind.Engine, "Docker") { Repository = "shop", Tags = ["dev"] });

        Assert.Equal(
            [DestinationKind.Registry, DestinationKind.Registry, DestinationKind.Archive, DestinationKind.OciLayout, DestinationKind.Engine],
            arrivals.Select(arrival => arrival.Destination.Kind));
        Assert.Equal([$"{_one.Host}/team/app:1.0", $"{_one.Host}/team/app:latest"], arrivals[0].Names);
        Assert.Equal([$"{_two.Host}/acme/shop:1.2"], arrivals[1].Names);
        Assert.Equal(["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop:latest"], arrivals[2].Names);
        Assert.Equal(["team/app:edge"], arrivals[3].Names);
        Assert.Equal(("Docker", "shop:dev"), (arrivals[4].Destination.Target, arrivals[4].Names.Single()));

        var digest = _one.FindManifest("team/app", "1.0")!.Digest;
        Assert.Equal(digest, _two.FindManifest("acme/shop", "1.2")!.Digest);
        var archive = ImageUnderTest.FromArchive(_folder["app.tar"], "latest");
        Assert.Equal(["ghcr.io/acme/shop:1.0", "ghcr.io/acme/shop:latest"], archive.RepoTags);
        var layout = ImageUnderTest.FromLayout(_folder["layout"], "edge");
        var loaded = ImageUnderTest.FromArchive(_folder.Write("loaded.tar", _processes.Input), "dev");
        Assert.Equal(["shop:dev"], loaded.RepoTags);
        foreach (var image in new[] { archive, layout, loaded, ImageUnderTest.FromRegistry(_one, "team/app", "latest"), ImageUnderTest.FromRegistry(_two, "acme/shop", "1.2") })
            await ImageValidator.AssertValidAsync(image, SampleApp.Validation);
        Assert.Contains(digest, File.ReadAllText(Path.Combine(_folder["layout"], "index.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_tag_moves_before_all_registries_have_the_blobs()
    {
        _two.Faults.Add("POST", "/blobs/uploads/", FaultScript.Always, Fault.Status(403));
        var e = await Failing.WithAsync(
            ErrorCodes.PushDenied,
            () => PublishAsync(Registry(_one), new Destination(DestinationKind.Archive, _folder["app.tar"]), Registry(_two)),
            $"'{_two.Host}/team/app:1.0'");
        Assert.DoesNotContain("arrived already", e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(_one.Blobs("team/app"));
        Assert.Empty(_one.Tags("team/app"));
        Assert.Empty(_one.Manifests("team/app"));
        Assert.False(File.Exists(_folder["app.tar"]));
    }

    [Fact]
    public async Task A_failure_says_where_the_image_is_already()
    {
        _two.Faults.Add("PUT", "/manifests/latest", FaultScript.Always, Fault.Status(400));
        await Failing.WithAsync(
            ErrorCodes.PushFailed,
            () => PublishAsync(
                Registry(_two),
                Registry(_one),
                new Destination(DestinationKind.Engine, "Docker"),
                new Destination(DestinationKind.Archive, _folder["app.tar"])),
            $"'{_two.Host}/team/app:1.0'",
            $" The image has arrived already as team/app:1.0 in Docker, {_folder["app.tar"]}, {_two.Host}/team/app:1.0.");
        Assert.Equal(["1.0"], _two.Tags("team/app"));
        Assert.Empty(_one.Tags("team/app"));
    }

    [Fact]
    public async Task An_engine_that_fails_fails_before_a_tag_moves()
    {
        _processes["docker load"] = new ProcessOutcome(1, "", "no space left on device");
        await Failing.WithAsync(
            ErrorCodes.EngineLoadFailed,
            () => PublishAsync(
                Registry(_one),
                new Destination(DestinationKind.OciLayout, _folder["layout"]),
                new Destination(DestinationKind.Engine, "Docker")),
            $"arrived already as team/app:1.0 in {_folder["layout"]}.");
        Assert.Empty(_one.Tags("team/app"));
    }

    [Theory]
    [InlineData("engine", ErrorCodes.EngineMissing, "'podman version'")]
    [InlineData("layout", ErrorCodes.ArchiveUnwritable, "no OCI layout")]
    [InlineData("layout in a file", ErrorCodes.ArchiveUnwritable, "is a file")]
    [InlineData("archive", ErrorCodes.ArchiveUnwritable, "is a folder")]
    public async Task What_can_be_foreseen_fails_before_anything_is_sent(string place, string code, string says)
    {
        _folder.Write("full/precious.txt");
        var destination = place switch
        {
            "engine" => new Destination(DestinationKind.Engine, "Podman"),
            "layout" => new Destination(DestinationKind.OciLayout, Path.Combine(_folder.Path, "full")),
            "layout in a file" => new Destination(DestinationKind.OciLayout, _folder["full/precious.txt"]),
            _ => new Destination(DestinationKind.Archive, Path.Combine(_folder.Path, "full")),
        };
        await Failing.WithAsync(
            code, () => PublishAsync(Registry(_one), new Destination(DestinationKind.Archive, _folder["app.tar"]), destination), says);
        Assert.Empty(_one.Requests);
        Assert.Equal(["full", "full/precious.txt"], _folder.Everything());
    }

    [Fact]
    public async Task Two_repositories_of_one_registry_are_two_destinations()
    {
        await PublishAsync(
            new Destination(
                DestinationKind.Registry,
                _one.Host) { Repository = "a", Tags = ["1"] }, new Destination(
                    DestinationKind.Registry, _one.Host) { Repository = "b", Tags = ["2"] });
        Assert.Equal(["1"], _one.Tags("a"));
        Assert.Equal(["2"], _one.Tags("b"));
    }

    [Fact]
    public async Task The_bases_layers_are_copied_to_both_registries()
    {
        await using var source = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(source, "base", "1");
        using var client = Clients.Anonymous();
        var plan = _app.Plan($"{source.Host}/base:1");
        var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
        await new ImagePublisher(client, new TagLookups(client), _processes)
            .PublishAsync(plan, ImageSet.Of(image), [Registry(_one), Registry(_two)], default);
        Assert.Contains(pushed.Layers[0].Digest, _one.Blobs("team/app"));
        Assert.Contains(pushed.Layers[0].Digest, _two.Blobs("team/app"));

        // What one destination does wrong is not taken for a fault of the base's registry.
        _two.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.Status(404));
        await Failing.WithAsync(
            ErrorCodes.PushFailed, () =>
                new ImagePublisher(client, new TagLookups(client), _processes)
                    .PublishAsync(plan, ImageSet.Of(image), [Registry(_one), Registry(_two)], default), $"'{_two.Host}/team/app:1.0'");
    }

    [Theory]
    [InlineData("app.tar.gz")]
    [InlineData("app.TGZ")]
    public async Task An_archive_that_is_called_so_is_compressed(string name)
    {
        await PublishAsync(
            new Destination(DestinationKind.Archive, _folder[name]), new Destination(DestinationKind.Archive, _folder["app.tar"]));
        using var tar = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(_folder[name]), CompressionMode.Decompress))
            gzip.CopyTo(tar);
        Assert.Equal(File.ReadAllBytes(_folder["app.tar"]), tar.ToArray());

        var first = File.ReadAllBytes(_folder[name]);
        await PublishAsync(new Destination(DestinationKind.Archive, _folder[name]));
        Assert.Equal(first, File.ReadAllBytes(_folder[name]));
    }

    private static Destination Registry(TestRegistry registry) => new(DestinationKind.Registry, registry.Host);

    private async Task<IReadOnlyList<PublishedTo>> PublishAsync(params IReadOnlyList<Destination> destinations)
    {
        using var client = Clients.Anonymous();
        var plan = _app.Plan("scratch");
        return await new ImagePublisher(client, new TagLookups(client), _processes)
            .PublishAsync(plan, ImageSet.Of(await _app.BuildAsync(plan, ScratchSource.ImageFor(plan.Platform))), destinations, default);
    }
}
