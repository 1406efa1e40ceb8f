using System.Runtime.InteropServices;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;

namespace Containerize.Stores.Archive;

/// <summary>The two ways in which an archive lists its images.</summary>
public enum ArchiveKind
{
    /// <summary>A tar of an OCI layout.</summary>
    Oci,

    /// <summary>What <c>docker save</c> writes.</summary>
    Docker,
}

/// <summary>
/// Images as one file that <c>docker load</c>, <c>podman load</c>, <c>ctr images import</c> and the tools of OCI all read: a
/// tar of an OCI layout with Docker's <c>manifest.json</c> beside it, which is also what <c>docker save</c> writes since 25.
/// </summary>
internal static class ImageArchive
{
    // Bytes. Headers, manifests and configs; what they do not need is given back.
    private const long MaxDocumentBytes = 8L << 20;

    // An archive is unpacked at once by who reads it.
    private const int Fastest = 1;

    private static readonly string[] GzipExtensions = [".tar.gz", ".tgz"];

    /// <summary>Writes the archive to a stream that stays open.</summary>
    /// <param name="images">The image.</param>
    /// <param name="names">Its names.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="only">The layers to include, because the reader lacks them; null for all. Everything else stays the same.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task WriteAsync(
        ImageSet images, ImageNames names, Stream destination, IReadOnlySet<Digest>? only, CancellationToken cancellationToken)
    {
        var tar = new TarStream(destination);
        await AddFoldersAsync(tar, cancellationToken).ConfigureAwait(false);
        foreach (var layer in images.Layers.Where(layer => only?.Contains(layer.Descriptor.Digest) != false))
        {
            var content = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await tar.AddFileAsync(
                    LayoutDocuments.BlobPath(layer.Descriptor.Digest),
                    content,
                    layer.Descriptor.Size,
                    cancellationToken).ConfigureAwait(false);
        }

        foreach (var document in images.Configs.Concat(images.Manifests).Append(images.Root))
            await tar.AddFileAsync(
                LayoutDocuments.BlobPath(document.Descriptor.Digest), document.Content, cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync(
            OciImages.IndexPath, LayoutDocuments.Index(images.Root.Descriptor, names, []), cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync(
            DockerImages.ListPath, LayoutDocuments.DockerManifest(ForThisMachine(images), names), cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync("oci-layout", LayoutDocuments.Marker, cancellationToken).ConfigureAwait(false);
        await tar.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The image that Docker's own manifest names, which has room for one: of several platforms the one that this machine runs.
    /// </summary>
    public static Image ForThisMachine(ImageSet images) => images.For(ThisArchitecture);

    /// <summary>Makes sure that no folder stands where an archive is to be written.</summary>
    /// <exception cref="ContainerizeException">One does (CTZ5003).</exception>
    public static void EnsureFree(string path)
    {
        if (Directory.Exists(path))
            throw Unwritable(path, new IOException("It is a folder"));
    }

    /// <summary>Writes the archive to a file, whole or not at all; compressed where the file is called so.</summary>
    /// <exception cref="ContainerizeException">The file cannot be written (CTZ5003).</exception>
    public static async Task WriteFileAsync(ImageSet images, ImageNames names, string path, CancellationToken cancellationToken)
    {
        AtomicFile file;
        try
        {
            file = new AtomicFile(Path.GetDirectoryName(path)!, images.Layers.Sum(layer => layer.Descriptor.Size) + MaxDocumentBytes);
            AtomicFile.RemoveAbandoned(Path.GetDirectoryName(path)!, DateTimeOffset.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }

        await using (file.ConfigureAwait(false))
        {
            try
            {
                if (Array.Exists(GzipExtensions, extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
                    await WriteGzipAsync(images, names, file.Stream, cancellationToken).ConfigureAwait(false);
                else
                    await WriteAsync(images, names, file.Stream, null, cancellationToken).ConfigureAwait(false);
                file.Commit(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(path, e);
            }
        }
    }

    /// <summary>Whether an archive is compressed as a whole; it is to be unpacked then before it is read.</summary>
    /// <exception cref="ContainerizeException">It is not there (CTZ2008).</exception>
    public static bool IsGzip(string location, string path)
    {
        try
        {
            FileIdentity.RequireRegular(path);
            using var file = File.OpenRead(path);
            return file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = Directory.Exists(path)
                ? $"'{path}' is a folder, not an archive"
                : File.Exists(path) ? e.Message.TrimEnd('.') : $"there is no file '{path}'";
            throw BaseImageErrors.Unusable(
                location,
                why,
                "Check ContainerBaseImage; a relative path is relative to the project's folder.",
                e);
        }
    }

    /// <summary>Takes the gzip off an archive.</summary>
    /// <exception cref="ContainerizeException">It is damaged, or unpacks to more than any archive of its size (CTZ2005).</exception>
    public static async Task UnpackAsync(string location, string path, string destination, CancellationToken cancellationToken)
    {
        try
        {
            var packed = File.OpenRead(path);
            await using (packed.ConfigureAwait(false))
            {
                var unpacked = await UnpackedStream.OpenAsync(packed, Limits.OnDisk, $"'{path}'", cancellationToken).ConfigureAwait(false);
                await using (unpacked.ConfigureAwait(false))
                {
                    var tar = Folders.OpenAlone(destination);
                    await using (tar.ConfigureAwait(false))
                        await unpacked.UnpackAsync(tar, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw BaseImageErrors.Invalid(location, e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Reads the image for a platform from an archive that is not compressed as a whole.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="kind">How it lists its images.</param>
    /// <param name="location">The image as the plan names it, for errors.</param>
    /// <param name="name">Its name in the archive, or a digest; null for the only one that there is.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="layers">Takes the layers of Docker's archives in; those of OCI's stay where they are until they are opened.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">It is not there (CTZ2008), not for the platform (CTZ2002), or damaged (CTZ2005).</exception>
    public static async Task<Image> ReadAsync(
        string path,
        ArchiveKind kind,
        string location,
        string? name,
        Platform platform,
        LayerImporter layers,
        CancellationToken cancellationToken)
    {
        try
        {
            var files = await TarFiles.ScanAsync(path, cancellationToken).ConfigureAwait(false);
            var (list, otherList, otherPrefix) = kind == ArchiveKind.Oci
                ? (OciImages.IndexPath, DockerImages.ListPath, "docker-archive:")
                : (DockerImages.ListPath, OciImages.IndexPath, "oci-archive:");
            if (files.Find(list) is null)
            {
                throw BaseImageErrors.Unusable(
                    location,
                    $"the archive holds no {list}",
                    files.Find(otherList) is null
                        ? "It is not an image's archive; check ContainerBaseImage."
                        : $"It holds {otherList}, so write '{otherPrefix}' before its path.");
            }

            return kind == ArchiveKind.Oci
                ? await OciImages.ReadAsync(files, location, name, platform, LayerOf, cancellationToken).ConfigureAwait(false)
                : await DockerImages.ReadAsync(files, location, name, platform, layers, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw BaseImageErrors.Invalid(location, e.Message.TrimEnd('.'), e);
        }
    }

    private static FileLayer LayerOf(Descriptor descriptor, Digest diffId, FilePart part) =>
        new(part.Path, descriptor, diffId, part.Offset);

    /// <summary>Finds layers in an OCI archive that was read before. It is gone through once, when the first of them is opened.</summary>
    public static Func<Descriptor, Digest, ILayer> LayersOf(string path)
    {
        var files = new Lazy<Task<TarFiles>>(() => TarFiles.ScanAsync(path, CancellationToken.None));
        return (descriptor, diffId) => new ArchivedLayer(files, descriptor, diffId);
    }

    // Almost all of it is compressed already.
    private static async Task WriteGzipAsync(ImageSet images, ImageNames names, Stream destination, CancellationToken cancellationToken)
    {
        var gzip = new ParallelBlockStream(destination, new GzipBlocks(Fastest), Environment.ProcessorCount, cancellationToken);
        await using (gzip.ConfigureAwait(false))
        {
            await WriteAsync(images, names, gzip, null, cancellationToken).ConfigureAwait(false);
            await gzip.FinishAsync().ConfigureAwait(false);
        }
    }

    private static string ThisArchitecture => Platform.FromRuntimeIdentifier(RuntimeInformation.RuntimeIdentifier)?.Architecture
        ?? (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64");

    private static async Task AddFoldersAsync(TarStream tar, CancellationToken cancellationToken)
    {
        await tar.AddAsync(LayerEntry.Directory("blobs"), cancellationToken).ConfigureAwait(false);
        await tar.AddAsync(LayerEntry.Directory("blobs/sha256"), cancellationToken).ConfigureAwait(false);
    }

    private static ContainerizeException Unwritable(string path, Exception cause) => new(
        ErrorCodes.ArchiveUnwritable,
        $"The archive '{path}' cannot be written: {cause.Message.TrimEnd('.')}. Check the path, the space on the disk and who may "
            + "write there.",
        cause);

    private sealed class ArchivedLayer(Lazy<Task<TarFiles>> files, Descriptor descriptor, Digest diffId) : ILayer
    {
        public Descriptor Descriptor => descriptor;

        public Digest DiffId => diffId;

        public BlobSource? Source => null;

        public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
        {
            try
            {
                var part = OciImages.PlaceOf(await files.Value.WaitAsync(cancellationToken).ConfigureAwait(false), descriptor);
                return await new FileLayer(part.Path, descriptor, diffId, part.Offset).OpenAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (FormatException e)
            {
                throw new InvalidDataException($"The base image has changed meanwhile: {e.Message.TrimEnd('.')}.", e);
            }
        }
    }
}
