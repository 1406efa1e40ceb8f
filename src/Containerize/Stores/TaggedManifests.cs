using Containerize.Hosting;
using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores;

/// <summary>
/// What tags of registries name before they are pushed: each is asked for once in a build, whether to find layers that need not be built, to
/// find that there is nothing to do, or to know which blobs are there. Safe for use by many at once.
/// </summary>
public sealed class TaggedManifests
{
    private readonly RegistryClient _client;
    private readonly AskedOnce<Key, ImageDocument?> _tags = new();

    /// <summary>Knows nothing yet.</summary>
    public TaggedManifests(RegistryClient client) => _client = client;

    /// <summary>The manifest or index that a tag names; null where there is none, or none that may be read.</summary>
    /// <exception cref="RegistryException">The registry does not answer.</exception>
    public Task<ImageDocument?> GetAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        _tags.GetAsync(new Key(registry, repository, tag), token => AskAsync(registry, repository, tag, token), cancellationToken);

    /// <summary>Asks ahead, while something else is done.</summary>
    public Task BeginAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        _tags.BeginAsync(new Key(registry, repository, tag), token => AskAsync(registry, repository, tag, token), cancellationToken);

    /// <summary>Tells what a tag names from now on.</summary>
    internal void Set(string registry, string repository, string tag, ImageDocument document) => _tags.Set(new Key(registry, repository, tag), document);

    private async Task<ImageDocument?> AskAsync(string registry, string repository, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.Repository(registry, repository, RegistryAccess.Push).GetManifestAsync(tag, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (IsUnreadable(e))
        {
            // The uploads tell what is really wrong.
            return null;
        }
    }

    /// <summary>Whether there is nothing to be read, which is no failure of the registry: who may push need not be allowed to.</summary>
    internal static bool IsUnreadable(RegistryException failure) =>
        failure.Failure is RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.Rejected or RegistryFailure.InvalidContent;

    private sealed record Key(string Registry, string Repository, string Tag);
}
