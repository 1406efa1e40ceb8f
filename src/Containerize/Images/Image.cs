namespace Containerize.Images;

/// <summary>One image for one platform: manifest, config and layers, in agreement with each other.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The config that the manifest points to.</param>
/// <param name="Layers">The layers, in the manifest's order.</param>
internal sealed record Image(ImageManifest Manifest, ImageConfig Config, IReadOnlyList<ILayer> Layers);
