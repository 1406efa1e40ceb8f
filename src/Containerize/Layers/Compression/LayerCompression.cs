using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Containerize.Images;
using ZstdSharp;

namespace Containerize.Layers.Compression;

/// <summary>How layers are compressed.</summary>
public enum CompressionMethod
{
    /// <summary>RFC 1952: what every registry and engine reads.</summary>
    Gzip,

    /// <summary>RFC 8878: smaller, and several times as fast to unpack; Docker reads it from 23 on.</summary>
    Zstd,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>A way of compressing layers.</summary>
/// <param name="Method">The method.</param>
/// <param name="Level">How much work is done for it, in the method's own numbers; 0 for <see cref="CompressionMethod.None"/>.</param>
internal sealed record LayerCompression(CompressionMethod Method, int Level)
{
    /// <summary>gzip at zlib's default level.</summary>
    public static LayerCompression Default { get; } = Of(CompressionMethod.Gzip);

    /// <summary>
    /// Names how the bytes are made. The version of what makes them is in it, which decides them: the runtime's zlib
    /// (dotnet/runtime#121106), or ZstdSharp. A layer compressed by another one must not be taken for this one's.
    /// </summary>
    [JsonIgnore]
    public string Codec => Method switch
    {
        CompressionMethod.Gzip => string.Create(CultureInfo.InvariantCulture, $"gzip-{Level}-net{Environment.Version}"),
        CompressionMethod.Zstd => ZstdCodec(),
        _ => "none",
    };

    /// <summary>The method with its usual level.</summary>
    public static LayerCompression Of(CompressionMethod method) => new(method, method switch
    {
        CompressionMethod.Gzip => 6,
        CompressionMethod.Zstd => 3,
        _ => 0,
    });

    /// <summary>The method's highest level; its lowest is 1. 0 where it has none.</summary>
    public static int HighestLevel(CompressionMethod method) => method switch
    {
        CompressionMethod.Gzip => 9,
        CompressionMethod.Zstd => 22,
        _ => 0,
    };

    /// <summary>The media type of such layers; null where the format has none: Docker's for zstd.</summary>
    public string? MediaTypeIn(ImageFormat format) => MediaTypes.ConvertLayer(
        Method switch
        {
            CompressionMethod.Gzip => MediaTypes.OciLayerGzip,
            CompressionMethod.Zstd => MediaTypes.OciLayerZstd,
            _ => MediaTypes.OciLayer,
        },
        format);

    /// <summary>How the blocks of such a stream are made; null where the stream is what is written.</summary>
    internal IBlockFormat? Blocks() => Method switch
    {
        CompressionMethod.Gzip => new GzipBlocks(Level),
        CompressionMethod.Zstd => ZstdBlocks(),
        _ => null,
    };

    // Of their own, so that ZstdSharp is not loaded for who does not use it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private string ZstdCodec() =>
        string.Create(CultureInfo.InvariantCulture, $"zstd-{Level}-sharp{typeof(Compressor).Assembly.GetName().Version}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ZstdBlocks ZstdBlocks() => new(Level);
}
