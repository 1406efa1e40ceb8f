using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Containerize.Registries.Credentials;

namespace Containerize.Registries.Authentication;

/// <summary>
/// Answers a registry's challenges: Basic, and Bearer by way of its token server, anonymously too. Only requests to
/// the registry itself are ever given an Authorization header. A 401 is answered once.
/// </summary>
internal sealed class AuthenticationHandler(CredentialChain credentials, TokenService tokens, TokenCache cache, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    // What a registry asked for last time, so that later requests are authenticated at once.
    private readonly ConcurrentDictionary<string, (Challenge Challenge, Uri Answered)> _known = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = request.Call;
        request.Headers.Authorization = null;
        if (!call.Host.Owns(request.RequestUri!))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        AuthenticationHeaderValue? sent = null;
        if (_known.TryGetValue(call.Host.Authority, out var known))
            sent = await AnswerAsync(known.Challenge, known.Answered, call, call.Scopes, null, cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = sent;
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;

        AuthenticationHeaderValue? answer;
        try
        {
            var answered = request.RequestUri!;
            var challenge = await ChallengeOfAsync(response, call, answered, cancellationToken).ConfigureAwait(false);
            if (challenge is null)
                return response;
            _known[call.Host.Authority] = (challenge, answered);
            // The challenge may name more rights than was thought of.
            var named = Scope.ParseList(challenge["scope"]);
            // The token was asked for with all of them. What its server has left out once it leaves out again.
            if (challenge.LacksScope && sent?.Scheme == "Bearer" && Scope.Covers(call.Scopes, named))
                return Explained(response, call);
            var scopes = Scope.Merge(call.Scopes.Concat(named));
            answer = await AnswerAsync(challenge, answered, call, scopes, sent, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (answer is null || answer.Equals(sent))
            return Explained(response, call);
        response.Dispose();
        request.Headers.Authorization = answer;
        return Explained(await base.SendAsync(request, cancellationToken).ConfigureAwait(false), call);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            credentials.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The first challenge that can be answered; others (Negotiate) may stand before it.</summary>
    private async Task<Challenge?> ChallengeOfAsync(
        HttpResponseMessage response, RegistryCall call, Uri answered, CancellationToken cancellationToken)
    {
        var challenges = Challenge.Parse(Headers(response));
        if (challenges.Count == 0)
        {
            // gcr.io answers real requests with 401 and no challenge; the API's root has one.
            using var ping = new HttpRequestMessage(HttpMethod.Get, call.Host.Address("/v2/"));
            ping.Call = call;
            using var pong = await base.SendAsync(ping, cancellationToken).ConfigureAwait(false);
            challenges = Challenge.Parse(Headers(pong));
        }

        var usable = challenges.FirstOrDefault(challenge => challenge.CanBeAnswered)
            ?? challenges.FirstOrDefault(challenge => challenge.IsBearer);
        if (usable is null)
        {
            call.Authentication = challenges.Count == 0
                ? "It does not say how to authenticate."
                : "It offers only ways of authenticating that are not supported: "
                    + $"{ErrorText.List(challenges.Select(challenge => challenge.Scheme), longest: 40)}.";
        }

        return usable;
    }

    /// <summary>Tells a right that is missing from a password that is wrong: both are 401.</summary>
    private static HttpResponseMessage Explained(HttpResponseMessage response, RegistryCall call)
    {
        if (call.HasLogin && response.StatusCode == HttpStatusCode.Unauthorized
            && Challenge.Parse(Headers(response)).Any(challenge => challenge.LacksScope))
            call.Authentication += " The login was accepted, but does not allow this.";
        return response;
    }

    private static string[] Headers(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? [.. values] : [];

    /// <summary>The header that answers a challenge; null where there is nothing to answer with.</summary>
    private async Task<AuthenticationHeaderValue?> AnswerAsync(
        Challenge challenge,
        Uri answered,
        RegistryCall call,
        IReadOnlyList<Scope> scopes,
        AuthenticationHeaderValue? rejected,
        CancellationToken cancellationToken)
    {
        var lookup = await credentials.FindAsync(call.Host, call.Repository, call.Access, cancellationToken).ConfigureAwait(false);
        call.Authentication = lookup.Explanation;
        call.HasLogin = lookup.Credential is not null;
        if (challenge.IsBasic)
            return lookup.Credential?.ToBasic();
        if (lookup.Credential?.Kind == CredentialKind.RegistryToken)
            return new AuthenticationHeaderValue("Bearer", lookup.Credential.Secret);

        var token = await cache.GetAsync(
            call,
            scopes,
            rejected?.Parameter,
            () => tokens.FetchAsync(challenge, answered, call, scopes, lookup.Credential, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return new AuthenticationHeaderValue("Bearer", token.Value);
    }
}
