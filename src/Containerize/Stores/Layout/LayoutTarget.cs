using Containerize.Images;

namespace Containerize.Stores.Layout;

/// <summary>An image on its way into a folder in the OCI image layout. Images of other names that the folder holds stay.</summary>
internal sealed class LayoutTarget(ImageSet images, string folder, ImageNames names) : IImageTarget
{
    private readonly OciLayout _layout = new(folder);

    /// <inheritdoc/>
    public string Place => folder;

    /// <inheritdoc/>
    public ImageNames Names => names;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public bool KeepsTags => true;

    /// <inheritdoc/>
    public string NameOf(string? tag) => $"{names.Repository}{(tag is null ? "" : ":" + tag)} in {folder}";

    /// <inheritdoc/>
    public Task<IImageTarget> PrepareAsync(CancellationToken cancellationToken)
    {
        _layout.EnsureFree();
        return Task.FromResult<IImageTarget>(this);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellationToken) =>
        _layout.TagsAsync(names.Repository, cancellationToken);

    /// <inheritdoc/>
    public Task<Digest?> FindTagAsync(string tag, CancellationToken cancellationToken) =>
        _layout.FindAsync(names.Repository, tag, cancellationToken);

    /// <inheritdoc/>
    public Task UploadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<string> CommitAsync(IReadOnlyList<string> tags, Action<string> arrived, CancellationToken cancellationToken)
    {
        var put = names with { Tags = tags };
        await _layout.WriteAsync(images, put, withLayers: true, cancellationToken).ConfigureAwait(false);
        foreach (var tag in tags)
            arrived($"{names.Repository}:{tag}");
        return $"{folder} ({put.WithTags.First()}@{images.Root.Descriptor.Digest}){ImageNames.Also(tags)}";
    }
}
