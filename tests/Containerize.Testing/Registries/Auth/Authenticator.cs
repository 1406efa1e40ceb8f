using System.Net.Http.Headers;
using Containerize.Testing.Registries.Routing;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Auth;

/// <summary>Lets a request pass or answers it with a challenge.</summary>
internal sealed class Authenticator(TestRegistryOptions options, TokenStore tokens, RegistryHosts hosts)
{
    /// <summary>Throws 401, with the challenge unless the root alone has it, when the request may not do what its route is.</summary>
    public void Authorize(HttpRequest request, RegistryRoute route)
    {
        try
        {
            Check(request, route);
        }
        catch (RegistryException) when (options.ChallengesAtRoot && route.Kind != RouteKind.Ping)
        {
            throw new RegistryException(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "authentication required");
        }
    }

    private void Check(HttpRequest request, RegistryRoute route)
    {
        switch (options.Auth)
        {
            case TestRegistryAuth.Basic basic:
                AuthorizeBasic(request, basic);
                break;
            case TestRegistryAuth.Bearer:
                AuthorizeBearer(request, RequiredScopes(request, route));
                break;
        }
    }

    private static void AuthorizeBasic(HttpRequest request, TestRegistryAuth.Basic expected)
    {
        if (BasicCredentials.Parse(request.Headers.Authorization) != new BasicCredentials(expected.User, expected.Password))
            throw Unauthorized("Basic realm=\"test registry\"");
    }

    private void AuthorizeBearer(HttpRequest request, List<AccessScope> required)
    {
        var challenge = $"Bearer realm=\"{hosts.TokenAddress}\",service=\"{hosts.Service}\"";
        if (required.Count > 0)
            challenge += $",scope=\"{string.Join(' ', required)}\"";
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !string.Equals(header.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase))
            throw Unauthorized(challenge);
        if (tokens.Find(header.Parameter ?? "") is not { } granted)
            throw Unauthorized(challenge + ",error=\"invalid_token\"");
        if (!required.TrueForAll(scope => Covers(granted, scope)))
            throw Unauthorized(challenge + ",error=\"insufficient_scope\"");
    }

    /// <summary>What docker-registry asks for: pull to read, pull and push to write, and pull from where a blob is mounted from.</summary>
    private static List<AccessScope> RequiredScopes(HttpRequest request, RegistryRoute route)
    {
        if (route.Kind == RouteKind.Ping)
            return [];
        var scopes = new List<AccessScope> { new(route.Repository, RequiredActions(request.Method)) };
        if (route.Kind == RouteKind.UploadStart && (string?)request.Query["mount"] is { Length: > 0 }
            && (string?)request.Query["from"] is { Length: > 0 } from)
            scopes.Add(new AccessScope(from, ["pull"]));
        return scopes;
    }

    private static string[] RequiredActions(string method) => method switch
    {
        "GET" or "HEAD" => ["pull"],
        "DELETE" => ["delete"],
        _ => ["pull", "push"],
    };

    private static bool Covers(IReadOnlyList<AccessScope> granted, AccessScope required) => required.Actions.All(action =>
        granted.Any(scope => scope.Repository == required.Repository && (scope.Actions.Contains(action) || scope.Actions.Contains("*"))));

    private static RegistryException Unauthorized(string challenge) =>
        new(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "authentication required", ("WWW-Authenticate", challenge));
}
