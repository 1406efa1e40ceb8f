using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Containerize.Images;
using Containerize.Registries.Credentials;
using Containerize.Registries.Endpoints;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Authentication;

/// <summary>
/// Fetches tokens (distribution, "Token Authentication Specification" and "OAuth2 Token Authentication"): with GET and
/// Basic or anonymously, and by POST where the credential is an identity token or the server does not know GET.
/// </summary>
internal sealed class TokenService(RegistryCaller caller, InsecureHosts insecure, TimeProvider clock)
{
    private const int AnswerLimit = 64 * 1024;
    private const string ClientId = "containerize";
    // The specification's default, and what is taken off so that a token does not expire on its way.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    public async Task<AccessToken> FetchAsync(
        Challenge challenge,
        Uri answered,
        RegistryCall call,
        IReadOnlyList<Scope> scopes,
        Credential? credential,
        CancellationToken cancellationToken)
    {
        var realm = Realm(challenge, answered, call);
        var service = challenge["service"] ?? call.Host.Authority; // OpenShift leaves it out.
        try
        {
            return await FetchAsync(realm, service, call, scopes, credential, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (scopes.Count > 1 && (int?)e.Status is >= 400 and < 500)
        {
            // Docker Hub and Harbor refuse the whole token when a mount's source is unknown to them. Without that right
            // the mount fails, but the upload does not.
            var own = await FetchAsync(realm, service, call, [scopes[0]], credential, cancellationToken).ConfigureAwait(false);
            return own with { AskedFor = scopes };
        }
    }

    private async Task<AccessToken> FetchAsync(
        Uri realm,
        string service,
        RegistryCall call,
        IReadOnlyList<Scope> scopes,
        Credential? credential,
        CancellationToken cancellationToken)
    {
        if (credential?.Kind == CredentialKind.IdentityToken)
        {
            using var post = await SendAsync(
                Post(realm, service, scopes, credential), realm, call, cancellationToken).ConfigureAwait(false);
            // Servers that know only the older protocol.
            if (!IsUnknown(post))
                return await ReadAsync(post, realm, call, scopes, cancellationToken).ConfigureAwait(false);
        }

        using var get = await SendAsync(Get(realm, service, scopes, credential), realm, call, cancellationToken).ConfigureAwait(false);
        if (credential?.Kind == CredentialKind.Password && IsUnknown(get))
        {
            using var post = await SendAsync(
                Post(realm, service, scopes, credential), realm, call, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(post, realm, call, scopes, cancellationToken).ConfigureAwait(false);
        }

        return await ReadAsync(get, realm, call, scopes, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsUnknown(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed;

    private static HttpRequestMessage Get(Uri realm, string service, IReadOnlyList<Scope> scopes, Credential? credential)
    {
        var query = new StringBuilder(realm.Query.TrimStart('?'));
        Append("service", service);
        foreach (var scope in scopes)
            Append("scope", scope.ToString());
        Append("client_id", ClientId);
        var request = new HttpRequestMessage(HttpMethod.Get, Addresses.Exactly($"{realm.GetLeftPart(UriPartial.Path)}?{query}"));
        request.Headers.Authorization = credential?.ToBasic();
        return request;

        void Append(string name, string value) =>
            query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private static HttpRequestMessage Post(Uri realm, string service, IReadOnlyList<Scope> scopes, Credential credential)
    {
        IEnumerable<KeyValuePair<string, string>> grant = credential.Kind == CredentialKind.IdentityToken
            ? [new("grant_type", "refresh_token"), new("refresh_token", credential.Secret)]
            : [new("grant_type", "password"), new("username", credential.User), new("password", credential.Secret)];
        return new HttpRequestMessage(HttpMethod.Post, realm)
        {
            Content = new FormUrlEncodedContent(
                [new("service", service), new("scope", string.Join(' ', scopes)), new("client_id", ClientId), .. grant]),
        };
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, Uri realm, RegistryCall call, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Call = new RegistryCall
            {
                Host = call.Host,
                Repository = call.Repository,
                Access = call.Access,
                What = $"a token (from '{CanonicalHost.AuthorityOf(realm)}') for {call.What}",
                Scopes = [],
                BufferLimit = AnswerLimit,
                BringsCredentials = true,
                Authentication = call.Authentication,
                HasLogin = call.HasLogin,
            };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            var response = await caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (request.Call.LostCredentials)
                request.Call.Authentication = call.Authentication += $" The token server sends on to '{request.Call.RedirectedTo}', "
                    + "which was asked without them.";
            return response;
        }
    }

    private async Task<AccessToken> ReadAsync(
        HttpResponseMessage response, Uri realm, RegistryCall call, IReadOnlyList<Scope> scopes, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        try
        {
            var root = Json.ParseObject(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            var value = root.OptionalString("token") is { Length: > 0 } token ? token : root.RequiredString("access_token");
            if (!AccessToken.CanBeSent(value))
                throw new FormatException("The token is not one.");
            var lifetime = root.TryGetProperty("expires_in", out var number) && number.ValueKind == JsonValueKind.Number
                && number.TryGetInt64(out var seconds) && seconds is > 0 and < int.MaxValue
                ? TimeSpan.FromSeconds(seconds) : DefaultLifetime;
            return new AccessToken(value, scopes, clock.GetUtcNow() + (lifetime > 2 * Margin ? lifetime - Margin : lifetime / 2));
        }
        catch (FormatException e)
        {
            throw new RegistryException(
                RegistryFailure.InvalidContent,
                $"The token server '{CanonicalHost.AuthorityOf(realm)}' of the registry '{call.Host}' sent no usable token: {e.Message}",
                call.Host.Name,
                call.Repository,
                response.StatusCode,
                e);
        }
    }

    /// <summary>Credentials go where the registry says, so what it says is looked at first (CVE-2026-48978 and its kin).</summary>
    private Uri Realm(Challenge challenge, Uri answered, RegistryCall call)
    {
        var text = challenge["realm"];
        var realm = Addresses.Resolve(answered, text);
        var reason = realm is null ? "that is no address of a token server"
            // The registry's own address gets the registry's own scheme, see SchemeHandler.
            : call.Host.Owns(realm) ? null
            : realm.Scheme != Uri.UriSchemeHttps && answered.Scheme == Uri.UriSchemeHttps && !insecure.Contains(answered)
            ? "it is not encrypted (https)"
            : DestinationGuard.Refuse(call.Host, insecure, answered, realm);
        return reason is null ? realm! : throw new RegistryException(
            RegistryFailure.Misdirected,
            $"The registry '{call.Host}' asks for a token from "
                + $"'{(realm is null ? ErrorText.Clean(text ?? "", 100) : TraceHandler.Redact(realm))}', which is not done: {reason}.",
            call.Host.Name,
            call.Repository);
    }
}
