using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class ImageIndexTests
{
    private static readonly Platform Amd64 = new("linux", "amd64");
    private static readonly Platform Arm64 = new("linux", "arm64", "v8");
    private static readonly Platform ArmV7 = new("linux", "arm", "v7");

    [Fact]
    public void The_first_image_that_fits_is_taken()
    {
        var index = Index(Entry('1', "arm64"), Entry('2', "amd64"), Entry('3', "amd64"));
        Assert.Equal(Documents.Hash('2'), index.Find(Amd64)?.Digest.ToString());
    }

    [Fact]
    public void An_exact_variant_goes_before_an_absent_one()
    {
        var index = Index(Entry('1', "arm64"), Entry('2', "arm64", "v8"));
        Assert.Equal(Documents.Hash('2'), index.Find(Arm64)?.Digest.ToString());
    }

    [Fact]
    public void An_absent_variant_will_do()
    {
        Assert.Equal(Documents.Hash('1'), Index(Entry('1', "arm64")).Find(Arm64)?.Digest.ToString());
    }

    [Fact]
    public void Another_variant_will_not_do()
    {
        var index = Index(Entry('1', "arm", "v6"), Entry('2', "arm", "v7"));
        Assert.Equal(Documents.Hash('2'), index.Find(ArmV7)?.Digest.ToString());
        Assert.Null(Index(Entry('1', "arm", "v6")).Find(ArmV7));
    }

    [Fact]
    public void A_baseline_image_goes_before_one_for_newer_processors()
    {
        var index = Index(Entry('1', "amd64", "v3"), Entry('2', "amd64"));
        Assert.Equal(Documents.Hash('2'), index.Find(Amd64)?.Digest.ToString());
    }

    [Fact]
    public void Windows_attestations_and_nested_indexes_are_passed_over()
    {
        var index = Index(
            Entry('1', "amd64", os: "windows"),
            Entry('2', "unknown", os: "unknown"),
            Entry('3', "amd64", mediaType: MediaTypes.OciIndex),
            $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Documents.Hash('4')}}","size":1}""",
            Entry('5', "amd64", mediaType: MediaTypes.DockerManifest));
        Assert.Equal(Documents.Hash('5'), index.Find(Amd64)?.Digest.ToString());
    }

    [Fact]
    public void Where_nothing_fits_there_is_none()
    {
        Assert.Null(Index().Find(Amd64));
        Assert.Null(Index(Entry('1', "arm64")).Find(Amd64));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"manifests":{}}""")]
    [InlineData("""{"manifests":[1]}""")]
    [InlineData("""{"manifests":[{"mediaType":"x"}]}""")]
    [InlineData("""{"manifests":[],"manifests":[]}""")]
    [InlineData("""{"manifests":[]""")]
    [InlineData("""{"manifests":[]}{}""")]
    [InlineData("\ufeff{\"manifests\":[]}")]
    public void A_malformed_one_is_refused(string json) =>
        Assert.Throws<FormatException>(() => ImageIndex.Read(Documents.Of(json, MediaTypes.OciIndex)));

    private static ImageIndex Index(params string[] entries) => ImageIndex.Read(Documents.Of(
        $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', entries)}}]}""", MediaTypes.OciIndex));

    private static string Entry(
        char digest, string architecture, string? variant = null, string os = "linux", string mediaType = MediaTypes.OciManifest) =>
        $$$"""{"mediaType":"{{{mediaType}}}","digest":"{{{Documents.Hash(digest)}}}","size":1,"platform":{"architecture":"{{{architecture}}}","os":"{{{os}}}"{{{(variant is null ? "" : $",\"variant\":\"{variant}\"")}}}}}""";
}
