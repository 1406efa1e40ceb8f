using System.Net;
using System.Text;
using Containerize.Registries;
using Containerize.Tests.Registries;

namespace Containerize.Tests.SdkContainers;

/// <summary>How registries are logged in to, as the .NET SDK's own tests have it: what is sent, word for word.</summary>
public sealed class AuthenticationTests
{
    private const string Manifest = "https://r.example/v2/app/manifests/latest";
    private const string Bearer = "Bearer "
        + "realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:app:pull,push\"";

    [Fact]
    public async Task Basic()
    {
        var network = Network("Basic realm=\"r\"", _ => throw new InvalidOperationException("No token server is asked."));
        await GetAsync(network, "u", "p");
        Assert.Equal([$"GET {Manifest}", $"GET {Manifest} [{BasicOf("u", "p")}]"], network.Sent);
    }

    [Fact]
    public async Task Bearer_by_GET_with_Basic_and_nothing_but_what_was_asked_for()
    {
        var network = Network(Bearer, _ => Token());
        await GetAsync(network, "u", "p");
        Assert.Equal(
            [
                $"GET {Manifest}",
                "GET "
                    + $"https://auth.example/token?service=registry.example&scope=repository%3Aapp%3Apull%2Cpush&client_id=containerize [{BasicOf("u", "p")}]",
                $"GET {Manifest} [Bearer t]",
            ],
            network.Sent);
    }

    // The SDK sends no service and no scope here, which the specification requires.
    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    public async Task Bearer_by_POST_with_the_password_where_the_server_does_not_know_GET(HttpStatusCode get)
    {
        var network = Network(Bearer, request => request.Method == HttpMethod.Get ? Harness.Answer(get) : Token());
        await GetAsync(network, "u", "p&w");
        Assert.Equal(
            "POST https://auth.example/token <<< "
                + "service=registry.example&scope=repository%3Aapp%3Apull%2Cpush&client_id=containerize&grant_type=password&username=u&password=p%26w",
            network.Sent[2]);
        Assert.Equal($"GET {Manifest} [Bearer t]", network.Sent[3]);
    }

    [Fact]
    public async Task Wrong_passwords_are_not_tried_in_every_way_that_there_is()
    {
        var network = Network(Bearer, _ => Harness.Answer(HttpStatusCode.Unauthorized));
        await Assert.ThrowsAsync<RegistryException>(() => GetAsync(network, "u", "p"));
        Assert.Equal(2, network.Sent.Count);
    }

    [Fact]
    public async Task Bearer_by_POST_with_an_identity_token()
    {
        var network = Network(Bearer, _ => Token());
        using var harness = new Harness(network);
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = """{"auths":{"r.example":{"username":"<token>","password":"identity"}}}""";
        await harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default);
        Assert.Equal(
            "POST https://auth.example/token <<< "
                + "service=registry.example&scope=repository%3Aapp%3Apull%2Cpush&client_id=containerize&grant_type=refresh_token&refresh_token=identity",
            network.Sent[1]);
    }

    [Fact]
    public async Task In_variables_the_user_token_is_nobody_special()
    {
        var network = Network(Bearer, _ => Token());
        await GetAsync(network, "<token>", "p");
        Assert.StartsWith("GET https://auth.example/token?", network.Sent[1], StringComparison.Ordinal);
        Assert.EndsWith($"[{BasicOf("<token>", "p")}]", network.Sent[1], StringComparison.Ordinal);
    }

    // Which pair of variables is taken is in Registries/CredentialTests.Variables_are_asked_in_the_sdks_order.
    [Theory]
    [InlineData(RegistryAccess.Push, "DOTNET_CONTAINER_PUSH_REGISTRY", true)]
    [InlineData(RegistryAccess.Push, "DOTNET_CONTAINER_REGISTRY", true)]
    [InlineData(RegistryAccess.Push, "SDK_CONTAINER_REGISTRY", true)]
    [InlineData(RegistryAccess.Push, "DOTNET_CONTAINER_PULL_REGISTRY", false)]
    [InlineData(RegistryAccess.Pull, "DOTNET_CONTAINER_PULL_REGISTRY", true)]
    [InlineData(RegistryAccess.Pull, "DOTNET_CONTAINER_REGISTRY", false)]
    [InlineData(RegistryAccess.Pull, "SDK_CONTAINER_REGISTRY", false)]
    [InlineData(RegistryAccess.Pull, "DOTNET_CONTAINER_PUSH_REGISTRY", false)]
    [InlineData(RegistryAccess.PullAndPush, "DOTNET_CONTAINER_PULL_REGISTRY", true)]
    [InlineData(RegistryAccess.PullAndPush, "DOTNET_CONTAINER_REGISTRY", true)]
    [InlineData(RegistryAccess.PullAndPush, "SDK_CONTAINER_REGISTRY", true)]
    [InlineData(RegistryAccess.PullAndPush, "DOTNET_CONTAINER_PUSH_REGISTRY", false)]
    public async Task Each_pair_of_variables_is_for_its_own_access(RegistryAccess access, string prefix, bool used)
    {
        var network = Network("Basic realm=\"r\"", _ => Token());
        using var harness = new Harness(network);
        harness.Environment.Variables[prefix + "_UNAME"] = "u";
        harness.Environment.Variables[prefix + "_PWORD"] = "p";
        var get = () => harness.Client.Repository("r.example", "app", access).GetManifestAsync("latest", default);
        if (used)
            Assert.NotNull(await get());
        else
            await Assert.ThrowsAsync<RegistryException>(get);
        Assert.Equal(used, network.Sent.Contains($"GET {Manifest} [{BasicOf("u", "p")}]"));
    }

    private static async Task GetAsync(FakeNetwork network, string user, string password)
    {
        using var harness = new Harness(network).WithPushUser(user, password);
        Assert.NotNull(await harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default));
    }

    private static FakeNetwork Network(string challenge, Func<HttpRequestMessage, HttpResponseMessage> tokenServer) => new(request =>
        request.RequestUri!.Host == "auth.example" ? tokenServer(request)
        : request.Headers.Authorization is null ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", challenge))
        : Harness.Manifest(Harness.Index));

    private static HttpResponseMessage Token() => Harness.Json(HttpStatusCode.OK, """{"access_token":"t","expires_in":300}""");

    private static string BasicOf(string user, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
}
