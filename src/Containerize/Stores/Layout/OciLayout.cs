using System.Text.Json;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Stores.Layout;

/// <summary>Images in a folder in the OCI image layout (image-spec, image-layout.md).</summary>
internal sealed class OciLayout
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Some gigabytes on a slow disk, with room to spare.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly TimeProvider _clock;

    /// <summary>Uses a folder, which need not exist.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">Tells how long another process has been writing there; the system's if null.</param>
    public OciLayout(string folder, TimeProvider? clock = null)
    {
        _folder = folder;
        _clock = clock ?? TimeProvider.System;
    }

    private string IndexPath => Path.Combine(_folder, OciImages.IndexPath);

    private string MarkerPath => Path.Combine(_folder, "oci-layout");

    /// <summary>Makes sure that the folder is nothing else than a layout.</summary>
    /// <exception cref="ContainerizeException">It is (CTZ5003).</exception>
    public void EnsureFree()
    {
        try
        {
            if (File.Exists(_folder))
                throw Unwritable("it is a file", null);
            // In this order: another writer's first file is the marker, and it is never removed, so who sees a file of a layout
            // sees the marker afterwards. The other way round, one that is just being begun would be taken for something else.
            if (Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any() && !File.Exists(MarkerPath))
                throw Unwritable("it is not empty and holds no OCI layout", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>
    /// Adds an image, in place of one of the same name; others stay. The index is replaced last and at once, so that who
    /// reads meanwhile sees the old image or the new one.
    /// </summary>
    /// <param name="images">The image, or images and their index.</param>
    /// <param name="names">Its names.</param>
    /// <param name="withLayers">False leaves the layers out, which the spec allows: the caller knows where they are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">The folder holds something else, or cannot be written (CTZ5003).</exception>
    public async Task WriteAsync(ImageSet images, ImageNames names, bool withLayers, CancellationToken cancellationToken)
    {
        try
        {
            if (withLayers)
                EnsureFree();
            Folders.Create(_folder);
            var marker = await LockAsync(cancellationToken).ConfigureAwait(false);
            await using (marker.ConfigureAwait(false))
            {
                if (withLayers)
                {
                    foreach (var layer in images.Layers)
                        await WriteBlobAsync(layer.Descriptor, layer.OpenAsync, cancellationToken).ConfigureAwait(false);
                }

                foreach (var document in images.Configs.Concat(images.Manifests).Append(images.Root))
                    await WriteDocumentAsync(document, cancellationToken).ConfigureAwait(false);
                await AtomicFile.WriteAsync(
                    IndexPath,
                    LayoutDocuments.Index(images.Root.Descriptor, names, Others(names)),
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (withLayers && (e is IOException or UnauthorizedAccessException))
        {
            throw Unwritable(e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Reads an image by its tag; null if there is none.</summary>
    /// <param name="tag">What its ref.name says.</param>
    /// <param name="layerOf">
    /// Makes a layer from its descriptor, its diffID and the path that its bytes would have here, which may not exist.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FormatException">A document is damaged.</exception>
    public async Task<Image?> ReadAsync(string tag, Func<Descriptor, Digest, string, ILayer> layerOf, CancellationToken cancellationToken)
    {
        if (!File.Exists(IndexPath))
            return null;
        var index = Json.ParseObject(await ReadFileAsync(IndexPath, cancellationToken).ConfigureAwait(false));
        var entry = index.RequiredArray("manifests")
            .FirstOrDefault(candidate => LayoutDocuments.Annotation(candidate, LayoutDocuments.RefName) == tag);
        if (entry.ValueKind != JsonValueKind.Object)
            return null;
        var manifest = ImageManifest.Read(await ReadDocumentAsync(Descriptor.Read(entry), cancellationToken).ConfigureAwait(false));
        var config = ImageConfig.Read(await ReadDocumentAsync(manifest.Config, cancellationToken).ConfigureAwait(false));
        var diffIds = config.DiffIds;
        if (diffIds.Count != manifest.Layers.Count)
            throw new FormatException($"The image '{tag}' in '{_folder}' has {manifest.Layers.Count} layers, its config {diffIds.Count}.");
        return new Image(manifest, config, [.. manifest.Layers.Select((layer, i) => layerOf(layer, diffIds[i], BlobPath(layer.Digest)))]);
    }

    /// <summary>
    /// Reads the image for a platform from a layout that any tool may have written; its layers stay where they are until they are opened.
    /// </summary>
    /// <param name="location">The image as the plan names it, for errors.</param>
    /// <param name="name">Its name in the layout: the tag, a full name or a digest. Null for the only one that there is.</param>
    /// <param name="platform">The wanted platform.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">It is not there (CTZ2008), not for the platform (CTZ2002), or damaged (CTZ2005).</exception>
    public async Task<Image> ReadAsync(string location, string? name, Platform platform, CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(IndexPath))
            {
                throw BaseImageErrors.Unusable(
                    location,
                    Directory.Exists(_folder)
                        ? $"the folder '{_folder}' is no OCI layout: it holds no index.json"
                        : $"there is no folder '{_folder}'",
                    "Check ContainerBaseImage; a relative path is relative to the project's folder.");
            }

            return await OciImages.ReadAsync(
                new FolderFiles(_folder), location, name, platform, (descriptor, diffId, part) =>
                    new FileLayer(part.Path, descriptor, diffId), cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw BaseImageErrors.Invalid(location, e.Message.TrimEnd('.'), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BaseImageErrors.Unusable(location, e.Message.TrimEnd('.'), "Check the path and who may read there.", e);
        }
    }

    /// <summary>A layer of an image in here.</summary>
    public ILayer LayerOf(Descriptor descriptor, Digest diffId) => new FileLayer(BlobPath(descriptor.Digest), descriptor, diffId);

    /// <summary>The tags of a repository's images; none where there is no layout, or one that cannot be understood.</summary>
    /// <exception cref="ContainerizeException">The layout cannot be read (CTZ5003).</exception>
    public async Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellationToken) =>
        [.. (
            await EntriesAsync(repository, cancellationToken).ConfigureAwait(false)).Select(entry =>
                entry.Tag).Distinct(StringComparer.Ordinal)];

    /// <summary>What a tag of a repository names; null where there is no such tag.</summary>
    /// <exception cref="ContainerizeException">The layout cannot be read (CTZ5003).</exception>
    public async Task<Digest?> FindAsync(string repository, string tag, CancellationToken cancellationToken) =>
        (await EntriesAsync(repository, cancellationToken).ConfigureAwait(false)).Where(entry => entry.Tag == tag)
            .Select(entry => entry.Digest).FirstOrDefault();

    private async Task<IReadOnlyList<(string Tag, Digest? Digest)>> EntriesAsync(string repository, CancellationToken cancellationToken)
    {
        try
        {
            if (!File.Exists(IndexPath))
                return [];
            var content = await ReadFileAsync(IndexPath, cancellationToken).ConfigureAwait(false);
            return
            [
                .. Json.ParseObject(content).RequiredArray("manifests")
                    .Select(
                        entry =>
                            (
                                Tag: TagOf(entry, repository)!,
                                Digest: Digest.TryParse(entry.OptionalString("digest"), out var digest) ? digest : (Digest?)null))
                    .Where(entry => entry.Tag is not null),
            ];
        }
        catch (FormatException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e.Message.TrimEnd('.'), e);
        }
    }

    // Others write the bare tag alone (skopeo), or a full name into ref.name (podman).
    private static string? TagOf(JsonElement entry, string repository)
    {
        var name = LayoutDocuments.Annotation(entry, LayoutDocuments.ContainerdName)
            ?? LayoutDocuments.Annotation(entry, LayoutDocuments.RefName);
        if (ImageReference.IsValidTag(name))
            return name;
        return ImageReference.TryParse(name, out var reference, out _) && ImageReference.TryParse(repository, out var own, out _)
            && reference.Name == own.Name
            ? reference.Tag
            : null;
    }

    private string BlobPath(Digest digest) => Path.Combine(_folder, "blobs", "sha256", digest.Hex);

    // The other images of the index as they stand. An index that cannot be read is damaged, and is replaced.
    private List<string> Others(ImageNames names)
    {
        if (!File.Exists(IndexPath))
            return [];
        var own = names.Tags.Select(names.Full).ToHashSet(StringComparer.Ordinal);
        try
        {
            var others = new List<string>();
            var index = ForeignFile.Read(IndexPath, Limits.DocumentBytes) ?? throw TooLarge(IndexPath);
            foreach (var entry in Json.ParseObject(index).RequiredArray("manifests"))
            {
                var isOwn = LayoutDocuments.Annotation(entry, LayoutDocuments.ContainerdName) is { } name
                    ? own.Contains(name)
                    : names.Tags.Contains(LayoutDocuments.Annotation(entry, LayoutDocuments.RefName) ?? "");
                if (entry.ValueKind == JsonValueKind.Object && !isOwn)
                    others.Add(entry.GetRawText());
            }

            return others;
        }
        catch (FormatException)
        {
            return [];
        }
    }

    // Projects of one solution may write to one layout at the same time; without a lock, one of them would be lost.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                var marker = Folders.OpenAlone(MarkerPath);
                if (marker.Length == 0)
                    await marker.WriteAsync(LayoutDocuments.Marker, cancellationToken).ConfigureAwait(false);
                return marker;
            }
            catch (IOException e) when (FileLock.IsTaken(e))
            {
                if (_clock.GetElapsedTime(started) > LongestWait)
                    throw Unwritable("another process has been writing to it for ten minutes, or is stopped", e);
                await Task.Delay(Pause, _clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task WriteDocumentAsync(ImageDocument document, CancellationToken cancellationToken) =>
        WriteBlobAsync(document.Descriptor, document.OpenAsync, cancellationToken);

    private async Task WriteBlobAsync(
        Descriptor descriptor, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var path = BlobPath(descriptor.Digest);
        if (new FileInfo(path) is { Exists: true } existing && existing.Length == descriptor.Size
            && Digest.OfFile(path) == descriptor.Digest)
            return;
        var file = new AtomicFile(Path.GetDirectoryName(path)!);
        await using (file.ConfigureAwait(false))
        {
            var content = await open(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await content.CopyToAsync(file.Stream, cancellationToken).ConfigureAwait(false);
            file.Commit(path);
        }
    }

    private async Task<ImageDocument> ReadDocumentAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        var document = new ImageDocument(
            descriptor.MediaType,
            await ReadFileAsync(BlobPath(descriptor.Digest), cancellationToken).ConfigureAwait(false));
        return document.Descriptor.Digest == descriptor.Digest
            ? document
            : throw new FormatException($"The file '{BlobPath(descriptor.Digest)}' does not hold what its name says.");
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        await ForeignFile.ReadAsync(path, Limits.DocumentBytes, cancellationToken).ConfigureAwait(false) ?? throw TooLarge(path);

    private static FormatException TooLarge(string path) =>
        new($"The file '{path}' has more than {Limits.DocumentBytes} bytes, which is too much for such a document.");

    private ContainerizeException Unwritable(string why, Exception? cause) => new(
        ErrorCodes.ArchiveUnwritable,
        $"The OCI layout '{_folder}' cannot be written: {why}. Name an empty folder, a new one, or an OCI layout.",
        cause);
}
