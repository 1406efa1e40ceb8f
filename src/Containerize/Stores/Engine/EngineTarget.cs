using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Stores.Engine;

/// <summary>An image on its way into a container engine of this machine.</summary>
/// <param name="processes">Runs the engine's program.</param>
/// <param name="images">The image.</param>
/// <param name="name">A name from <see cref="ContainerEngine.Names"/>; empty for whichever answers.</param>
/// <param name="names">The image's names.</param>
/// <param name="standIn">Takes the image where no engine is named and none answers; null where that is an error.</param>
internal sealed class EngineTarget(IProcessRunner processes, ImageSet images, string name, ImageNames names, IImageTarget? standIn)
    : IImageTarget
{
    private ContainerEngine? _engine;

    /// <inheritdoc/>
    public string Place => _engine?.Name ?? name;

    /// <inheritdoc/>
    public ImageNames Names => names;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public bool KeepsTags => false;

    /// <inheritdoc/>
    public string NameOf(string? tag) => $"{names.Repository}{(tag is null ? "" : ":" + tag)} in {Place}";

    /// <inheritdoc/>
    public async Task<IImageTarget> PrepareAsync(CancellationToken cancellationToken)
    {
        var isNamed = name.Length > 0;
        _engine = await ContainerEngine.FindAsync(
            processes, isNamed ? [name] : ContainerEngine.Names, names, cancellationToken).ConfigureAwait(false);
        if (_engine is not null)
            return this;
        if (!isNamed && standIn is not null)
            return await standIn.PrepareAsync(cancellationToken).ConfigureAwait(false);
        throw new ContainerizeException(
            ErrorCodes.EngineMissing,
            $"The image should be loaded into {name}, but '{name.ToLowerInvariant()} version' failed, or {name} is not installed. "
                + "Start it, "
                + $"choose another engine ({string.Join(", ", ContainerEngine.Names)}), or set ContainerRegistry or "
                + "ContainerArchiveOutputPath.");
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <inheritdoc/>
    public Task<Digest?> FindTagAsync(string tag, CancellationToken cancellationToken) => Task.FromResult<Digest?>(null);

    /// <inheritdoc/>
    public Task UploadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<string> CommitAsync(IReadOnlyList<string> tags, Action<string> arrived, CancellationToken cancellationToken)
    {
        var put = names with { Tags = tags };
        await _engine!.LoadAsync(images, put, cancellationToken).ConfigureAwait(false);
        foreach (var loaded in put.WithTags)
            arrived(loaded);
        return $"{put.WithTags.First()}{ImageNames.Also(tags)} in {Place}";
    }
}
