using Containerize.Testing.Registries;
using Containerize.Testing.Validation.Sources;

namespace Containerize.Testing.Validation;

/// <summary>An image to be judged, wherever it lies.</summary>
/// <param name="Root">The bytes of its manifest or index.</param>
/// <param name="MediaType">What the place says the type of <paramref name="Root"/> is.</param>
/// <param name="OpenBlob">Opens what a digest names: a blob, or a manifest of an index. It throws when there is no such thing.</param>
public sealed record ImageUnderTest(byte[] Root, string MediaType, Func<string, Stream> OpenBlob)
{
    /// <summary>What is wrong with the place itself, such as an archive's manifest.json; part of the judgement.</summary>
    public IReadOnlyList<string> SourceProblems { get; init; } = [];

    /// <summary>The names in an archive's manifest.json.</summary>
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    /// <summary>An image in a registry of this process.</summary>
    public static ImageUnderTest FromRegistry(TestRegistry registry, string repository, string reference)
    {
        var root = registry.FindManifest(repository, reference)
            ?? throw new FileNotFoundException($"{registry.Host}/{repository} has no manifest {reference}.");
        return new ImageUnderTest(root.Content, root.MediaType, digest => new MemoryStream(
            registry.FindBlob(repository, digest)
            ?? registry.FindManifest(repository, digest)?.Content
            ?? throw new FileNotFoundException($"{registry.Host}/{repository} has no {digest}."), writable: false));
    }

    /// <summary>An image in any registry that needs no login.</summary>
    /// <param name="host"><c>HOST:PORT</c>; spoken to by http.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="reference">A tag or a digest.</param>
    /// <param name="http">The client to ask with; a plain one when absent.</param>
    /// <param name="cancellationToken">Ends the request for the root.</param>
    public static Task<ImageUnderTest> FromRemoteAsync(
        string host, string repository, string reference, HttpClient? http = null, CancellationToken cancellationToken = default) =>
        RemoteSource.ReadAsync(host, repository, reference, http, cancellationToken);

    /// <summary>An image in an OCI layout directory (image-spec, image-layout.md).</summary>
    /// <param name="directory">Where <c>index.json</c> lies.</param>
    /// <param name="reference">A <c>org.opencontainers.image.ref.name</c> or a digest; may be absent when there is one image only.</param>
    public static ImageUnderTest FromLayout(string directory, string? reference = null) =>
        LayoutSource.Read(new DirectoryFiles(directory), reference);

    /// <summary>
    /// An image in a tar: an OCI layout and, beside it, the <c>manifest.json</c> that <c>docker load</c> reads.
    /// </summary>
    /// <param name="path">The tar.</param>
    /// <param name="reference">As for <see cref="FromLayout"/>.</param>
    /// <param name="combined">Whether <c>manifest.json</c> has to be there; it is checked wherever it is.</param>
    public static ImageUnderTest FromArchive(string path, string? reference = null, bool combined = true) =>
        ArchiveSource.Read(path, reference, combined);
}
