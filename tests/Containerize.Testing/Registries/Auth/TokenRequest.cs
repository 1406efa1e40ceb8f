namespace Containerize.Testing.Registries.Auth;

/// <summary>A request for a token.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Service">The <c>service</c> parameter.</param>
/// <param name="Scopes">The scopes in their order, several in one parameter taken apart.</param>
/// <param name="Account">The <c>account</c> parameter, or null.</param>
/// <param name="ClientId">The <c>client_id</c> parameter, or null.</param>
/// <param name="GrantType">Of a POST: <c>refresh_token</c> or <c>password</c>; otherwise null.</param>
/// <param name="User">Who asked, once that is proven; null is nobody.</param>
/// <param name="Status">Of the response.</param>
public sealed record TokenRequest(
    string Method,
    string? Service,
    IReadOnlyList<string> Scopes,
    string? Account,
    string? ClientId,
    string? GrantType,
    string? User,
    int Status);
