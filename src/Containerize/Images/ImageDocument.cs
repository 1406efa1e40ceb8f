namespace Containerize.Images;

/// <summary>
/// A manifest, index or config as the very bytes that were served or will be pushed. Digests are of bytes, so a
/// foreign document is never parsed and written again.
/// </summary>
/// <param name="MediaType">What the document is.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record ImageDocument(string MediaType, ReadOnlyMemory<byte> Content)
{
    private Descriptor? _descriptor;

    /// <summary>The descriptor of the bytes.</summary>
    public Descriptor Descriptor => _descriptor ??= Descriptor.Of(MediaType, Content.Span);

    /// <summary>The bytes as a stream, the way layers give theirs; may be called again for a second attempt.</summary>
    public Task<Stream> OpenAsync(CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(Content.ToArray(), writable: false));
}
