namespace Containerize.Testing.Registries.Auth;

/// <summary>How a <see cref="TestRegistry"/> wants to be logged in to.</summary>
public abstract record TestRegistryAuth
{
    private TestRegistryAuth()
    {
    }

    /// <summary>No login.</summary>
    public static TestRegistryAuth None { get; } = new NoAuth();

    /// <summary>Name and password with every request (RFC 7617), as with docker-registry's htpasswd.</summary>
    /// <param name="User">The one user.</param>
    /// <param name="Password">The user's password.</param>
    public sealed record Basic(string User, string Password) : TestRegistryAuth;

    /// <summary>
    /// Tokens of the registry's own token endpoint (distribution, "Token Authentication Specification" and "Oauth2 Token
    /// Authentication"): <c>GET /token?service=…&amp;scope=…</c> with or without name and password, and <c>POST /token</c>.
    /// </summary>
    public sealed record Bearer : TestRegistryAuth
    {
        /// <summary>Names and their passwords.</summary>
        public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

        /// <summary>Identity tokens, which POST trades for access tokens, and the user of each.</summary>
        public IReadOnlyDictionary<string, string> RefreshTokens { get; init; } = new Dictionary<string, string>();

        /// <summary>What one may do without a name.</summary>
        public AnonymousAccess Anonymous { get; init; } = AnonymousAccess.Pull;

        /// <summary>
        /// Whether a user (null is nobody) may do an action in a repository. Without this, users may do everything and
        /// nobody what <see cref="Anonymous"/> says.
        /// </summary>
        public Func<string?, string, string, bool>? Policy { get; init; }

        /// <summary>How long a token is good for.</summary>
        public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

        /// <summary>
        /// The name of the token in the answer: <c>token</c>, or <c>access_token</c> as some servers have it. POST always uses the second.
        /// </summary>
        public string TokenProperty { get; init; } = "token";

        /// <summary>Whether the endpoint knows POST; without it the answer is 405 and the client falls back to GET.</summary>
        public bool OAuthPost { get; init; } = true;

        /// <summary>What is made of several scopes.</summary>
        public ScopeReading Scopes { get; init; }

        /// <summary>
        /// Whether a scope that may only read a repository in which there is nothing ends in 401 (Docker Hub); otherwise it is left out of
        /// the grant.
        /// </summary>
        public bool RefusesUnknownRepositories { get; init; }

        /// <summary>Whether the endpoint knows GET; without it the answer is 405 and the client falls back to POST.</summary>
        public bool Get { get; init; } = true;

        /// <summary>Whether the endpoint is a host of its own, as with Docker Hub; otherwise it is a path of the registry's.</summary>
        public bool OwnHost { get; init; }
    }

    private sealed record NoAuth : TestRegistryAuth;
}
