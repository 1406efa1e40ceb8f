using System.Collections.Concurrent;

namespace Containerize.Registries.Authentication;

/// <summary>The tokens of one client, by registry, purpose and repository.</summary>
internal sealed class TokenCache(TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Authority, RegistryAccess Access, string Repository), Shelf> _shelves = new();

    /// <summary>A token that was asked for with at least these rights; fetched once however many ask at the same time.</summary>
    /// <param name="call">Whose token.</param>
    /// <param name="scopes">The rights.</param>
    /// <param name="rejected">A token that the registry has just refused, and that is not handed out again; or null.</param>
    /// <param name="fetch">Fetches a new one.</param>
    /// <param name="cancellationToken">Ends waiting and fetching.</param>
    public async Task<AccessToken> GetAsync(
        RegistryCall call,
        IReadOnlyList<Scope> scopes,
        string? rejected,
        Func<Task<AccessToken>> fetch,
        CancellationToken cancellationToken)
    {
        var shelf = _shelves.GetOrAdd((call.Host.Authority, call.Access, call.Repository), _ => new Shelf());
        await shelf.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = clock.GetUtcNow();
            shelf.Tokens.RemoveAll(token => token.Expires <= now || token.Value == rejected);
            if (shelf.Tokens.Find(token => Scope.Covers(token.AskedFor, scopes)) is { } known)
                return known;
            var fetched = await fetch().ConfigureAwait(false);
            shelf.Tokens.Add(fetched);
            return fetched;
        }
        finally
        {
            shelf.Gate.Release();
        }
    }

    private sealed class Shelf
    {
        // Never disposed: its wait handle is not used, so there is nothing to dispose.
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public List<AccessToken> Tokens { get; } = [];
    }
}
