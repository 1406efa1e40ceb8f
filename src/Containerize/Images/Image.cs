namespace Containerize.Images;

/// <summary>An image whose parts are at hand.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The config that the manifest points to.</param>
/// <param name="Layers">The layers, in the manifest's order.</param>
internal sealed record Image(ImageManifest Manifest, ImageConfig Config, IReadOnlyList<ILayer> Layers) : IImage;
