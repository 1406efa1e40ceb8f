using Containerize.Images;

namespace Containerize.Stores.Archive;

/// <summary>An image on its way into a file, which then holds this image alone.</summary>
internal sealed class ArchiveTarget(ImageSet images, string path, ImageNames names) : IImageTarget
{
    /// <inheritdoc/>
    public string Place => path;

    /// <inheritdoc/>
    public ImageNames Names => names;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public bool KeepsTags => false;

    /// <inheritdoc/>
    public string NameOf(string? tag) => path;

    /// <inheritdoc/>
    public Task<IImageTarget> PrepareAsync(CancellationToken cancellationToken)
    {
        ImageArchive.EnsureFree(path);
        return Task.FromResult<IImageTarget>(this);
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
        await ImageArchive.WriteFileAsync(images, put, path, cancellationToken).ConfigureAwait(false);
        foreach (var name in put.WithTags)
            arrived(name);
        return $"{path} ({put.WithTags.First()}@{images.Root.Descriptor.Digest}){ImageNames.Also(tags)}; load it with: "
            + $"docker load --input \"{path}\"";
    }
}
