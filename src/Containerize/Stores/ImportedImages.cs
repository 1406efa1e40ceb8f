using System.Text;
using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores.Layout;

namespace Containerize.Stores;

/// <summary>
/// Base images whose layers cannot be sent as they lie in an archive or an engine: the layers are imported into the project's cache,
/// compressed, and manifest and config are kept beside it. So nothing of it is done again while the base stays the same.
/// </summary>
internal sealed class ImportedImages
{
    private const string Tag = "base";

    // Another build of the project may still use a folder of that age.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(1);

    private readonly string _folder;

    /// <summary>Uses a folder.</summary>
    /// <param name="cache">Where layers are kept.</param>
    /// <param name="folder">Where the documents are kept; it need not exist.</param>
    /// <param name="threads">How many blocks are compressed at once; has no influence on the bytes.</param>
    public ImportedImages(LayerCache cache, string folder, int threads)
    {
        Layers = new LayerImporter(cache, threads);
        _folder = folder;
    }

    /// <summary>Imports layers.</summary>
    public LayerImporter Layers { get; }

    /// <summary>The image that was imported before under the same key, or is now: afterwards all its layers lie in the cache.</summary>
    /// <param name="key">Says which image it is: by content, not by name.</param>
    /// <param name="import">Imports it; is given a folder for files that are not needed afterwards.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Image> GetAsync(string key, Func<string, Task<Image>> import, CancellationToken cancellationToken)
    {
        // A layer that another zlib has compressed is another layer.
        var place = Path.Combine(_folder, Digest.Of(Encoding.UTF8.GetBytes($"{LayerImporter.Codec}\n{key}")).Hex[..16]);
        var image = await FindAsync(place, cancellationToken).ConfigureAwait(false);
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

            await new OciLayout(place)
                .WriteAsync(ImageSet.Of(image), new ImageNames("containerize", [Tag]), withLayers: false, cancellationToken)
                .ConfigureAwait(false);
        }

        Tidy(place, DateTime.UtcNow);
        return image;
    }

    private async Task<Image?> FindAsync(string place, CancellationToken cancellationToken)
    {
        try
        {
            return await new OciLayout(place).ReadAsync(
                Tag,
                (descriptor, diffId, _) => Layers.Find(descriptor, diffId) ?? throw new FormatException($"The layer {diffId} is gone."),
                cancellationToken).ConfigureAwait(false);
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
        var folders = new DirectoryInfo(_folder).EnumerateDirectories();
        foreach (var old in folders.Where(old => old.FullName != current && old.LastWriteTimeUtc < now - LongestBuild))
            old.Delete(recursive: true);
    }
}
