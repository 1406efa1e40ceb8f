using Containerize.Hosting;
using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>
/// What tags of registries name before they are pushed: each is asked for once in a build, whether to find layers that need not be built,
/// to find that there is nothing to do, or to know which blobs are there. Safe for use by many at once.
/// </summary>
internal sealed class TagLookups
{
    private readonly RegistryClient _client;
    private readonly OncePerBuild<Key, Answer> _tags = new();

    /// <summary>Knows nothing yet.</summary>
    public TagLookups(RegistryClient client) => _client = client;

    /// <summary>The manifest or index that a tag names; null where there is none, or none that may be read.</summary>
    /// <exception cref="RegistryException">The registry does not answer.</exception>
    public async Task<ImageDocument?> GetAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        (await AnswerAsync(registry, repository, tag, cancellationToken).ConfigureAwait(false)).Document;

    /// <summary>Asks before it is needed.</summary>
    public Task PrefetchAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        _tags.PrefetchAsync(new Key(registry, repository, tag), token => AskAsync(registry, repository, tag, token), cancellationToken);

    /// <summary>What a tag names, and whether that may be read at all.</summary>
    internal Task<Answer> AnswerAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        _tags.GetAsync(new Key(registry, repository, tag), token => AskAsync(registry, repository, tag, token), cancellationToken);

    /// <summary>Tells what a tag names from now on.</summary>
    internal void Set(string registry, string repository, string tag, ImageDocument document) =>
        _tags.Set(new Key(registry, repository, tag), new Answer(document, MayBeRead: true));

    private async Task<Answer> AskAsync(string registry, string repository, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return new Answer(
                await _client.Repository(registry, repository, RegistryAccess.Push)
                    .GetManifestAsync(tag, cancellationToken).ConfigureAwait(false),
                MayBeRead: true);
        }
        catch (RegistryException e) when (IsUnreadable(e))
        {
            // The uploads tell what is really wrong.
            return new Answer(null, MayBeRead: false);
        }
    }

    /// <summary>Whether there is nothing to be read, which is no failure of the registry: who may push need not be allowed to.</summary>
    internal static bool IsUnreadable(RegistryException failure) =>
        failure.Failure is RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.Rejected
            or RegistryFailure.Misdirected or RegistryFailure.InvalidContent;

    /// <summary>What a registry has said of a tag.</summary>
    /// <param name="Document">What it names; null for nothing.</param>
    /// <param name="MayBeRead">Whether the registry tells.</param>
    internal sealed record Answer(ImageDocument? Document, bool MayBeRead);

    private sealed record Key(string Registry, string Repository, string Tag);
}
