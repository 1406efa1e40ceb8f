using System.Text;
using System.Text.Json.Nodes;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Stores.Engine;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Engine;

/// <summary>What Docker gets of an image, by what it has already.</summary>
public sealed class DockerStoreTests
{
    private const string List = "image ls --no-trunc --digests --format {{.ID}} {{.Digest}}";
    private static readonly ImageNames Names = new("app", ["1"]);
    private readonly FakeDocker _docker = new();

    [Fact]
    public async Task What_it_does_not_have_it_gets_whole()
    {
        var image = MemoryImages.Of("base", "app");
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1", "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 0), _docker.Offered.Single());
    }

    [Fact]
    public async Task What_it_has_under_all_names_is_not_loaded()
    {
        var image = MemoryImages.Of("base", "app");
        _docker.Add(image, "app:1");
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1"], _docker.Runs);
    }

    [Fact]
    public async Task Layers_that_the_last_image_of_that_name_begins_with_are_left_out_and_not_even_opened()
    {
        var unneeded = new MemoryLayer(
            Of("base").Descriptor, Of("base").DiffId, () => throw new InvalidOperationException("It is not needed."));
        _docker.Add(MemoryImages.Of("base", "packages", "app"), "app:1");
        var image = MemoryImages.Of(unneeded, Of("packages"), Of("changed"));
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1", "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 2), _docker.Offered.Single());
        Assert.Equal(image.Manifest.Config.Digest.ToString(), _docker.Tags["app:1"]);
    }

    [Fact]
    public async Task A_layer_above_other_ones_than_before_is_not_there()
    {
        _docker.Add(MemoryImages.Of("base", "app"), "app:1");
        var image = MemoryImages.Of("updated", "app");
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(Blobs(image, 0), _docker.Offered.Single());
    }

    [Fact]
    public async Task A_layer_that_comes_again_above_is_sent()
    {
        _docker.Add(MemoryImages.Of("base", "packages"), "app:1");
        var image = MemoryImages.Of("base", "packages", "changed", "base");
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(
            [true, false, true], image.Layers.Take(3).Select(layer => _docker.Offered.Single().Contains(layer.Descriptor.Digest.Hex)));
        Assert.Equal(image.Manifest.Config.Digest.ToString(), _docker.Tags["app:1"]);
    }

    [Fact]
    public async Task An_image_without_layers_is_loaded_as_well()
    {
        _docker.Add(MemoryImages.Of("base"), "app:1");
        await LoadAsync(ImageSet.Of(MemoryImages.Of(Array.Empty<ILayer>())));
        Assert.Single(_docker.Offered);
    }

    [Fact]
    public async Task A_name_more_costs_no_layer()
    {
        var image = MemoryImages.Of("base", "app");
        _docker.Add(image, "app:1");
        await LoadAsync(ImageSet.Of(image), new ImageNames("app", ["1", "latest"]));
        Assert.Equal(["image inspect app:1 app:latest", "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 2), _docker.Offered.Single());
        Assert.Equal(_docker.Tags["app:1"], _docker.Tags["app:latest"]);
    }

    [Fact]
    public async Task Where_much_is_missing_all_images_are_looked_at()
    {
        _docker.Add(MemoryImages.Of("unrelated"), "other:1");
        _docker.Add(MemoryImages.Of(Large(), Of("sibling")));
        var image = MemoryImages.Of(Large(), Of("app"));
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1", List, "image inspect", "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 1), _docker.Offered.Single());
    }

    [Fact]
    public async Task Where_it_has_no_image_at_all_there_is_nothing_to_look_at()
    {
        await LoadAsync(ImageSet.Of(MemoryImages.Of(Large())));
        Assert.Equal(["image inspect app:1", List, "load"], _docker.Runs);
    }

    [Fact]
    public async Task What_is_gone_meanwhile_is_sent_after_all()
    {
        var image = MemoryImages.Of("base", "changed");
        _docker.Add(MemoryImages.Of("base", "app"), "app:1");
        var engine = await ContainerEngine.FindAsync(_docker, ["Docker"], Names, default);
        _docker.Clear();
        await engine!.LoadAsync(ImageSet.Of(image), Names, default);
        Assert.Equal([Blobs(image, 1), Blobs(image, 0)], _docker.Offered);
        Assert.Equal(image.Manifest.Config.Digest.ToString(), _docker.Tags["app:1"]);
    }

    /// <summary>What tells of images look like where it is not Docker's own store that tells of them.</summary>
    public static TheoryData<string> Others => ["descriptor", "snapshotter", "snapshotter of that name", "no driver", "podman", "rubbish"];

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Other_stores_get_whole_images(string other)
    {
        _docker.Tells = told => Become(told, other);
        var image = MemoryImages.Of("base", "app");
        _docker.Add(image, "app:1");
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1", "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 0), _docker.Offered.Single());
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Other_stores_get_whole_images_too_where_all_were_looked_at(string other)
    {
        _docker.Tells = told => Become(told, other);
        var image = MemoryImages.Of(Large(), Of("app"));
        _docker.Add(image);
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(Blobs(image, 0), _docker.Offered.Single());
    }

    [Fact]
    public async Task Ids_that_are_manifests_digests_are_those_of_another_store()
    {
        _docker.DigestOf = id => id;
        var image = MemoryImages.Of(Large());
        _docker.Add(image);
        await LoadAsync(ImageSet.Of(image));
        Assert.Equal(["image inspect app:1", List, "load"], _docker.Runs);
        Assert.Equal(Blobs(image, 0), _docker.Offered.Single());
    }

    [Fact]
    public async Task Of_several_platforms_it_gets_the_layers_of_its_own()
    {
        var (mine, other) = (MemoryImages.Of("base", "changed"), MemoryImages.Of("elsewhere"));
        var index = ImageIndex.Create(ImageFormat.Oci, [.. new[] { mine, other }.Select(image => (image, image.Config.Platform))], []);
        var images = ImageSet.Of(new PlatformImages(index, [mine, other]));
        await LoadAsync(images);
        Assert.Contains(other.Layers[0].Descriptor.Digest.Hex, _docker.Offered.Single());

        _docker.Clear();
        _docker.Add(MemoryImages.Of("base", "app"), "app:1");
        await LoadAsync(images);
        Assert.DoesNotContain(other.Layers[0].Descriptor.Digest.Hex, _docker.Offered[1]);
        Assert.DoesNotContain(mine.Layers[0].Descriptor.Digest.Hex, _docker.Offered[1]);
        Assert.Contains(mine.Layers[1].Descriptor.Digest.Hex, _docker.Offered[1]);
        Assert.Equal(mine.Manifest.Config.Digest.ToString(), _docker.Tags["app:1"]);
    }

    private async Task LoadAsync(ImageSet images, ImageNames? names = null)
    {
        var engine = await ContainerEngine.FindAsync(_docker, ["Docker"], names ?? Names, default);
        await engine!.LoadAsync(images, names ?? Names, default);
    }

    private static void Become(JsonObject told, string other)
    {
        switch (other)
        {
            case "descriptor":
                told["Descriptor"] = new JsonObject { ["mediaType"] = MediaTypes.OciManifest };
                break;
            case "snapshotter":
                told["GraphDriver"] = new JsonObject { ["Name"] = "overlayfs", ["Data"] = null };
                break;
            case "snapshotter of that name":
                told["GraphDriver"] = new JsonObject { ["Name"] = "overlay2", ["Data"] = null };
                break;
            case "no driver":
                told.Remove("GraphDriver");
                break;
            case "podman":
                told["Id"] = ((string)told["Id"]!)["sha256:".Length..];
                break;
            default:
                told["RootFS"]!["Layers"] = new JsonArray(1);
                break;
        }
    }

    private static MemoryLayer Of(string content) => new(MemoryImages.Layer(content));

    private static MemoryLayer Large()
    {
        var bytes = Encoding.ASCII.GetBytes(new string('x', 9 << 20));
        return new MemoryLayer(
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(bytes), bytes.Length), Digest.Of("large"u8), () => new MemoryStream(bytes));
    }

    // Those of an archive of one image without so many of its layers.
    private static List<string> Blobs(Image image, int without) =>
    [
        .. image.Layers.Skip(without).Select(layer => layer.Descriptor.Digest.Hex).Distinct(),
        image.Config.Document.Descriptor.Digest.Hex,
        image.Manifest.Document.Descriptor.Digest.Hex,
    ];
}
