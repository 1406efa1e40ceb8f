using System.Net;
using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>An image on its way to a registry.</summary>
internal sealed class RegistryTarget : IImageTarget
{
    private readonly ImageSet _images;
    private readonly RegistryRepository _repository;
    private readonly RegistryPush _push;

    /// <summary>Prepares a push; nothing is sent yet.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="tagged">What tags name now, as far as this build has asked already.</param>
    /// <param name="images">What is pushed.</param>
    /// <param name="registry">The registry's host.</param>
    /// <param name="names">The repository there, and the tags.</param>
    /// <param name="notice">Is told that everything is sent once more, and why.</param>
    public RegistryTarget(
        RegistryClient client, TagLookups tagged, ImageSet images, string registry, ImageNames names, Action<string>? notice)
    {
        _images = images;
        (Place, Names) = (registry, names);
        _repository = client.Repository(registry, names.Repository, RegistryAccess.Push);
        _push = new RegistryPush(client, tagged, images, registry, names.Repository, notice);
    }

    /// <inheritdoc/>
    public string Place { get; }

    /// <inheritdoc/>
    public ImageNames Names { get; }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public bool KeepsTags => true;

    /// <inheritdoc/>
    public string NameOf(string? tag) => $"{Place}/{Names.Repository}{(tag is null ? "" : ":" + tag)}";

    /// <inheritdoc/>
    public Task<IImageTarget> PrepareAsync(CancellationToken cancellationToken) => Task.FromResult<IImageTarget>(this);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _repository.ListTagsAsync(cancellationToken).ConfigureAwait(false) ?? [];
        }
        catch (RegistryException e) when (IsNoList(e))
        {
            throw new ContainerizeException(
                ErrorCodes.TagsUnlisted,
                $"Which tags of '{NameOf(null)}' may move cannot be decided, because its tags cannot be listed. {e.Message} "
                    + "Log in as a user who may read there, or set ContainerTagPolicy to 'Version', which moves no tags.",
                e);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPush(e, NameOf(null));
        }
    }

    /// <inheritdoc/>
    public async Task<Digest?> FindTagAsync(string tag, CancellationToken cancellationToken)
    {
        try
        {
            return (await _repository.HeadManifestAsync(tag, cancellationToken).ConfigureAwait(false))?.Digest;
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPush(e, NameOf(tag));
        }
    }

    /// <inheritdoc/>
    public Task UploadAsync(CancellationToken cancellationToken) =>
        WithErrorCodesAsync(() => _push.UploadAsync(Names.Tags[0], cancellationToken));

    /// <inheritdoc/>
    public async Task<string> CommitAsync(IReadOnlyList<string> tags, Action<string> arrived, CancellationToken cancellationToken)
    {
        await WithErrorCodesAsync(() => _push.TagAsync(tags, tag => arrived(NameOf(tag)), cancellationToken)).ConfigureAwait(false);
        return $"{NameOf(tags[0])}@{_images.Root.Descriptor.Digest}{ImageNames.Also(tags)}";
    }

    // What another registry answers, which layers are read from, is the caller's.
    private async Task WithErrorCodesAsync(Func<Task> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (RegistryException e) when (e.Registry == _repository.Registry && (e.Repository is null || e.Repository == _repository.Name))
        {
            throw RegistryErrors.OnPush(e, NameOf(Names.Tags[0]));
        }
    }

    // What trying again does not change. Other failures are those that any request may have.
    private static bool IsNoList(RegistryException e) => e.Failure switch
    {
        RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.NotFound
            or RegistryFailure.Misdirected or RegistryFailure.InvalidContent => true,
        RegistryFailure.Rejected => e.Status is null or HttpStatusCode.NotImplemented
            || (int)e.Status < 500 && e.Status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout),
        _ => false,
    };
}
