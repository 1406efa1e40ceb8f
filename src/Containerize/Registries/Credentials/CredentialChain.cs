using System.Collections.Concurrent;

namespace Containerize.Registries.Credentials;

/// <summary>Asks one source after the other, once for every repository: a helper may open a window or take a second.</summary>
internal sealed class CredentialChain(IReadOnlyList<ICredentialSource> sources) : IDisposable
{
    private readonly ConcurrentDictionary<(string Authority, string Repository, RegistryAccess Access), CredentialLookup> _known = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    public async Task<CredentialLookup> FindAsync(
        RegistryHost host, string repository, RegistryAccess access, CancellationToken cancellationToken)
    {
        var key = (host.Authority, repository, access);
        if (_known.TryGetValue(key, out var known))
            return known;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_known.TryGetValue(key, out known))
                _known[key] = known = await SearchAsync(
                    new CredentialQuery(host, repository, access), cancellationToken).ConfigureAwait(false);
            return known;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<CredentialLookup> SearchAsync(CredentialQuery query, CancellationToken cancellationToken)
    {
        var looked = new List<string>();
        foreach (var source in sources)
        {
            if (await source.FindAsync(query, looked, cancellationToken).ConfigureAwait(false) is { } credential)
                return new CredentialLookup(credential, $"Used: {credential}.");
        }

        return new CredentialLookup(null, $"No credentials for '{query.Host}' were found; looked for in: {string.Join(", ", looked)}.");
    }
}
