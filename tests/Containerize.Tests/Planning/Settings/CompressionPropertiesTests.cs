using Containerize.Images;
using Containerize.Layers.Compression;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class CompressionPropertiesTests
{
    [Theory]
    [InlineData(null, null, CompressionMethod.Gzip, 6)]
    [InlineData("", " ", CompressionMethod.Gzip, 6)]
    [InlineData("GZIP", "9", CompressionMethod.Gzip, 9)]
    [InlineData(null, "1", CompressionMethod.Gzip, 1)]
    [InlineData(" zstd ", null, CompressionMethod.Zstd, 3)]
    [InlineData("zstd", " 22 ", CompressionMethod.Zstd, 22)]
    [InlineData("none", "", CompressionMethod.None, 0)]
    public void They_say_how_layers_are_compressed(string? method, string? level, CompressionMethod expected, int number) =>
        Assert.Equal(new LayerCompression(expected, number), CompressionProperties.Parse(method, level, null));

    [Theory]
    [InlineData("lz4", null, "ContainerCompression is 'lz4'. Set it to 'Gzip', 'Zstd' or 'None', or remove it.")]
    [InlineData(null, "0", "ContainerCompressionLevel is '0'. Set it to a number from 1 to 9, or remove it.")]
    [InlineData("gzip", "10", "ContainerCompressionLevel is '10'. Set it to a number from 1 to 9, or remove it.")]
    [InlineData("zstd", "23", "ContainerCompressionLevel is '23'. Set it to a number from 1 to 22, or remove it.")]
    [InlineData("zstd", "-1", "ContainerCompressionLevel is '-1'. Set it to a number from 1 to 22, or remove it.")]
    [InlineData("zstd", "best", "ContainerCompressionLevel is 'best'. Set it to a number from 1 to 22, or remove it.")]
    [InlineData(
        "none",
        "1",
        "ContainerCompressionLevel is '1'. ContainerCompression is 'none', which has no levels. Remove one of the two.")]
    public void What_they_cannot_be_is_refused(string? method, string? level, string message) =>
        Failing.With(ErrorCodes.PropertyValueUnknown, () => CompressionProperties.Parse(method, level, null), message);

    [Fact]
    public void Docker_s_format_has_no_zstd()
    {
        Failing.With(
            ErrorCodes.ImageFormatInvalid,
            () => CompressionProperties.Parse("zstd", null, ImageFormat.Docker),
            "ContainerImageFormat is 'Docker', whose layers cannot be compressed with zstd, which ContainerCompression asks for. "
                + "Remove one of the two.");
        Assert.Equal(CompressionMethod.Zstd, CompressionProperties.Parse("zstd", null, ImageFormat.Oci).Method);
        Assert.Equal(CompressionMethod.None, CompressionProperties.Parse("none", null, ImageFormat.Docker).Method);
    }
}
