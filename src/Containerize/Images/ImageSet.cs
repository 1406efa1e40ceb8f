namespace Containerize.Images;

/// <summary>
/// What stands under a name: one image, or images for several platforms with their index. Places that images go to need not
/// tell them apart: blobs first, then the manifests, the root last.
/// </summary>
internal sealed class ImageSet
{
    private ImageSet(ImageDocument root, IReadOnlyList<Image> images, bool isIndex)
    {
        Root = root;
        Images = images;
        IsIndex = isIndex;
    }

    /// <summary>The document that the name stands for: the one manifest, or the index.</summary>
    public ImageDocument Root { get; }

    /// <summary>The images, in the index's order.</summary>
    public IReadOnlyList<Image> Images { get; }

    /// <summary>Whether <see cref="Root"/> is an index.</summary>
    public bool IsIndex { get; }

    /// <summary>The layers that travel, each once however many images share it.</summary>
    public IEnumerable<ILayer> Layers =>
        Images.SelectMany(image => image.Layers).DistinctBy(layer => layer.Descriptor.Digest.Hex)
            .Where(layer => !layer.Descriptor.IsForeign);

    /// <summary>The configs, each once.</summary>
    public IEnumerable<ImageDocument> Configs =>
        Images.Select(image => image.Config.Document).DistinctBy(config => config.Descriptor.Digest.Hex);

    /// <summary>The manifests below an index; none where the root is the one manifest.</summary>
    public IEnumerable<ImageDocument> Manifests => IsIndex ? Images.Select(image => image.Manifest.Document) : [];

    /// <summary>One image.</summary>
    public static ImageSet Of(Image image) => new(image.Manifest.Document, [image], isIndex: false);

    /// <summary>Images for several platforms.</summary>
    public static ImageSet Of(PlatformImages index) => new(index.Index.Document, index.Images, isIndex: true);

    /// <summary>The image that a machine of this architecture would run; the first where there is none.</summary>
    public Image For(string architecture) =>
        Images.FirstOrDefault(image => image.Config.Platform.Architecture == architecture) ?? Images[0];
}

/// <summary>Images for several platforms that are at hand.</summary>
/// <param name="Index">The index.</param>
/// <param name="Images">Its images, in the index's order.</param>
internal sealed record PlatformImages(ImageIndex Index, IReadOnlyList<Image> Images);
