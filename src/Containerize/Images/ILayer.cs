namespace Containerize.Images;

/// <summary>One layer of an image. Immutable; nothing is computed or fetched until it is asked for.</summary>
internal interface ILayer
{
    /// <summary>The layer as it travels: media type, digest and size of the compressed bytes.</summary>
    Descriptor Descriptor { get; }

    /// <summary>The digest of the uncompressed tar, as the config lists it (image-spec, config.md, "Layer DiffID").</summary>
    Digest DiffId { get; }

    /// <summary>Where the bytes already lie in a registry, so that they can be mounted instead of copied; or null.</summary>
    BlobSource? Source { get; }

    /// <summary>
    /// The compressed bytes, checked before or while they are read: then the stream throws <see cref="InvalidDataException"/> at its
    /// end if size or digest differ from the descriptor. May be called again for a second attempt.
    /// </summary>
    Task<Stream> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>The place of a blob in a registry.</summary>
/// <param name="Registry">The registry's host, as in <see cref="ImageReference.Registry"/>.</param>
/// <param name="Repository">The repository that holds the blob.</param>
internal sealed record BlobSource(string Registry, string Repository);
