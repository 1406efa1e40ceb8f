using Containerize.Building;
using Containerize.Caching;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Stores;

namespace Containerize.Tasks;

/// <summary>
/// How the steps of a build hand the image on: an OCI layout below <c>obj</c> without the base's layers, which stay in
/// their registry. Steps may run in different processes, so nothing is handed on in memory.
/// </summary>
internal sealed class ImageFolder
{
    private const string BaseTag = "base";
    private const string ImageTag = "image";
    private readonly string _folder;

    public ImageFolder(string folder) => _folder = folder;

    /// <summary>The compressed layers: the layout's own blobs.</summary>
    public LayerCache Layers => new(Path.Combine(_folder, "blobs"));

    public Task WriteBaseAsync(IImage image, CancellationToken cancellationToken) =>
        new OciLayout(_folder).WriteAsync(image, new ImageNames("containerize", [BaseTag]), withLayers: false, cancellationToken);

    public Task WriteImageAsync(IImage image, CancellationToken cancellationToken) =>
        new OciLayout(_folder).WriteAsync(image, new ImageNames("containerize", [ImageTag]), withLayers: false, cancellationToken);

    public Task<IImage> ReadBaseAsync(ImagePlan plan, BaseResolver resolver, CancellationToken cancellationToken) => ReadAsync(BaseTag, plan, resolver, cancellationToken);

    public Task<IImage> ReadImageAsync(ImagePlan plan, BaseResolver resolver, CancellationToken cancellationToken) => ReadAsync(ImageTag, plan, resolver, cancellationToken);

    /// <summary>Removes what neither of these images needs: the folder holds one build.</summary>
    public void Tidy(params IImage[] images) => Layers.KeepOnly(images.SelectMany(image =>
        image.Layers.Select(layer => layer.Descriptor.Digest)
            .Append(image.Config.Document.Descriptor.Digest)
            .Append(image.Manifest.Document.Descriptor.Digest)));

    private async Task<IImage> ReadAsync(string tag, ImagePlan plan, BaseResolver resolver, CancellationToken cancellationToken)
    {
        IImage? image;
        try
        {
            image = await new OciLayout(_folder).ReadAsync(
                tag,
                (descriptor, diffId, path) => File.Exists(path) ? new FileLayer(path, descriptor, diffId) : resolver.LayerOf(plan, descriptor, diffId),
                cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw new IOException(e.Message, e);
        }

        var own = tag == ImageTag ? plan.Layers.Count : 0;
        return image is not null && image.Layers.TakeLast(own).All(layer => layer is FileLayer)
            ? image
            : throw new IOException($"The step before has left no whole '{tag}' in '{_folder}'");
    }
}
