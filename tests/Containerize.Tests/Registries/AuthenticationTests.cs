using System.Net;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

public sealed class AuthenticationTests
{
    private static readonly byte[] Layer = Harness.Bytes(1000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);

    [Theory]
    [InlineData("token", false)]
    [InlineData("access_token", true)]
    public async Task An_anonymous_token_is_fetched_once(string property, bool ownHost)
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { TokenProperty = property, OwnHost = ownHost });
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "base");
        Assert.NotNull(await repository.GetManifestAsync("latest", default));
        Assert.NotNull(await repository.GetManifestAsync("latest", default));
        Assert.Equal([401, 200, 200], registry.Requests.Select(r => r.Status));
        var token = Assert.Single(registry.TokenRequests);
        Assert.Equal(
            ("GET", "repository:base:pull", (string?)null, "containerize"),
            (token.Method, string.Join('|', token.Scopes), token.User, token.ClientId));
        // The next repository knows already where tokens come from.
        Assert.Null(await harness.Client.Repository(registry.Host, "other").GetManifestAsync("latest", default));
        Assert.Equal(404, registry.Requests[^1].Status);
        Assert.Equal(4, registry.Requests.Count);
        Assert.Equal(["repository:other:pull"], registry.TokenRequests[^1].Scopes);
    }

    [Fact]
    public async Task A_token_is_fetched_anew_shortly_before_it_expires()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Lifetime = TimeSpan.FromMinutes(5) });
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "base");
        await repository.GetManifestAsync("latest", default);
        harness.Clock.Advance(TimeSpan.FromSeconds(289));
        await repository.GetManifestAsync("latest", default);
        Assert.Single(registry.TokenRequests);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        await repository.GetManifestAsync("latest", default);
        Assert.Equal(2, registry.TokenRequests.Count);
        Assert.Equal([401, 200, 200, 200], registry.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_token_that_is_no_longer_accepted_is_replaced_in_the_middle_of_an_upload()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Everything });
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app", RegistryAccess.Push);
        registry.Faults.Add("PUT", "/uploads/", 1, (context, next) =>
        {
            registry.RevokeTokens();
            return next(context);
        });
        await repository.UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default);
        Assert.Equal(["POST 401", "POST 202", "PUT 401", "PUT 201"], registry.Requests.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task Many_requests_at_once_fetch_one_token()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer());
        using var harness = new Harness();
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => harness.Client.Repository(registry.Host, "base").GetManifestAsync("latest", default)));
        Assert.Single(registry.TokenRequests);
    }

    [Fact]
    public async Task Users_get_tokens_with_Basic_in_UTF8()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer
        {
            Users = new Dictionary<string, string> { ["jürgen"] = "päß:wörd" },
            Anonymous = AnonymousAccess.Refused,
        });
        using var harness = new Harness().WithPushUser("jürgen", "päß:wörd");
        await UploadAsync(harness, registry);
        var token = Assert.Single(registry.TokenRequests);
        Assert.Equal(("jürgen", "repository:app:pull,push"), (token.User, string.Join('|', token.Scopes)));
        Assert.DoesNotContain(harness.Trace, line => line.Contains("wörd", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "POST refresh_token")]
    [InlineData(false, "POST  | GET ")]
    public async Task An_identity_token_is_exchanged_by_POST(bool oauthPost, string expected)
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer
        {
            RefreshTokens = new Dictionary<string, string> { ["the-identity-token"] = "u" },
            Users = new Dictionary<string, string> { ["<token>"] = "the-identity-token" },
            Anonymous = AnonymousAccess.Refused,
            OAuthPost = oauthPost,
        });
        using var harness = new Harness();
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] =
            "{\"auths\":{\"" + registry.Host + "\":{\"username\":\"<token>\",\"identitytoken\":\"the-identity-token\"}}}";
        await UploadAsync(harness, registry);
        if (oauthPost)
            Assert.Equal(expected, string.Join(" | ", registry.TokenRequests.Select(t => $"{t.Method} {t.GrantType}")));
        else
            Assert.Equal(["POST 405", "GET 200"], registry.TokenHttpRequests.Select(r => $"{r.Method} {r.Status}"));
        Assert.DoesNotContain(harness.Trace, line => line.Contains("the-identity-token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Basic_is_sent_at_once_when_it_is_known_to_be_wanted()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Basic("u", "p"));
        using var harness = new Harness().WithPushUser("u", "p");
        await UploadAsync(harness, registry);
        Assert.Equal(["POST 401", "POST 202", "PUT 201"], registry.Requests.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task Wrong_credentials_are_named_with_their_source_and_tried_once()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Basic("u", "p"));
        using var harness = new Harness().WithPushUser("me", "wr0ng");
        var exception = await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(harness, registry));
        Assert.Equal((RegistryFailure.Unauthorized, HttpStatusCode.Unauthorized), (exception.Failure, exception.Status));
        Assert.EndsWith(
            "Used: the user 'me' from DOTNET_CONTAINER_PUSH_REGISTRY_UNAME and DOTNET_CONTAINER_PUSH_REGISTRY_PWORD.",
            exception.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal([401, 401], registry.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task Missing_credentials_are_told_with_the_places_that_were_looked_at()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Refused });
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository(registry.Host, "base").GetManifestAsync("latest", default));
        Assert.Equal(RegistryFailure.Unauthorized, exception.Failure);
        Assert.StartsWith(
            $"The registry '{registry.Host}' was asked for a token (from '{registry.TokenHost}') for the manifest 'base:latest' and "
                + "answered 401 (Unauthorized): UNAUTHORIZED",
            exception.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            $"No credentials for '{registry.Host}' were found; looked for in: DOTNET_CONTAINER_PULL_REGISTRY_UNAME/_PWORD, ",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fewer_rights_than_asked_for_are_reported_and_not_asked_for_again_and_again()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer());
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(harness, registry));
        Assert.True(exception.Failure is RegistryFailure.Unauthorized or RegistryFailure.Denied);
        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task A_mount_asks_for_the_right_to_read_its_source_too()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Everything });
        registry.PutBlob("base", Layer);
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app", RegistryAccess.Push);
        Assert.False(await repository.BlobExistsAsync(LayerDescriptor.Digest, default));
        Assert.True(await repository.TryMountAsync(LayerDescriptor.Digest, "base", default));
        Assert.Equal(
            ["repository:app:pull,push", "repository:app:pull,push|repository:base:pull"],
            registry.TokenRequests.Select(token => string.Join('|', token.Scopes)));
        // A token with more rights serves for less.
        Assert.True(await repository.BlobExistsAsync(LayerDescriptor.Digest, default));
        Assert.Equal(2, registry.TokenRequests.Count);
        Assert.Equal([401, 404, 201, 200], registry.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task A_token_server_that_refuses_the_source_of_a_mount_does_not_hinder_the_upload()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Everything });
        registry.Faults.Add("GET", "/token.*private", FaultScript.Always, Fault.Status(401, """{"details":"unknown repository"}"""));
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app", RegistryAccess.Push);
        Assert.False(await repository.TryMountAsync(LayerDescriptor.Digest, "private", default));
        await repository.UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default);
        Assert.Equal(Layer, registry.FindBlob("app", LayerDescriptor.Digest.ToString()));
    }

    [Fact]
    public async Task A_right_that_is_not_granted_is_not_asked_for_with_every_mount()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer { Policy = (_, repository, _) => repository == "app" });
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app", RegistryAccess.Push);
        for (var size = 1; size <= 3; size++)
            Assert.False(await repository.TryMountAsync(Harness.LayerOf(Harness.Bytes(size)).Digest, "private", default));
        await repository.UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default);
        Assert.Equal(
            ["repository:app:pull,push|repository:private:pull"], registry.TokenRequests.Select(token => string.Join('|', token.Scopes)));
        Assert.Equal(
            ["POST 401", "POST 401", "POST 401", "POST 401", "POST 202", "PUT 201"],
            registry.Requests.Select(r => $"{r.Method} {r.Status}"));
    }

    [Fact]
    public async Task A_login_without_the_right_is_told_from_one_that_is_wrong()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer
        {
            Users = new Dictionary<string, string> { ["reader"] = "p" },
            Policy = (_, _, action) => action == "pull",
        });
        using var right = new Harness().WithPushUser("reader", "p");
        using var wrong = new Harness().WithPushUser("reader", "wr0ng");
        using var none = new Harness();
        const string Used = "Used: the user 'reader' from DOTNET_CONTAINER_PUSH_REGISTRY_UNAME and DOTNET_CONTAINER_PUSH_REGISTRY_PWORD.";
        foreach (var (harness, hasLogin, end) in new[] { (right, true, Used + " The login was accepted, but does not allow this."), (wrong, true, Used), (none, false, "config.json.") })
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(harness, registry));
            Assert.Equal((RegistryFailure.Unauthorized, hasLogin), (exception.Failure, exception.HasLogin));
            Assert.EndsWith(end, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_server_in_trouble_is_asked_again()
    {
        await using var registry = await StartAsync(new TestRegistryAuth.Bearer());
        registry.Faults.Add("GET", "/token", 2, Fault.Status(503));
        using var harness = new Harness();
        Assert.NotNull(await harness.Client.Repository(registry.Host, "base").GetManifestAsync("latest", default));
        Assert.Equal([503, 503, 200], registry.TokenHttpRequests.Select(r => r.Status));
        Assert.Equal([401, 200], registry.Requests.Select(r => r.Status));
    }

    private static async Task<TestRegistry> StartAsync(TestRegistryAuth auth)
    {
        var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Auth = auth });
        registry.PutManifest("base", "latest", Harness.Index.MediaType, Harness.Index.Content.Span);
        return registry;
    }

    private static Task UploadAsync(Harness harness, TestRegistry registry) =>
        harness.Client.Repository(registry.Host, "app", RegistryAccess.Push)
            .UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default);
}
