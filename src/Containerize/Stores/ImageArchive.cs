using System.Runtime.InteropServices;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;

namespace Containerize.Stores;

/// <summary>
/// Images as one file that <c>docker load</c>, <c>podman load</c>, <c>ctr images import</c> and the tools of OCI all read: a
/// tar of an OCI layout with Docker's <c>manifest.json</c> beside it, which is also what <c>docker save</c> writes since 25.
/// </summary>
public static class ImageArchive
{
    /// <summary>Writes the archive to a stream that stays open.</summary>
    public static async Task WriteAsync(ImageSet images, ImageNames names, Stream destination, CancellationToken cancellationToken)
    {
        var tar = new TarStream(destination);
        await tar.AddAsync(LayerEntry.Directory("blobs"), cancellationToken).ConfigureAwait(false);
        await tar.AddAsync(LayerEntry.Directory("blobs/sha256"), cancellationToken).ConfigureAwait(false);
        foreach (var layer in images.Layers)
        {
            var content = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await tar.AddFileAsync(LayoutDocuments.BlobPath(layer.Descriptor.Digest), content, layer.Descriptor.Size, cancellationToken).ConfigureAwait(false);
        }

        foreach (var document in images.Configs.Concat(images.Manifests).Append(images.Root))
            await tar.AddFileAsync(LayoutDocuments.BlobPath(document.Descriptor.Digest), document.Content, cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync("index.json", LayoutDocuments.Index(images.Root.Descriptor, names, []), cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync("manifest.json", LayoutDocuments.DockerManifest(images.For(ThisArchitecture), names), cancellationToken).ConfigureAwait(false);
        await tar.AddFileAsync("oci-layout", LayoutDocuments.Marker, cancellationToken).ConfigureAwait(false);
        tar.Finish();
    }

    /// <summary>Writes the archive to a file, whole or not at all.</summary>
    /// <exception cref="ContainerizeException">The file cannot be written (CTZ5003).</exception>
    public static async Task WriteFileAsync(ImageSet images, ImageNames names, string path, CancellationToken cancellationToken)
    {
        AtomicFile file;
        try
        {
            file = new AtomicFile(Path.GetDirectoryName(path)!);
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
                await WriteAsync(images, names, file.Stream, cancellationToken).ConfigureAwait(false);
                file.Commit(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(path, e);
            }
        }
    }

    // Docker's own manifest names one image: of several platforms the one that this machine runs.
    private static string ThisArchitecture => Platform.FromRuntimeIdentifier(RuntimeInformation.RuntimeIdentifier)?.Architecture
        ?? (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64");

    private static ContainerizeException Unwritable(string path, Exception cause) => new(
        ErrorCodes.ArchiveUnwritable,
        $"The archive '{path}' cannot be written: {cause.Message.TrimEnd('.')}. Check the path, the space on the disk and who may write there.",
        cause);
}
