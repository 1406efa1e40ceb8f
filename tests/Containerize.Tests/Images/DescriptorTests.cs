using System.Text;
using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class DescriptorTests
{
    private static readonly string Hash = Documents.Hash('a');

    [Fact]
    public void Members_that_nobody_knows_survive_in_their_order()
    {
        var json = $$$"""{"mediaType":"application/x","digest":"{{{Hash}}}","size":12,"urls":["https://example.invalid/a+b"],"annotations":{"k":"ä<>'"},"platform":{"architecture":"arm64","os":"linux","os.features":["x"]},"vendor":{"n":12345678901234567890.10}}""";
        Assert.Equal(json, Write(Descriptor.Read(Documents.Element(json))));
    }

    [Fact]
    public void The_three_members_that_everybody_needs_come_first()
    {
        var read = Descriptor.Read(Documents.Element($$"""{"size":12,"x":null,"digest":"{{Hash}}","mediaType":"application/x"}"""));
        Assert.Equal($$"""{"mediaType":"application/x","digest":"{{Hash}}","size":12,"x":null}""", Write(read));
    }

    [Fact]
    public void Another_media_type_changes_nothing_else()
    {
        var read = Descriptor.Read(Documents.Element($$"""{"mediaType":"application/x","digest":"{{Hash}}","size":12,"data":"e30="}"""));
        Assert.Equal($$"""{"mediaType":"application/y","digest":"{{Hash}}","size":12,"data":"e30="}""", Write(read.WithMediaType("application/y")));
    }

    [Fact]
    public void One_of_our_own_has_three_members()
    {
        Assert.Equal(
            """{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3}""",
            Write(Descriptor.Of(MediaTypes.OciLayerGzip, "abc"u8)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Descriptor("x", Digest.Of([]), -1));
    }

    [Fact]
    public void Sizes_beyond_32_bits_are_kept()
    {
        var read = Descriptor.Read(Documents.Element($$"""{"mediaType":"x","digest":"{{Hash}}","size":1125899906842624}"""));
        Assert.Equal(1125899906842624, read.Size);
    }

    public static TheoryData<string> Malformed => new()
    {
        "[]",
        "\"text\"",
        "null",
        "{}",
        $$"""{"digest":"{{Hash}}","size":1}""",
        $$"""{"mediaType":1,"digest":"{{Hash}}","size":1}""",
        """{"mediaType":"x","size":1}""",
        $$"""{"mediaType":"","digest":"{{Hash}}","size":1}""",
        $$"""{"mediaType":"a b","digest":"{{Hash}}","size":1}""",
        $$"""{"mediaType":"a\u001b[2J","digest":"{{Hash}}","size":1}""",
        $$"""{"mediaType":"a\u000a##vso[x]","digest":"{{Hash}}","size":1}""",
        $$"""{"mediaType":"{{new string('a', 256)}}","digest":"{{Hash}}","size":1}""",
        """{"mediaType":"x","digest":"sha256:abc","size":1}""",
        $$"""{"mediaType":"x","digest":"{{Hash}}"}""",
        $$"""{"mediaType":"x","digest":"{{Hash}}","size":-1}""",
        $$"""{"mediaType":"x","digest":"{{Hash}}","size":1.5}""",
        $$"""{"mediaType":"x","digest":"{{Hash}}","size":"1"}""",
        $$"""{"mediaType":"x","digest":"{{Hash}}","size":9223372036854775808}""",
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Anything_else_is_refused(string json) => Assert.Throws<FormatException>(() => Descriptor.Read(Documents.Element(json)));

    [Theory]
    [InlineData("""{"architecture":"arm","os":"linux","variant":"v7"}""", "linux/arm/v7")]
    [InlineData("""{"architecture":"arm64","os":"linux","variant":""}""", "linux/arm64")]
    [InlineData("""{"architecture":"arm64"}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""[]""", null)]
    [InlineData("""null""", null)]
    public void Its_platform_is_read(string platform, string? expected) => Assert.Equal(
        expected,
        Descriptor.Read(Documents.Element($$"""{"mediaType":"x","digest":"{{Hash}}","size":1,"platform":{{platform}}}""")).Platform?.ToString());

    [Theory]
    [InlineData(MediaTypes.DockerForeignLayerGzip, true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true)]
    [InlineData(MediaTypes.DockerLayerGzip, false)]
    [InlineData(MediaTypes.OciLayerGzip, false)]
    public void A_foreign_layer_is_known_by_its_type(string mediaType, bool foreign) =>
        Assert.Equal(foreign, new Descriptor(mediaType, Digest.Of([]), 0).IsForeign);

    [Fact]
    public void Two_are_equal_that_say_the_same_of_the_same_bytes()
    {
        var one = new Descriptor("x", Digest.Of([]), 0);
        Assert.Equal(one, new Descriptor("x", Digest.Of([]), 0));
        Assert.NotEqual(one, new Descriptor("y", Digest.Of([]), 0));
        Assert.NotEqual(one, new Descriptor("x", Digest.Of("a"u8), 0));
        Assert.NotEqual(one, new Descriptor("x", Digest.Of([]), 1));
    }

    private static string Write(Descriptor descriptor) => Encoding.UTF8.GetString(Json.Write(descriptor.WriteTo));
}
