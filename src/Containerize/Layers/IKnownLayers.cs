using Containerize.Images;

namespace Containerize.Layers;

/// <summary>Layers that are at an image's destination already, so that they need be neither compressed nor sent.</summary>
internal interface IKnownLayers
{
    /// <summary>Whether these compressed bytes are there.</summary>
    bool Holds(Digest blob);

    /// <summary>The layer that unpacks to a tar with this digest; null where there is none.</summary>
    Task<ILayer?> FindAsync(Digest diffId, CancellationToken cancellationToken);
}
