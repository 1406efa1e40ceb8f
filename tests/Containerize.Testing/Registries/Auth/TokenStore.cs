using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Containerize.Testing.Registries.Auth;

/// <summary>The tokens that were given out. They are random text: what a token says is nobody's business but the registry's.</summary>
internal sealed class TokenStore(TimeProvider clock) : ITokenIssuer
{
    private readonly ConcurrentDictionary<string, Token> _tokens = new(StringComparer.Ordinal);

    public string Issue(string? user, IReadOnlyList<AccessScope> granted, TimeSpan lifetime)
    {
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        _tokens[text] = new Token(granted, clock.GetUtcNow() + lifetime);
        return text;
    }

    /// <summary>What a token grants; null when it is unknown, expired or revoked.</summary>
    public IReadOnlyList<AccessScope>? Find(string token) =>
        _tokens.TryGetValue(token, out var found) && clock.GetUtcNow() < found.Expires ? found.Granted : null;

    public void RevokeAll() => _tokens.Clear();

    private sealed record Token(IReadOnlyList<AccessScope> Granted, DateTimeOffset Expires);
}
