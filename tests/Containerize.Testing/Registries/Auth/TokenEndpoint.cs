using System.Globalization;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Containerize.Testing.Registries.Auth;

/// <summary>
/// Where tokens come from. GET follows distribution's "Token Authentication Specification", POST its "Oauth2 Token
/// Authentication". A scope that is not allowed is left out of the grant without an error, as both documents ask.
/// </summary>
internal sealed class TokenEndpoint(
    TestRegistryAuth.Bearer options, ITokenIssuer tokens, TimeProvider clock, Func<string> service, Func<string, bool>? exists = null)
{
    public const string Path = "/token";

    private readonly List<TokenRequest> _requests = [];

    public IReadOnlyList<TokenRequest> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public void ClearRequests()
    {
        lock (_requests)
            _requests.Clear();
    }

    public async Task InvokeAsync(HttpContext context)
    {
        var isPost = HttpMethods.IsPost(context.Request.Method);
        if (isPost ? !options.OAuthPost : !options.Get || !HttpMethods.IsGet(context.Request.Method))
            throw new RegistryException(
                StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", $"This token endpoint does not know {context.Request.Method}.");

        var form = isPost ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        StringValues Parameter(string name) => isPost ? form[name] : context.Request.Query[name];
        var scopes = Parameter("scope").SelectMany(value => (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var caller = isPost ? Exchange(form) : Authenticate(context.Request);
        var status = Parameter("service") != service() ? StatusCodes.Status400BadRequest : caller.Status;
        lock (_requests)
        {
            _requests.Add(new TokenRequest(
                context.Request.Method, Parameter("service"), scopes, Parameter("account"), Parameter("client_id"),
                isPost ? form["grant_type"].ToString() : null, caller.User, status));
        }
        if (status == StatusCodes.Status200OK && options.RefusesUnknownRepositories
            && scopes.Select(AccessScope.Parse).Any(scope => scope is { Actions: ["pull"] } && exists?.Invoke(scope.Repository) == false))
            throw new RegistryException(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", "incorrect username or password");
        if (status != StatusCodes.Status200OK)
            throw new RegistryException(status, "UNAUTHORIZED", "No token for this request.");
        await AnswerAsync(context, caller.User, Grant(scopes, caller.User), isPost, Parameter("offline_token") == "true");
    }

    private (string? User, int Status) Authenticate(HttpRequest request)
    {
        if (request.Headers.Authorization.Count == 0)
            return (null, options.Anonymous == AnonymousAccess.Refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK);
        return BasicCredentials.Parse(request.Headers.Authorization) is { } given && IsUser(given.User, given.Password)
            ? (given.User, StatusCodes.Status200OK)
            : (null, StatusCodes.Status401Unauthorized);
    }

    private (string? User, int Status) Exchange(IFormCollection form)
    {
        // Both are required by the specification; servers in the wild refuse a request without them.
        if (string.IsNullOrEmpty(form["client_id"]) || string.IsNullOrEmpty(form["service"]))
            return (null, StatusCodes.Status400BadRequest);
        var user = (string?)form["grant_type"] switch
        {
            "refresh_token" => options.RefreshTokens.GetValueOrDefault(form["refresh_token"].ToString()),
            "password" when IsUser(form["username"].ToString(), form["password"].ToString()) => form["username"].ToString(),
            _ => null,
        };
        return (user, user is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK);
    }

    private bool IsUser(string user, string password) => options.Users.TryGetValue(user, out var expected) && expected == password;

    private IEnumerable<AccessScope> Read(IEnumerable<string> scopes)
    {
        var all = scopes.Select(AccessScope.Parse).OfType<AccessScope>();
        return options.Scopes switch
        {
            ScopeReading.First => all.Take(1),
            ScopeReading.LastOfRepository => all.GroupBy(scope => scope.Repository).Select(scopes => scopes.Last()),
            _ => all,
        };
    }

    private List<AccessScope> Grant(IEnumerable<string> scopes, string? user) =>
    [
        .. Read(scopes)
            .Select(scope => scope with { Actions = [.. scope.Actions.Where(action => IsAllowed(user, scope.Repository, action))] })
            .Where(scope => scope.Actions.Count > 0),
    ];

    private bool IsAllowed(string? user, string repository, string action)
    {
        if (options.Policy is { } policy)
            return policy(user, repository, action);
        return user is not null || options.Anonymous == AnonymousAccess.Everything || action == "pull";
    }

    private Task AnswerAsync(HttpContext context, string? user, List<AccessScope> granted, bool isPost, bool isLogin)
    {
        var answer = new JsonObject
        {
            [isPost ? "access_token" : options.TokenProperty] = tokens.Issue(user, granted, options.Lifetime),
            ["expires_in"] = (long)options.Lifetime.TotalSeconds,
            ["issued_at"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        if (isPost)
            answer["scope"] = string.Join(' ', granted);
        // What docker login asks for, and keeps in the place of the password.
        if (isLogin && options.RefreshTokens.FirstOrDefault(token => token.Value == user) is { Key: { } identity })
            answer["refresh_token"] = identity;
        return JsonResponse.WriteAsync(context, StatusCodes.Status200OK, answer);
    }
}
