using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class ImageManifestTests
{
    private static readonly Descriptor Config = new(MediaTypes.OciConfig, Digest.Parse(Documents.Hash('c')), 7);

    [Fact]
    public void The_layers_are_read_in_their_order()
    {
        var manifest = ImageManifest.Read(Documents.Of(
            $$"""
            {"schemaVersion":2,"config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Documents.Hash('c')}}","size":7},
             "layers":[{"mediaType":"a","digest":"{{Documents.Hash('2')}}","size":2},{"mediaType":"b","digest":"{{Documents.Hash('1')}}","size":1}]}
            """,
            MediaTypes.OciManifest));
        Assert.Equal(Config, manifest.Config);
        Assert.Equal([("a", 2L), ("b", 1L)], manifest.Layers.Select(layer => (layer.MediaType, layer.Size)));
    }

    [Theory]
    [InlineData(ImageFormat.Oci, MediaTypes.OciManifest)]
    [InlineData(ImageFormat.Docker, MediaTypes.DockerManifest)]
    public void One_of_our_own_names_its_media_type(ImageFormat format, string mediaType)
    {
        var layer = new Descriptor("l", Digest.Parse(Documents.Hash('1')), 1);
        var manifest = ImageManifest.Create(format, Config, [layer]);
        Assert.Equal(
            $$"""{"schemaVersion":2,"mediaType":"{{mediaType}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Documents.Hash('c')}}","size":7},"layers":[{"mediaType":"l","digest":"{{Documents.Hash('1')}}","size":1}]}""",
            Documents.Text(manifest.Document));
        Assert.Equal(mediaType, manifest.Document.MediaType);
        Assert.Equal(Digest.Of(manifest.Document.Content.Span), manifest.Document.Descriptor.Digest);
        Assert.Equal(manifest.Document.Content.Length, manifest.Document.Descriptor.Size);
    }

    [Fact]
    public void Annotations_keep_their_order_and_are_in_oci_alone()
    {
        KeyValuePair<string, string>[] annotations = [new("z", "1;2:\"3\"\n"), new("a", ""), new("ü", "ü")];
        var oci = ImageManifest.Create(ImageFormat.Oci, Config, [], annotations);
        Assert.EndsWith(""","layers":[],"annotations":{"z":"1;2:\"3\"\n","a":"","ü":"ü"}}""", Documents.Text(oci.Document), StringComparison.Ordinal);
        Assert.Equal(Digest.Of(oci.Document.Content.Span), oci.Document.Descriptor.Digest);

        var docker = ImageManifest.Create(ImageFormat.Docker, Config, [], annotations);
        Assert.EndsWith(""","layers":[]}""", Documents.Text(docker.Document), StringComparison.Ordinal);
        Assert.Equal(
            Documents.Text(ImageManifest.Create(ImageFormat.Oci, Config, []).Document),
            Documents.Text(ImageManifest.Create(ImageFormat.Oci, Config, [], []).Document));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"config":[],"layers":[]}""")]
    [InlineData("""{"schemaVersion":1,"fsLayers":[]}""")]
    [InlineData("""{"config":{"mediaType":"x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1}}""")]
    [InlineData("""{"config":{"mediaType":"x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":1},"layers":[null]}""")]
    [InlineData("not json")]
    public void A_malformed_one_is_refused(string json) =>
        Assert.Throws<FormatException>(() => ImageManifest.Read(Documents.Of(json, MediaTypes.OciManifest)));

    [Fact]
    public void Text_that_is_no_text_is_refused()
    {
        // A lone half of a surrogate pair, and bytes that are no UTF-8: JSON's grammar lets both through, I-JSON does not.
        var lone = $$"""{"config":{"mediaType":"\ud800","digest":"{{Documents.Hash('c')}}","size":7},"layers":[]}""";
        Assert.Throws<FormatException>(() => ImageManifest.Read(Documents.Of(lone, MediaTypes.OciManifest)));

        var bytes = Documents.Of(lone.Replace("\\ud800", "~", StringComparison.Ordinal)).Content.ToArray();
        bytes[Array.IndexOf(bytes, (byte)'~')] = 0xff;
        Assert.Throws<FormatException>(() => ImageManifest.Read(new ImageDocument(MediaTypes.OciManifest, bytes)));
    }

    [Theory]
    [InlineData(MediaTypes.OciLayerGzip, ImageFormat.Docker, MediaTypes.DockerLayerGzip)]
    [InlineData(MediaTypes.DockerLayerGzip, ImageFormat.Oci, MediaTypes.OciLayerGzip)]
    [InlineData(MediaTypes.OciLayer, ImageFormat.Docker, MediaTypes.DockerLayer)]
    [InlineData(MediaTypes.DockerLayer, ImageFormat.Oci, MediaTypes.OciLayer)]
    [InlineData(MediaTypes.OciLayerGzip, ImageFormat.Oci, MediaTypes.OciLayerGzip)]
    [InlineData(MediaTypes.DockerLayerGzip, ImageFormat.Docker, MediaTypes.DockerLayerGzip)]
    [InlineData(MediaTypes.OciLayerZstd, ImageFormat.Oci, MediaTypes.OciLayerZstd)]
    [InlineData(MediaTypes.OciLayerZstd, ImageFormat.Docker, null)]
    [InlineData(MediaTypes.DockerForeignLayerGzip, ImageFormat.Docker, MediaTypes.DockerForeignLayerGzip)]
    [InlineData(MediaTypes.DockerForeignLayerGzip, ImageFormat.Oci, null)]
    public void A_layers_type_has_a_counterpart_in_the_other_family_or_none(string mediaType, ImageFormat format, string? expected) =>
        Assert.Equal(expected, MediaTypes.ConvertLayer(mediaType, format));
}
