using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using static Containerize.Tests.Testing.RegistryCalls;

namespace Containerize.Tests.Testing;

public sealed class TestRegistryAuthTests
{
    private static readonly TestRegistryAuth.Bearer Tokens = new()
    {
        Users = new Dictionary<string, string> { ["ann"] = "p:w" },
        RefreshTokens = new Dictionary<string, string> { ["identity"] = "ann" },
    };

    [Fact]
    public async Task Basic_wants_name_and_password()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = new TestRegistryAuth.Basic("ann", "p:w") });
        var challenge = await registry.SendAsync("GET", "/v2/");
        Assert.Equal(
            (HttpStatusCode.Unauthorized, "Basic realm=\"test registry\""),
            (challenge.StatusCode, HeaderOf(challenge, "WWW-Authenticate")));
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/", null, ("Authorization", Basic("ann", "p:w")))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", "/v2/", null, ("Authorization", Basic("ann", "no")))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", "/v2/", null, ("Authorization", "Basic %%%"))).StatusCode);
    }

    [Fact]
    public async Task A_challenge_names_realm_service_and_scope()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = Tokens });
        var start = $"Bearer realm=\"http://{registry.Host}/token\",service=\"{registry.Host}\"";
        Assert.Equal(start, HeaderOf(await registry.SendAsync("GET", "/v2/"), "WWW-Authenticate"));
        Assert.Equal(
            start + ",scope=\"repository:a/b:pull\"",
            HeaderOf(await registry.SendAsync("GET", "/v2/a/b/tags/list"), "WWW-Authenticate"));
        Assert.Equal(
            start + ",scope=\"repository:to:pull,push repository:from:pull\"",
            HeaderOf(await registry.SendAsync("POST", $"/v2/to/blobs/uploads/?mount={DigestOf([])}&from=from"), "WWW-Authenticate"));
        Assert.Equal(
            start + ",scope=\"repository:a:delete\",error=\"invalid_token\"",
            HeaderOf(
                await registry.SendAsync("DELETE", $"/v2/a/blobs/{DigestOf([])}", null, ("Authorization", "Bearer x")),
                "WWW-Authenticate"));
    }

    [Fact]
    public async Task An_anonymous_token_pulls_and_does_not_push()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = Tokens });
        registry.PutBlob("app", "x"u8);
        var token = await GetTokenAsync(registry, "&scope=repository:app:pull,push");
        Assert.Equal(
            HttpStatusCode.OK,
            (await registry.SendAsync("HEAD", $"/v2/app/blobs/{DigestOf("x"u8.ToArray())}", null, Bearer(token))).StatusCode);
        var push = await registry.SendAsync("POST", "/v2/app/blobs/uploads/", null, Bearer(token));
        Assert.Equal(HttpStatusCode.Unauthorized, push.StatusCode);
        Assert.EndsWith("error=\"insufficient_scope\"", HeaderOf(push, "WWW-Authenticate"), StringComparison.Ordinal);

        var request = Assert.Single(registry.TokenRequests);
        Assert.Equal(("GET", registry.Host, null, 200), (request.Method, request.Service, request.User, request.Status));
        Assert.Equal(["repository:app:pull,push"], request.Scopes);
        Assert.DoesNotContain(registry.Requests, recorded => recorded.Path == "/token");
    }

    [Fact]
    public async Task A_user_s_token_is_for_its_repositories_only()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = Tokens });
        var token = await GetTokenAsync(
            registry,
            "&scope=repository:app:pull,push&scope=repository:base:pull%20repository:more:pull&account=ann",
            Basic("ann", "p:w"));
        Assert.Equal(HttpStatusCode.Accepted, (await registry.SendAsync("POST", "/v2/app/blobs/uploads/", null, Bearer(token))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await registry.SendAsync("POST", "/v2/base/blobs/uploads/", null, Bearer(token))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", "/v2/more/tags/list", null, Bearer(token))).StatusCode);
        var request = Assert.Single(registry.TokenRequests);
        Assert.Equal(["repository:app:pull,push", "repository:base:pull", "repository:more:pull"], request.Scopes);
        Assert.Equal(("ann", "ann"), (request.User, request.Account));
    }

    [Fact]
    public async Task Wrong_credentials_a_wrong_service_and_nobody_get_no_token()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = Tokens with { Anonymous = AnonymousAccess.Refused } });
        Assert.Equal(HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", $"/token?service={registry.Host}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await registry.SendAsync("GET", $"/token?service={registry.Host}", null, ("Authorization", Basic("ann", "no")))).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await registry.SendAsync("GET", "/token?service=other", null, ("Authorization", Basic("ann", "p:w")))).StatusCode);
        Assert.Equal([401, 401, 400], registry.TokenRequests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_policy_decides_repository_by_repository()
    {
        await using var registry = await TestRegistry.StartAsync(
            new() { Auth = Tokens with { Policy = (user, repository, action) => user == "ann" && repository == "mine" } });
        var token = await GetTokenAsync(registry, "&scope=repository:mine:pull&scope=repository:theirs:pull", Basic("ann", "p:w"));
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", "/v2/mine/tags/list", null, Bearer(token))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", "/v2/theirs/tags/list", null, Bearer(token))).StatusCode);
    }

    [Fact]
    public async Task Tokens_expire_and_are_revoked()
    {
        var clock = new StoppedClock();
        await using var registry = await TestRegistry.StartAsync(
            new() { Auth = Tokens with { Lifetime = TimeSpan.FromSeconds(60) }, Clock = clock });
        var token = await GetTokenAsync(registry, "");
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/", null, Bearer(token))).StatusCode);
        clock.Now += TimeSpan.FromSeconds(60);
        Assert.Equal(HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", "/v2/", null, Bearer(token))).StatusCode);
        var second = await GetTokenAsync(registry, "");
        registry.RevokeTokens();
        Assert.Equal(HttpStatusCode.Unauthorized, (await registry.SendAsync("GET", "/v2/", null, Bearer(second))).StatusCode);
    }

    [Fact]
    public async Task An_identity_token_is_traded_by_post()
    {
        await using var registry = await TestRegistry.StartAsync(new() { Auth = Tokens with { OwnHost = true } });
        Assert.NotEqual(registry.Host, registry.TokenHost);
        var body = $"grant_type=refresh_token&service={registry.Host}&client_id=test&scope=repository%3Aapp%3Apull%2Cpush&refresh_token=";
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(registry, body + "wrong")).StatusCode);
        var response = await PostAsync(registry, body + "identity");
        var token = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["access_token"]!;
        Assert.Equal(HttpStatusCode.Accepted, (await registry.SendAsync("POST", "/v2/app/blobs/uploads/", null, Bearer(token))).StatusCode);
        var request = registry.TokenRequests[1];
        Assert.Equal(("POST", "refresh_token", "ann", "test"), (request.Method, request.GrantType, request.User, request.ClientId));
    }

    [Fact]
    public async Task Post_can_be_absent_and_the_token_can_have_its_other_name()
    {
        await using var registry = await TestRegistry.StartAsync(
            new() { Auth = Tokens with { OAuthPost = false, TokenProperty = "access_token" } });
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await PostAsync(registry, "grant_type=password")).StatusCode);
        Assert.NotEmpty(await GetTokenAsync(registry, "", property: "access_token"));
    }

    private static (string, string) Bearer(string token) => ("Authorization", "Bearer " + token);

    private static async Task<string> GetTokenAsync(
        TestRegistry registry, string query, string? authorization = null, string property = "token")
    {
        var response = await registry.SendAsync(
            "GET", $"/token?service={registry.Host}{query}", null, authorization is null ? [] : [("Authorization", authorization)]);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())![property]!;
    }

    private static Task<HttpResponseMessage> PostAsync(TestRegistry registry, string form)
    {
        var http = new HttpClient();
        return http.PostAsync(
            $"http://{registry.TokenHost}/token", new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"));
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
