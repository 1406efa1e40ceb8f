using System.Globalization;
using Containerize.Images;
using Containerize.Layers.Compression;

namespace Containerize.Planning.Settings;

/// <summary>The properties that say how layers are compressed.</summary>
internal static class CompressionProperties
{
    /// <summary>Reads them.</summary>
    /// <param name="method"><c>ContainerCompression</c>; null or empty for gzip.</param>
    /// <param name="level"><c>ContainerCompressionLevel</c>; null or empty for the method's usual one.</param>
    /// <param name="format">The format that the project asks for; null leaves it to the build.</param>
    /// <exception cref="ContainerizeException">
    /// One is none of its values (CTZ1037), or the format cannot hold such layers (CTZ1024).
    /// </exception>
    public static LayerCompression Parse(string? method, string? level, ImageFormat? format)
    {
        var usual = LayerCompression.Of(
            EnumeratedProperty.Parse<CompressionMethod>("ContainerCompression", method) ?? CompressionMethod.Gzip);
        if (format is { } wanted && usual.MediaTypeIn(wanted) is null)
        {
            throw new ContainerizeException(
                ErrorCodes.ImageFormatInvalid,
                $"ContainerImageFormat is '{wanted}', whose layers cannot be compressed with zstd, which ContainerCompression asks "
                    + "for. Remove one of the two.");
        }

        if (string.IsNullOrWhiteSpace(level))
            return usual;
        var highest = LayerCompression.HighestLevel(usual.Method);
        if (highest == 0)
            throw Unknown(level, "ContainerCompression is 'none', which has no levels. Remove one of the two.");
        return int.TryParse(level.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            && number <= highest
            ? usual with { Level = number }
            : throw Unknown(level, $"Set it to a number from 1 to {highest}, or remove it.");
    }

    private static ContainerizeException Unknown(string level, string remedy) =>
        new(ErrorCodes.PropertyValueUnknown, $"ContainerCompressionLevel is '{level}'. {remedy}");
}
