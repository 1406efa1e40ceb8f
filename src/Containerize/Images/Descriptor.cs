using System.Text.Json;

namespace Containerize.Images;

/// <summary>
/// What a document says of some bytes that it points to (image-spec, descriptor.md). Members that this type does
/// not know survive: they are written again as they were read.
/// </summary>
internal sealed class Descriptor : IEquatable<Descriptor>
{
    private readonly JsonElement _read;

    /// <summary>Describes bytes of our own making.</summary>
    /// <param name="mediaType">What they are; see <see cref="MediaTypes"/>.</param>
    /// <param name="digest">Their name.</param>
    /// <param name="size">Their number.</param>
    public Descriptor(string mediaType, Digest digest, long size)
        : this(mediaType, digest, size, default)
    {
    }

    private Descriptor(string mediaType, Digest digest, long size, JsonElement read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        MediaType = mediaType;
        Digest = digest;
        Size = size;
        _read = read;
    }

    // Characters: 127 for the type, as many for the subtype (RFC 6838, 4.2).
    private const int LongestMediaType = 255;

    /// <summary>What the bytes are.</summary>
    public string MediaType { get; }

    /// <summary>The name of the bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The number of bytes.</summary>
    public long Size { get; }

    /// <summary>The platform, on entries of an index; otherwise null.</summary>
    public Platform? Platform => _read.ValueKind == JsonValueKind.Object && _read.TryGetProperty("platform", out var platform)
        && platform.ValueKind == JsonValueKind.Object ? Platform.Read(platform) : null;

    /// <summary>
    /// Whether the bytes lie elsewhere and must not be pushed (Windows base layers;
    /// image-spec layer.md, "Non-Distributable Layers", and Docker's foreign layers).
    /// </summary>
    public bool IsForeign => MediaType == MediaTypes.DockerForeignLayerGzip
        || MediaType.Contains(".nondistributable.", StringComparison.Ordinal);

    /// <summary>The same bytes under another media type.</summary>
    public Descriptor WithMediaType(string mediaType) => new(mediaType, Digest, Size, _read);

    /// <summary>The descriptor of these bytes.</summary>
    public static Descriptor Of(string mediaType, ReadOnlySpan<byte> content) => new(mediaType, Digest.Of(content), content.Length);

    /// <summary>Reads a descriptor; throws <see cref="FormatException"/> on anything but the spec's form.</summary>
    public static Descriptor Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new FormatException("A descriptor is not a JSON object.");
        if (!element.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number
            || !size.TryGetInt64(out var bytes) || bytes is < 0 or > Limits.BlobBytes)
            throw new FormatException("A descriptor has no valid 'size'.");
        var mediaType = element.RequiredString("mediaType");
        // RFC 6838, 4.2, is narrower still. It is written into manifests of ours.
        if (mediaType.Length is 0 or > LongestMediaType || mediaType.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new FormatException($"A descriptor has the media type '{ErrorText.Clean(mediaType, 100)}', which is none.");
        return new Descriptor(mediaType, Digest.Parse(element.RequiredString("digest")), bytes, element);
    }

    /// <summary>Writes it: the three members that everybody needs first, then what it was read with.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", MediaType);
        writer.WriteString("digest", Digest.ToString());
        writer.WriteNumber("size", Size);
        if (_read.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in _read.EnumerateObject())
            {
                if (property.Name is not ("mediaType" or "digest" or "size"))
                    property.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public bool Equals(Descriptor? other) =>
        other is not null && MediaType == other.MediaType && Digest == other.Digest && Size == other.Size;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Descriptor);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MediaType, Digest, Size);

    /// <inheritdoc/>
    public override string ToString() => $"{Digest} ({MediaType}, {Size} bytes)";
}
