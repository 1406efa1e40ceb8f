using Containerize.Testing;
using System.Text.Json;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Stores.Layout;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Layout;

public sealed class OciLayoutTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Folder => Path.Combine(_folder.Path, "layout");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_holds_the_image_and_its_names_and_nothing_else()
    {
        var image = MemoryImages.Of("one", "two", "one");
        await WriteAsync(image, "team/app", "1.0", "latest");
        string[] blobs = [.. image.Layers.Select(
            layer => layer.Descriptor).Append(image.Config.Document.Descriptor).Append(image.Manifest.Document.Descriptor).Select(d =>
                d.Digest.Hex).Distinct()];
        Assert.Equal(
            new[] { "layout", "layout/blobs", "layout/blobs/sha256", "layout/index.json", "layout/oci-layout" }
                .Concat(blobs.Select(blob => "layout/blobs/sha256/" + blob)).Order(StringComparer.Ordinal),
            _folder.Everything());
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", File.ReadAllText(Path.Combine(Folder, "oci-layout")));
        Assert.Equal(
            [("1.0", "docker.io/team/app:1.0"), ("latest", "docker.io/team/app:latest")],
            Entries().Select(entry => (entry.RefName, entry.Name)));
        Assert.All(Entries(), entry => Assert.Equal(image.Manifest.Document.Descriptor.Digest.ToString(), entry.Digest));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(Folder, "latest"), Strangers);
    }

    [Theory]
    [InlineData("app", "docker.io/library/app:1")]
    [InlineData("team/app", "docker.io/team/app:1")]
    [InlineData("ghcr.io/team/app", "ghcr.io/team/app:1")]
    [InlineData("localhost/app", "localhost/app:1")]
    public async Task A_name_is_written_in_full(string repository, string name)
    {
        await WriteAsync(MemoryImages.Of("x"), repository, "1");
        Assert.Equal(name, Assert.Single(Entries()).Name);
    }

    [Fact]
    public async Task A_process_that_holds_the_lock_and_is_stopped_ends_the_waiting_with_an_error()
    {
        await WriteAsync(MemoryImages.Of("first"), "app", "1");
        using var held = new FileStream(_folder["layout/oci-layout"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var layout = new OciLayout(_folder["layout"], new SteppingClock());

        await Failing.WithAsync(
            ErrorCodes.ArchiveUnwritable,
            () => layout.WriteAsync(ImageSet.Of(MemoryImages.Of("second")), new ImageNames("app", ["1"]), withLayers: true, default),
            "ten minutes");
    }

    [Fact]
    public async Task The_same_name_is_replaced_and_others_stay()
    {
        var (first, second, other) = (MemoryImages.Of("first"), MemoryImages.Of("second"), MemoryImages.Of("other"));
        await WriteAsync(first, "app", "1", "latest");
        await WriteAsync(other, "other", "1");
        await WriteAsync(second, "app", "2", "latest");
        Assert.Equal(
            new[]
            {
                ("docker.io/library/app:1", DigestOf(first)), ("docker.io/library/app:2", DigestOf(second)),
                ("docker.io/library/app:latest", DigestOf(second)), ("docker.io/library/other:1", DigestOf(other)),
            },
            Entries().Select(entry => (entry.Name!, entry.Digest)).Order());
    }

    [Fact]
    public async Task What_other_tools_wrote_stays_as_it_is()
    {
        const string foreign = """{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","size":5,"annotations":{"org.opencontainers.image.ref.name":"theirs","x":"ü+"},"vendor":1.50}""";
        _folder.Write("layout/oci-layout", """{ "imageLayoutVersion": "1.0.0" }""");
        _folder.Write("layout/index.json", $$"""{"schemaVersion":2,"manifests":[{{foreign}},{"mediaType":"x","digest":"sha256:2222222222222222222222222222222222222222222222222222222222222222","size":1}]}""");
        _folder.Write("layout/extra", "kept");
        await WriteAsync(MemoryImages.Of("ours"), "app", "ours");
        Assert.Contains(foreign, File.ReadAllText(Path.Combine(Folder, "index.json")), StringComparison.Ordinal);
        Assert.Equal(["theirs", null, "ours"], Entries().Select(entry => entry.RefName));
        Assert.Equal("""{ "imageLayoutVersion": "1.0.0" }""", File.ReadAllText(Path.Combine(Folder, "oci-layout")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Folder, "extra")));
    }

    [Fact]
    public async Task An_entry_without_a_full_name_is_replaced_by_its_tag()
    {
        _folder.Write("layout/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        _folder.Write("layout/index.json", """{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha256:2222222222222222222222222222222222222222222222222222222222222222","size":1,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}""");
        var image = MemoryImages.Of("ours");
        await WriteAsync(image, "app", "latest");
        Assert.Equal(DigestOf(image), Assert.Single(Entries()).Digest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"manifests":7}""")]
    [InlineData("""{"manifests":[7]}""")]
    public async Task A_damaged_index_is_replaced(string index)
    {
        _folder.Write("layout/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        _folder.Write("layout/index.json", index);
        var image = MemoryImages.Of("ours");
        await WriteAsync(image, "app", "1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(Folder, "1"), Strangers);
    }

    [Fact]
    public async Task The_tags_of_a_repository_are_told_whoever_wrote_them()
    {
        Assert.Empty(await new OciLayout(Folder).TagsAsync("team/app", default));
        _folder.Write("layout/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        _folder.Write("layout/index.json", """
            {"manifests":[
              {"annotations":{"org.opencontainers.image.ref.name":"1.0.0"}},
              {"annotations":{"org.opencontainers.image.ref.name":"docker.io/team/app:1.1.0"}},
              {"annotations":{"org.opencontainers.image.ref.name":"docker.io/team/other:9.0.0"}},
              {"annotations":{"org.opencontainers.image.ref.name":"9.1.0","io.containerd.image.name":"docker.io/team/other:9.1.0"}},
              {"annotations":{"org.opencontainers.image.ref.name":"ghcr.io/team/app:9.2.0"}},
              {"annotations":{"org.opencontainers.image.ref.name":"no tag"}},{"annotations":{}},{},7]}
            """);
        await WriteAsync(MemoryImages.Of("ours"), "team/app", "1.2.0", "latest");
        Assert.Equal(["1.0.0", "1.1.0", "1.2.0", "latest"], await new OciLayout(Folder).TagsAsync("team/app", default));
        Assert.Equal(["1.0.0", "9.0.0", "9.1.0"], await new OciLayout(Folder).TagsAsync("team/other", default));
        File.WriteAllText(Path.Combine(Folder, "index.json"), "damaged");
        Assert.Empty(await new OciLayout(Folder).TagsAsync("team/app", default));
        File.Delete(Path.Combine(Folder, "index.json"));
        File.CreateSymbolicLink(Path.Combine(Folder, "index.json"), "/proc/self/mem");
        await Failing.WithAsync(ErrorCodes.ArchiveUnwritable, () => new OciLayout(Folder).TagsAsync("team/app", default), $"'{Folder}'");
    }

    [Fact]
    public async Task A_folder_of_something_else_is_refused_and_left_alone()
    {
        _folder.Write("layout/precious.txt", "precious");
        await Failing.WithAsync(
            ErrorCodes.ArchiveUnwritable, () => WriteAsync(MemoryImages.Of("x"), "app", "1"), $"'{Folder}'", "no OCI layout");
        Assert.Equal(["layout", "layout/precious.txt"], _folder.Everything());
    }

    [Fact]
    public async Task A_file_in_its_place_is_refused()
    {
        _folder.Write("layout", "a file");
        await Failing.WithAsync(ErrorCodes.ArchiveUnwritable, () => WriteAsync(MemoryImages.Of("x"), "app", "1"), $"'{Folder}'");
        Assert.Equal("a file", File.ReadAllText(Folder));
    }

    [Fact]
    public async Task An_empty_folder_will_do()
    {
        Directory.CreateDirectory(Folder);
        await WriteAsync(MemoryImages.Of("x"), "app", "1");
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(Folder), Strangers);
    }

    [Fact]
    public async Task Known_blobs_are_not_written_again_and_short_ones_are()
    {
        var layer = new MemoryLayer(MemoryImages.Layer("x"));
        await WriteAsync(MemoryImages.Of(layer), "app", "1");
        await WriteAsync(MemoryImages.Of(layer), "app", "2");
        Assert.Equal(1, layer.Opened);

        var blob = Path.Combine(Folder, "blobs", "sha256", layer.Descriptor.Digest.Hex);
        File.WriteAllText(blob, "short");
        await WriteAsync(MemoryImages.Of(layer), "app", "1");
        Assert.Equal(2, layer.Opened);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(Folder, "1"), Strangers);
    }

    [Fact]
    public async Task A_layer_that_fails_leaves_the_old_image()
    {
        var old = MemoryImages.Of("old");
        await WriteAsync(old, "app", "1");
        var before = _folder.Everything();
        var broken = new MemoryLayer(
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("x"u8), 100), Digest.Of("x"u8), () => new HalfStream());
        await Assert.ThrowsAsync<InvalidDataException>(() => WriteAsync(MemoryImages.Of(broken), "app", "1"));
        Assert.Equal(before, _folder.Everything());
        Assert.Equal(DigestOf(old), Assert.Single(Entries()).Digest);
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        var images = Enumerable.Range(0, 12).Select(i => MemoryImages.Of("shared", $"own {i}")).ToList();
        await Task.WhenAll(images.Select((image, i) => Task.Run(() => WriteAsync(image, $"app{i % 4}", $"tag{i}"))));
        Assert.Equal(
            images.Select((image, i) => ($"docker.io/library/app{i % 4}:tag{i}", DigestOf(image))).Order(),
            Entries().Select(entry => (entry.Name!, entry.Digest)).Order());
        Assert.DoesNotContain(_folder.Everything(), path => path.Contains(".tmp", StringComparison.Ordinal));
        foreach (var i in new[] { 0, 11 })
            await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(Folder, $"tag{i}"), Strangers);
    }

    [Fact]
    public async Task Waiting_for_another_writer_can_be_cancelled()
    {
        Directory.CreateDirectory(Folder);
        await using var held = new FileStream(Path.Combine(Folder, "oci-layout"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var cancellation = new CancellationTokenSource();
        var writing = new OciLayout(Folder)
            .WriteAsync(ImageSet.Of(MemoryImages.Of("x")), new ImageNames("app", ["1"]), withLayers: true, cancellation.Token);
        Assert.False(writing.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task An_image_without_its_layers_is_read_again()
    {
        var image = MemoryImages.Of("one", "two");
        var layout = new OciLayout(Folder);
        await layout.WriteAsync(ImageSet.Of(image), new ImageNames("containerize", ["image"]), withLayers: false, default);
        var asked = new List<(Descriptor, Digest, string)>();
        var read = await layout.ReadAsync(
            "image",
            (descriptor, diffId, path) =>
            {
                asked.Add((descriptor, diffId, path));
                return image.Layers[asked.Count - 1];
            },
            default);
        Assert.Equal(image.Manifest.Document.Content.ToArray(), read!.Manifest.Document.Content.ToArray());
        Assert.Equal(image.Config.Document.Content.ToArray(), read.Config.Document.Content.ToArray());
        Assert.Equal(
            image.Layers.Select(
                layer => (layer.Descriptor, layer.DiffId, Path.Combine(Folder, "blobs", "sha256", layer.Descriptor.Digest.Hex))), asked);
        Assert.All(asked, layer => Assert.False(File.Exists(layer.Item3)));
        Assert.Null(await layout.ReadAsync("other", (_, _, _) => image.Layers[0], default));
        Assert.Null(await new OciLayout(_folder["nowhere"]).ReadAsync("image", (_, _, _) => image.Layers[0], default));
    }

    [Fact]
    public async Task A_damaged_document_is_not_read()
    {
        var image = MemoryImages.Of("one");
        await WriteAsync(image, "app", "1");
        var manifest = Path.Combine(Folder, "blobs", "sha256", image.Manifest.Document.Descriptor.Digest.Hex);
        File.WriteAllText(manifest, File.ReadAllText(manifest) + " ");
        await Assert.ThrowsAsync<FormatException>(() => new OciLayout(Folder).ReadAsync("1", (_, _, _) => image.Layers[0], default));
        _folder.Write("layout/index.json", """{"manifests":[7]}""");
        Assert.Null(await new OciLayout(Folder).ReadAsync("1", (_, _, _) => image.Layers[0], default));
    }

    [Fact]
    public async Task A_config_that_does_not_fit_is_not_read()
    {
        var layer = new MemoryLayer(MemoryImages.Layer("one"));
        var image = MemoryImages.WithConfig("""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""", ImageFormat.Oci, layer);
        await WriteAsync(image, "app", "1");
        await Assert.ThrowsAsync<FormatException>(() => new OciLayout(Folder).ReadAsync("1", (_, _, _) => layer, default));
    }

    // The layers of these images are not Containerize's own, and judged as a base's.
    private static ImageValidationOptions Strangers { get; } = new() { OwnLayers = 0 };

    private static string DigestOf(Image image) => image.Manifest.Document.Descriptor.Digest.ToString();

    private Task WriteAsync(Image image, string repository, params string[] tags) =>
        new OciLayout(Folder).WriteAsync(ImageSet.Of(image), new ImageNames(repository, tags), withLayers: true, default);

    private List<(string? RefName, string? Name, string Digest)> Entries()
    {
        using var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "index.json")));
        Assert.Equal(MediaTypes.OciIndex, index.RootElement.GetProperty("mediaType").GetString());
        return [.. index.RootElement.GetProperty("manifests").EnumerateArray().Select(entry =>
            (
                Annotation(entry, "org.opencontainers.image.ref.name"),
                Annotation(entry, "io.containerd.image.name"),
                entry.GetProperty("digest").GetString()!))];
    }

    private static string? Annotation(JsonElement entry, string name) =>
        entry.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty(name, out var value) ? value.GetString()
            : null;
}
