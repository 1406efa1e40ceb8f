using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;

namespace Containerize.Building;

/// <summary>An image, and what came to light while it was built.</summary>
/// <param name="Image">The image.</param>
/// <param name="Placement">Where the plan's entries lie in it, and its files as far as they are known.</param>
internal sealed record BuiltImage(Image Image, Placement Placement);

/// <summary>Plan and base → image. The only network that it knows is what the base's layers may need later.</summary>
internal sealed class ImageBuilder
{
    // Reading and hashing take one processor for each; those that are compressed share all.
    private const int LayersAtOnce = 4;

    private readonly LayerBuilder _layers;

    /// <summary>Makes a builder.</summary>
    public ImageBuilder(LayerBuilder layers) => _layers = layers;

    /// <summary>
    /// Looks at the config of each image, and returns the value of <see cref="FitLabel"/>, or null for no label; null for no check.
    /// </summary>
    public Func<ImageConfig, Task<string?>>? Check { get; init; }

    /// <summary>Builds the image.</summary>
    /// <param name="plan">What to build.</param>
    /// <param name="baseImage">What to build on.</param>
    /// <param name="baseFiles">The base's files; may be null where <see cref="ImagePlan.NeedsBaseFiles"/> is false.</param>
    /// <param name="layerBuilt">Told of each layer, for the log.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">
    /// A file cannot be read (CTZ3003) or placed (CTZ3004, CTZ3006, CTZ3008), or the base does not fit the format (CTZ2005).
    /// </exception>
    public async Task<BuiltImage> BuildAsync(
        ImagePlan plan,
        Image baseImage,
        ImageTree? baseFiles,
        Action<string, ILayer>? layerBuilt,
        CancellationToken cancellationToken)
    {
        var format = plan.Format ?? FormatOn(baseImage, plan);
        var baseLayers = baseImage.Manifest.Layers.Select(layer => Converted(layer, format, plan)).ToList();

        var placement = EntryPlacement.Place(
            [.. plan.Layers.Select(layer => layer.Entries)], baseFiles ?? new ImageTree(), plan.BaseImage.ToString());
        var unbuilt = plan.Layers.Select((layer, i) => new Unbuilt(layer.Name, placement.Layers[i])).ToList();
        await Parallel.ForEachAsync(
            unbuilt,
            new ParallelOptions { MaxDegreeOfParallelism = LayersAtOnce, CancellationToken = cancellationToken },
            async (layer, token) =>
                layer.Built = await _layers.BuildAsync(layer.Entries, format, token).ConfigureAwait(false)).ConfigureAwait(false);
        var own = unbuilt.ConvertAll(layer => new NamedLayer(layer.Name, layer.Built!));
        foreach (var (name, layer) in own)
            layerBuilt?.Invoke(name, layer);

        var config = ConfigBuilder.Build(plan, baseImage, own, format);
        if (Check is not null && await Check(config).ConfigureAwait(false) is { } label)
            config = config.With(editor => editor.SetLabel(FitLabel.Name, label), format);
        var manifest = ImageManifest.Create(
            format,
            config.Document.Descriptor,
            [.. baseLayers, .. own.Select(layer => layer.Layer.Descriptor)],
            plan.AnnotationsIn(AnnotationScope.Manifest));
        return new BuiltImage(new Image(manifest, config, [.. baseImage.Layers, .. own.Select(layer => layer.Layer)]), placement);
    }

    /// <summary>Builds the image that has the plan's symbols alone; null where there are none.</summary>
    /// <exception cref="ContainerizeException">A file cannot be read (CTZ3003).</exception>
    public async Task<Image?> BuildSymbolsAsync(
        ImagePlan plan, ImageTree? baseFiles, ImageFormat format, CancellationToken cancellationToken)
    {
        if (plan.Symbols is not { } symbols)
            return null;
        // Where the application's files came to lie: laid over its image, the symbols are beside them.
        var placement = EntryPlacement.Place([symbols.Entries], baseFiles ?? new ImageTree(), plan.BaseImage.ToString());
        var layer = await _layers.BuildAsync(placement.Layers[0], format, cancellationToken).ConfigureAwait(false);
        var config = ConfigBuilder.BuildSymbols(plan, layer, format);
        return new Image(ImageManifest.Create(format, config.Document.Descriptor, [layer.Descriptor]), config, [layer]);
    }

    // OCI, whatever the base is: skopeo and umoci find nothing else in layouts and archives, and an image is to have one
    // digest at all its destinations. The exception is a health check, which podman supports in Docker's format alone (the OCI
    // config does not define it); but annotations are in the OCI format alone, and so are some layers (zstd), the base's or ours, and what
    // goes into a layout or an archive is for tools of OCI.
    private static ImageFormat FormatOn(Image baseImage, ImagePlan plan)
    {
        var isChecked = plan.Config.Healthcheck is { } own
            ? !own.IsNone
            : MediaTypes.FormatOf(baseImage.Manifest.Document.MediaType) == ImageFormat.Docker && baseImage.Config.HasHealthcheck;
        return isChecked && !plan.Destinations.Any(destination => destination.IsForOciTools)
            && plan.Annotations.Count == 0 && plan.Compression.MediaTypeIn(ImageFormat.Docker) is not null
            && baseImage.Manifest.Layers.All(layer => MediaTypes.ConvertLayer(layer.MediaType, ImageFormat.Docker) is not null)
            ? ImageFormat.Docker
            : ImageFormat.Oci;
    }

    private static Descriptor Converted(Descriptor layer, ImageFormat format, ImagePlan plan) =>
        MediaTypes.ConvertLayer(layer.MediaType, format) is { } mediaType
            ? mediaType == layer.MediaType ? layer : layer.WithMediaType(mediaType)
            : throw new ContainerizeException(
                ErrorCodes.BaseContentInvalid,
                $"The base image '{plan.BaseImage}' has a layer of the type '{layer.MediaType}', which an image in the {format} format "
                    + $"cannot hold. Set ContainerImageFormat to '{(format == ImageFormat.Oci ? "Docker" : "OCI")}', or choose "
                    + "another base.");

    private sealed record Unbuilt(string Name, IReadOnlyList<LayerEntry> Entries)
    {
        public ILayer? Built { get; set; }
    }
}
