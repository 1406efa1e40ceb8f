using System.Text;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Stores.Layout;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>Bases that lie in archives, layouts and engines, by their names in a plan.</summary>
public sealed class BaseSourceTests : IDisposable
{
    private static readonly SavedImage Saved = SavedImages.Image("linux/amd64", ["team/base:1"], "one", "two");
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_name_without_a_place_for_imports_is_a_defect_of_ours() =>
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => new BaseResolver(Clients.Anonymous()).ResolveAsync(_app.Plan("docker-daemon:x"), default));

    [Fact]
    public async Task Prefixes_lead_to_their_places()
    {
        var image = MemoryImages.Of("one");
        await new OciLayout(_folder["layout"]).WriteAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), withLayers: true, default);
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), _folder["app.tar"], default);
        foreach (var location in new[] { $"oci:{_folder["layout"]}", $"oci:{_folder["layout"]}:1.0", $"oci-archive:{_folder["app.tar"]}", $"oci-archive:{_folder["app.tar"]}:app:1.0" })
            Assert.Equal(image.Manifest.Document.Descriptor, (await ResolveAsync(location)).Manifest.Document.Descriptor);
        Assert.Equal(
            image.Config.Document.Descriptor.Digest,
            (await ResolveAsync($"docker-archive:{_folder["app.tar"]}:app:1.0")).Config.Document.Descriptor.Digest);
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ResolveAsync($"docker-archive:{_folder["none.tar"]}"),
            "no file",
            _folder["none.tar"]);
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ResolveAsync($"oci-archive:{_folder["layout"]}"),
            "is a folder",
            _folder["layout"]);
    }

    [Theory]
    [InlineData("oci")]
    [InlineData("oci-archive")]
    public async Task A_layer_that_no_cache_has_comes_from_where_it_lies(string prefix)
    {
        var image = MemoryImages.Of("one");
        await new OciLayout(_folder["layout"]).WriteAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), withLayers: true, default);
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), _folder["app.tar"], default);
        var plan = _app.Plan($"{prefix}:{_folder[prefix == "oci" ? "layout" : "app.tar"]}");
        using var client = Clients.Anonymous();

        var layer = Resolver(client).LayerOf(plan, image.Layers[0].Descriptor, image.Layers[0].DiffId);

        Assert.Equal(await LayerBuilderTests.ReadAsync(image.Layers[0]), await LayerBuilderTests.ReadAsync(layer));
    }

    [Theory]
    [InlineData("docker-archive")]
    [InlineData("docker-daemon")]
    [InlineData("oci-archive")]
    public async Task A_layer_that_ought_to_be_in_the_cache_is_missed(string prefix)
    {
        var archive = _folder.Write("base.tar.gz", SavedImages.Gzip(SavedImages.Archive("podman", Saved)));
        var plan = _app.Plan(prefix == "docker-daemon" ? "docker-daemon:x" : $"{prefix}:{archive}");
        using var client = Clients.Anonymous();
        Assert.Throws<IOException>(
            () => Resolver(client).LayerOf(plan, new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("x"u8), 1), Digest.Of("x"u8)));
    }

    [Theory]
    [InlineData("docker-archive")]
    [InlineData("oci-archive")]
    public async Task An_archive_in_gzip_is_unpacked_once(string prefix)
    {
        var image = MemoryImages.Of("one", "two");
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), _folder["app.tgz"], default);
        var location = $"{prefix}:{_folder["app.tgz"]}";

        var first = await ResolveAsync(location);
        Assert.Equal(image.Config.Document.Descriptor.Digest, first.Config.Document.Descriptor.Digest);
        if (prefix == "oci-archive")
            Assert.Equal(image.Manifest.Document.Descriptor, first.Manifest.Document.Descriptor);
        foreach (var (layer, given) in first.Layers.Zip(image.Layers))
            Assert.Equal(await LayerBuilderTests.ReadAsync(given), await LayerBuilderTests.ReadAsync(layer));
        Assert.DoesNotContain(_folder.Everything(), path => path.EndsWith(".tar", StringComparison.Ordinal));

        var time = File.GetLastWriteTimeUtc(Directory.GetFiles(_folder["bases"], "index.json", SearchOption.AllDirectories).Single());
        var second = await ResolveAsync(location);
        Assert.Equal(first.Manifest.Document.Descriptor, second.Manifest.Document.Descriptor);
        Assert.Equal(
            time, File.GetLastWriteTimeUtc(Directory.GetFiles(_folder["bases"], "index.json", SearchOption.AllDirectories).Single()));

        // Another content under the same name is another base; and what has gone from the cache is unpacked again.
        Directory.Delete(_folder["cache"], recursive: true);
        Assert.Equal(
            await LayerBuilderTests.ReadAsync(image.Layers[1]),
            await LayerBuilderTests.ReadAsync((await ResolveAsync(location)).Layers[1]));
        await ImageArchive.WriteFileAsync(
            ImageSet.Of(MemoryImages.Of("three")), new ImageNames("app", ["1.0"]), _folder["app.tgz"], default);
        Assert.Equal(MemoryImages.Layer("three").DiffId, Assert.Single((await ResolveAsync(location)).Layers).DiffId.ToString());
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("cut")]
    [InlineData("flipped")]
    public async Task A_damaged_gzip_is_refused(string damage)
    {
        var archive = SavedImages.Gzip(SavedImages.Archive("docker 20", Saved));
        archive = damage switch
        {
            "noise" => [0x1f, 0x8b, .. Encoding.ASCII.GetBytes("this is no gzip at all")],
            "cut" => archive[..(archive.Length / 3)],
            _ => [.. archive[..^40], .. archive[^40..].Select(b => (byte)(b ^ 0x55))],
        };
        await Failing.WithAsync(
            ErrorCodes.BaseContentInvalid, () => ResolveAsync("docker-archive:" + _folder.Write("base.tar.gz", archive)), "base.tar.gz'");
        Assert.DoesNotContain(_folder.Everything(), path => path.Contains("image.tar", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docker-daemon", "docker", "sha256:")]
    [InlineData("podman-daemon", "podman", "")]
    [InlineData("nerdctl-daemon", "nerdctl", "sha256:")]
    public async Task An_engine_is_asked_once_for_each_id(string prefix, string program, string idPrefix)
    {
        var engine = new FakeEngine(program, idPrefix) { ["team/base:1"] = Saved };

        var first = await ResolveAsync($"{prefix}:team/base:1", engine);
        var id = idPrefix + Digest.Of(Saved.Config).Hex;
        Assert.Equal([$"{program} image inspect team/base:1", $"{program} save --output FILE {id}"], engine.Runs);
        Assert.Equal(Saved.Config, first.Config.Document.Content.ToArray());
        Assert.Equal(Saved.Layers.Select(layer => layer.DiffId), first.Layers.Select(layer => layer.DiffId.ToString()));
        foreach (var layer in first.Layers)
            Assert.Equal(layer.Descriptor.Digest, Digest.Of(await LayerBuilderTests.ReadAsync(layer)));
        Assert.DoesNotContain(_folder.Everything(), path => path.EndsWith(".tar", StringComparison.Ordinal));

        engine.Runs.Clear();
        var second = await ResolveAsync($"{prefix}:team/base:1", engine);
        Assert.Equal([$"{program} image inspect team/base:1"], engine.Runs);
        Assert.Equal(first.Manifest.Document.Descriptor, second.Manifest.Document.Descriptor);
        Assert.Equal(await LayerBuilderTests.ReadAsync(first.Layers[1]), await LayerBuilderTests.ReadAsync(second.Layers[1]));

        engine.Runs.Clear();
        engine["team/base:1"] = SavedImages.Image("linux/amd64", null, "three");
        Assert.Equal(
            SavedImages.Layer("three").DiffId,
            Assert.Single((await ResolveAsync($"{prefix}:team/base:1", engine)).Layers).DiffId.ToString());
        Assert.Equal(2, engine.Runs.Count);
    }

    [Fact]
    public async Task A_layer_that_has_gone_from_the_cache_is_saved_again()
    {
        var engine = new FakeEngine("docker", "sha256:") { ["base"] = Saved };
        var first = await ResolveAsync("docker-daemon:base", engine);
        File.WriteAllText(Path.Combine(_folder["cache"], "sha256", first.Layers[0].Descriptor.Digest.Hex), "damaged");
        engine.Runs.Clear();

        var second = await ResolveAsync("docker-daemon:base", engine);

        Assert.Equal(2, engine.Runs.Count);
        Assert.Equal(second.Layers[0].Descriptor.Digest, Digest.Of(await LayerBuilderTests.ReadAsync(second.Layers[0])));
    }

    [Fact]
    public async Task What_an_engine_lacks_is_told_of()
    {
        var engine = new FakeEngine("docker", "sha256:") { ["arm"] = SavedImages.Image("linux/arm64/v8", null, "x") };
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ResolveAsync("docker-daemon:team/none:1", engine),
            "'docker-daemon:team/none:1'",
            "Docker has no image 'team/none:1'",
            "'docker pull team/none:1'");
        await Failing.WithAsync(
            ErrorCodes.BasePlatformMissing, () => ResolveAsync("docker-daemon:arm", engine), "linux/amd64", "it offers linux/arm64/v8");
        engine.Answers = false;
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => ResolveAsync("docker-daemon:team/none:1", engine),
            "'docker version' does not answer",
            "Cannot connect",
            "Start Docker");
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () => ResolveAsync("podman-daemon:x", engine), "no program 'podman'", "Install Podman");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"Id":"sha256:12","Os":"linux","Architecture":"amd64"}]""")]
    [InlineData("""[{"Id":"--help","Os":"linux","Architecture":"amd64"}]""")]
    [InlineData("""[{"Id":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}]""")]
    public async Task An_answer_that_nobody_understands_is_told_of(string answer)
    {
        var processes = new ScriptedProcesses { ["docker image inspect base"] = new ProcessOutcome(0, answer, "") };
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () => ResolveAsync("docker-daemon:base", processes), "'docker image inspect'", "not understood");
        Assert.Single(processes.Runs);
    }

    [Fact]
    public async Task An_engine_that_does_not_save_is_told_of_with_its_own_words()
    {
        var engine = new FakeEngine("docker", "sha256:") { ["base"] = Saved };
        engine.Fails = true;
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable, () => ResolveAsync("docker-daemon:base", engine), "'docker save'", "no space left");
        Assert.Empty(Directory.GetFileSystemEntries(_folder["bases"]));
    }

    [Fact]
    public async Task What_earlier_bases_left_goes_after_an_hour()
    {
        var engine = new FakeEngine("docker", "sha256:") { ["base"] = Saved };
        _folder.Write("bases/old/index.json");
        _folder.Write("bases/new/index.json");
        Directory.SetLastWriteTimeUtc(_folder["bases/old"], DateTime.UtcNow.AddHours(-2));
        await ResolveAsync("docker-daemon:base", engine);
        Assert.False(Directory.Exists(_folder["bases/old"]));
        Assert.True(Directory.Exists(_folder["bases/new"]));
        Assert.Equal(2, Directory.GetDirectories(_folder["bases"]).Length);
    }

    [Fact]
    public async Task An_image_on_an_engines_base_is_whole()
    {
        var root = TestLayer.Of(BaseImages.SmallRoot);
        var engine = new FakeEngine("docker", "sha256:") { ["base"] = new SavedImage("linux/amd64", null, root) };
        var plan = _app.Plan("docker-daemon:base");
        var image = await _app.BuildAsync(plan, await ResolveAsync("docker-daemon:base", engine));
        await new OciLayout(_folder["layout"]).WriteAsync(ImageSet.Of(image), new ImageNames("app", ["1.0"]), withLayers: true, default);
        await Containerize.Testing.Validation.ImageValidator.AssertValidAsync(
            Containerize.Testing.Validation.ImageUnderTest.FromLayout(_folder["layout"], "1.0"), SampleApp.Validation);
        Assert.Equal(root.DiffId, image.Config.DiffIds[0].ToString());
    }

    private BaseResolver Resolver(RegistryClient client, IProcessRunner? processes = null) =>
        new(client, processes ?? new ScriptedProcesses(), new ImportedImages(new LayerCache(_folder["cache"]), _folder["bases"], 2));

    private async Task<Image> ResolveAsync(string location, IProcessRunner? processes = null)
    {
        using var client = Clients.Anonymous();
        return await Resolver(client, processes).ResolveAsync(_app.Plan(location), default);
    }

    // An engine that has some images, and writes them as podman does.
    private sealed class FakeEngine(string program, string idPrefix) : IProcessRunner
    {
        private readonly Dictionary<string, SavedImage> _images = new(StringComparer.Ordinal);

        public List<string> Runs { get; } = [];

        public bool Answers { get; set; } = true;

        public bool Fails { get; set; }

        public SavedImage this[string name]
        {
            set => _images[name] = value;
        }

        public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
        {
            if (call.Name != program)
                return null;
            Runs.Add($"{call.Name} {string.Join(' ', call.Arguments.Select(argument => Path.IsPathRooted(argument) ? "FILE" : argument))}");
            if (!Answers)
                return new ProcessOutcome(1, "", "Cannot connect to the Docker daemon.");
            switch (call.Arguments[0])
            {
                case "version":
                    return new ProcessOutcome(0, "", "");
                case "image" when _images.TryGetValue(call.Arguments[2], out var image):
                    var parts = image.Platform.Split('/');
                    return new ProcessOutcome(0, $$"""[{"Id":"{{IdOf(image)}}","Os":"{{parts[0]}}","Architecture":"{{parts[1]}}","Variant":"{{(parts.Length > 2 ? parts[2] : "")}}"}]""", "");
                case "save" when !Fails:
                    Assert.False(File.Exists(call.Arguments[2])); // podman refuses it.
                    await File.WriteAllBytesAsync(
                        call.Arguments[2],
                        SavedImages.Archive(
                            "podman",
                            _images.Values.Single(image => IdOf(image) == call.Arguments[3]) with { Names = null }),
                        cancellationToken);
                    return new ProcessOutcome(0, "", "");
                default:
                    return new ProcessOutcome(1, "", "no space left on device");
            }
        }

        private string IdOf(SavedImage image) => idPrefix + Digest.Of(image.Config).Hex;
    }
}
