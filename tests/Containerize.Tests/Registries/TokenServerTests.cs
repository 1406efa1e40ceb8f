using System.Net;
using System.Text;
using Containerize.Registries;

namespace Containerize.Tests.Registries;

/// <summary>Token servers as one meets them, and as one hopes not to.</summary>
public sealed class TokenServerTests
{
    [Fact]
    public async Task A_registry_token_is_sent_as_it_is()
    {
        var network = new FakeNetwork(request => request.Headers.Authorization is null
            ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\""))
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = """{"auths":{"r.example":{"registrytoken":"abc"}}}""";
        await harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default);
        Assert.Equal(
            ["GET https://r.example/v2/app/manifests/latest", "GET https://r.example/v2/app/manifests/latest [Bearer abc]"], network.Sent);
    }

    [Fact]
    public async Task A_challenge_that_is_missing_is_asked_for_at_the_root()
    {
        var network = new FakeNetwork(request => request.RequestUri!.AbsolutePath switch
        {
            "/v2/" => Harness.Answer(
                HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "Bearer realm=\"/token\"")),
            "/token" => Harness.Json(HttpStatusCode.OK, """{"token":"t"}"""),
            _ when request.Headers.Authorization is null => Harness.Answer(HttpStatusCode.Unauthorized),
            _ => Harness.Manifest(Harness.Index),
        });
        using var harness = new Harness(network);
        Assert.NotNull(await harness.Client.Repository("gcr.example", "app").GetManifestAsync("latest", default));
        Assert.Equal(
            [
                "GET https://gcr.example/v2/app/manifests/latest",
                "GET https://gcr.example/v2/",
                "GET https://gcr.example/token?service=gcr.example&scope=repository%3Aapp%3Apull&client_id=containerize",
                "GET https://gcr.example/v2/app/manifests/latest [Bearer t]",
            ],
            network.Sent);
    }

    [Fact]
    public async Task What_the_challenge_asks_for_beyond_the_obvious_is_asked_for()
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "auth.example"
            ? Harness.Json(HttpStatusCode.OK, """{"access_token":"t","expires_in":1}""")
            : request.Headers.Authorization is null
                ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate",
                    "Bearer realm=\"https://auth.example/token?account=x\",service=\"s s\",scope=\"repository:app:pull,delete "
                        + "repository:lib:pull\""))
                : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);
        await harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default);
        Assert.Equal(
            "GET "
                + "https://auth.example/token?account=x&service=s%20s&scope=repository%3Aapp%3Apull%2Cdelete&scope=repository%3Alib%3Apull&client_id=containerize",
            network.Sent[1]);
    }

    [Theory]
    [InlineData("http://auth.example/token", "it is not encrypted (https)")]
    [InlineData("https://169.254.169.254/token", "it is a link-local address")]
    [InlineData("https://192.168.0.1/token", "it is an address of a private network")]
    [InlineData("file:///etc/passwd", "that is no address of a token server")]
    [InlineData("", "that is no address of a token server")]
    public async Task Credentials_do_not_go_to_a_realm_that_cannot_be_trusted(string realm, string reason)
    {
        var network = new FakeNetwork(
            _ => Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", $"Bearer realm=\"{realm}\"")));
        using var harness = new Harness(network).WithPushUser("u", "p");
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Equal(["GET https://r.example/v2/app/manifests/latest"], network.Sent);
    }

    [Fact]
    public async Task A_realm_on_the_registrys_own_host_is_asked_as_the_registry_is()
    {
        // A registry behind a proxy that terminates TLS does not know that it is https.
        var network = new FakeNetwork(request => request.RequestUri!.AbsolutePath == "/token"
            ? Harness.Json(HttpStatusCode.OK, """{"token":"t"}""")
            : request.Headers.Authorization is null
                ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"http://r.example/token\""))
                : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network).WithPushUser("u", "p");
        await harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default);
        Assert.All(network.Sent, line => Assert.Contains(" https://r.example/", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_server_cannot_send_credentials_elsewhere()
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "auth.example"
            ? Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", "https://evil.example/token"))
            : Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\"")));
        using var harness = new Harness(network);
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = """{"auths":{"r.example":{"identitytoken":"i"}}}""";
        await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.DoesNotContain(network.Sent, line => line.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":"a\r\nX-Injected: b"}""")]
    [InlineData("""{"token":5}""")]
    [InlineData("<html>")]
    [InlineData("""{"expires_in":fast,"token":"secret"}""")]
    [InlineData("""{"token":"secret\ud800"}""")]
    [InlineData("""{"token":"secret","token":"secret"}""")]
    public async Task What_is_no_token_is_not_sent_and_not_quoted(string answer)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "auth.example"
            ? Harness.Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes(answer))
            : Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\"")));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, network.Sent.Count);
    }

    [Fact]
    public async Task A_Bearer_that_names_no_token_server_gives_way_to_Basic()
    {
        var network = new FakeNetwork(request => request.Headers.Authorization?.Scheme == "Basic"
            ? Harness.Manifest(Harness.Index)
            : Harness.Answer(
                HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Digest realm=\"x\", Bearer"), ("WWW-Authenticate", "Basic")));
        using var harness = new Harness(network).WithPushUser("u", "p");
        Assert.NotNull(await harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default));
        Assert.Equal(2, network.Sent.Count);
    }

    [Fact]
    public async Task Ways_of_authenticating_that_are_not_supported_are_named()
    {
        var network = new FakeNetwork(
            _ => Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Negotiate, Digest realm=\"x\"")));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.EndsWith(
            "It offers only ways of authenticating that are not supported: Negotiate, Digest.",
            exception.Message,
            StringComparison.Ordinal);
    }
}
