using System.Text;
using Containerize.Caching;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>
/// Base images from archives and engines. What cannot be sent as it lies there is taken in: layers into the cache, compressed, and
/// manifest and config beside it, so that nothing of it is done again while the base stays the same.
/// </summary>
public sealed class BaseImports
{
    private const string Tag = "base";

    // Another build of the project may still be at it.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(1);

    private readonly IProcessRunner _processes;
    private readonly LayerImporter _layers;
    private readonly string _folder;

    /// <summary>Makes it.</summary>
    /// <param name="processes">Runs engines.</param>
    /// <param name="cache">Where layers are kept.</param>
    /// <param name="folder">Where the documents are kept; it need not exist.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public BaseImports(IProcessRunner processes, LayerCache cache, string folder, int threads)
    {
        _processes = processes;
        _layers = new LayerImporter(cache, threads);
        _folder = folder;
    }

    /// <summary>The base in an archive, which is unpacked before if it is compressed as a whole.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    public async Task<IImage> ReadArchiveAsync(ImagePlan plan, ImageLocation location, CancellationToken cancellationToken)
    {
        var kind = location.Kind == LocationKind.OciArchive ? ArchiveKind.Oci : ArchiveKind.Docker;
        if (!ImageArchive.IsGzip(plan.BaseImage, location.Place))
            return await ReadAsync(location.Place).ConfigureAwait(false);

        return await GetAsync(
            $"{kind}\n{Digest.OfFile(location.Place)}\n{location.Name}\n{plan.Platform}",
            async folder =>
            {
                var tar = Path.Combine(folder, "image.tar");
                await ImageArchive.UnpackAsync(plan.BaseImage, location.Place, tar, cancellationToken).ConfigureAwait(false);
                var image = await ReadAsync(tar).ConfigureAwait(false);
                var layers = new List<ILayer>();
                foreach (var layer in image.Layers)
                    layers.Add(await _layers.ImportAsync(layer, cancellationToken).ConfigureAwait(false));
                return new Image(image.Manifest, image.Config, layers);
            },
            cancellationToken).ConfigureAwait(false);

        Task<IImage> ReadAsync(string path) => ImageArchive.ReadAsync(path, kind, plan.BaseImage, location.Name, plan.Platform, _layers, cancellationToken);
    }

    /// <summary>The base that an engine holds. Its id tells whether it is the one of the last time.</summary>
    /// <exception cref="ContainerizeException">CTZ2xxx.</exception>
    public async Task<IImage> ReadEngineAsync(ImagePlan plan, ImageLocation location, CancellationToken cancellationToken)
    {
        var engine = ContainerEngine.Named(_processes, location.Place);
        var image = await engine.InspectAsync(plan.BaseImage, location.Name!, cancellationToken).ConfigureAwait(false);
        if (!plan.Platform.Accepts(image.Platform))
            throw BaseImageErrors.PlatformMissing(plan.BaseImage, plan.Platform, [image.Platform.ToString()]);
        return await GetAsync(
            $"{engine.Name}\n{image.Id}\n{plan.Platform}",
            async folder =>
            {
                var archive = Path.Combine(folder, "image.tar");
                await engine.SaveAsync(plan.BaseImage, image, archive, cancellationToken).ConfigureAwait(false);
                return await ImageArchive.ReadAsync(archive, ArchiveKind.Docker, plan.BaseImage, null, plan.Platform, _layers, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    // What was taken in before under the same key, or is now: all its layers lie in the cache then. The folder that is given is for
    // files that are not needed afterwards.
    private async Task<IImage> GetAsync(string key, Func<string, Task<IImage>> import, CancellationToken cancellationToken)
    {
        // A layer that another zlib has compressed is another layer.
        var place = Path.Combine(_folder, Digest.Of(Encoding.UTF8.GetBytes($"{LayerImporter.Codec}\n{key}")).Hex[..16]);
        var image = await KnownAsync(place, cancellationToken).ConfigureAwait(false);
        if (image is null)
        {
            var temporary = Path.Combine(_folder, Path.GetRandomFileName());
            Folders.Create(temporary);
            try
            {
                image = await import(temporary).ConfigureAwait(false);
            }
            finally
            {
                Directory.Delete(temporary, recursive: true);
            }

            await new OciLayout(place).WriteAsync(ImageSet.Of(image), new ImageNames("containerize", [Tag]), withLayers: false, cancellationToken).ConfigureAwait(false);
        }

        Tidy(place, DateTime.UtcNow);
        return image;
    }

    private async Task<IImage?> KnownAsync(string place, CancellationToken cancellationToken)
    {
        try
        {
            return await new OciLayout(place).ReadAsync(
                Tag, (descriptor, diffId, _) => _layers.Find(descriptor, diffId) ?? throw new FormatException($"The layer {diffId} is gone."), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // What earlier bases have left, and builds that were killed.
    private void Tidy(string current, DateTime now)
    {
        Directory.SetLastWriteTimeUtc(current, now);
        foreach (var old in new DirectoryInfo(_folder).EnumerateDirectories().Where(old => old.FullName != current && old.LastWriteTimeUtc < now - LongestBuild))
            old.Delete(recursive: true);
    }
}
