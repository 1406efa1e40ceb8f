using System.Net;
using System.Text;
using Containerize.Building;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>
/// What was measured to be wrong in the .NET SDK's containers, 10.0.401, and must not be here: the rows that show without MSBuild. The
/// others are in Containerize.Tasks.Tests.
/// </summary>
public sealed class DefectTests : IDisposable
{
    private static readonly byte[] Layer = Harness.Bytes(200_000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Theory]
    [InlineData("/v2/base/manifests/1")]
    [InlineData("/v2/base/blobs/")]
    public async Task Row01_A_registry_that_hangs_is_an_error_not_success(string path)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        using var harness = new Harness();
        registry.Faults.Add("GET", path, 1, async (context, _) =>
        {
            harness.Clock.Advance(TimeSpan.FromSeconds(100));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });

        await Failing.WithAsync(
            ErrorCodes.BaseRegistryUnreachable,
            () => new BaseResolver(harness.Client).ResolveAsync(_app.Plan($"{registry.Host}/base:1"), default),
            "it does not answer", registry.Host);
    }

    [Fact]
    public async Task Row10_An_upload_is_one_request_that_says_how_long_it_is_and_no_chunk_without_a_range()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();

        await UploadAsync(harness, registry.Host);

        Assert.Equal(["POST", "PUT"], registry.Requests.Select(request => request.Method));
        Assert.Equal("200000", registry.Requests[1].Header("Content-Length"));
        Assert.Null(registry.Requests[1].Header("Transfer-Encoding"));
        Assert.Equal(Layer, registry.FindBlob("app", LayerDescriptor.Digest.ToString()));
    }

    [Theory]
    [InlineData("b.example;r.example:5000")]
    [InlineData("b.example,r.example:5000")]
    [InlineData(" b.example , r.example:5000 ; c.example ")]
    public async Task Row16_Insecure_registries_are_listed_with_a_comma_or_a_semicolon(string variable)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Scheme == Uri.UriSchemeHttps
            ? throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no TLS")
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);
        harness.Environment.Variables["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = variable;

        Assert.NotNull(await harness.Client.Repository("r.example:5000", "app").GetManifestAsync("latest", default));

        Assert.Equal("GET http://r.example:5000/v2/app/manifests/latest", network.Sent[^1]);
    }

    [Fact]
    public async Task Row17_A_layer_that_is_not_what_its_digest_says_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Layer);
        registry.Faults.Add("GET", "/blobs/", 1, Fault.FlipByte(100_000));
        using var harness = new Harness();
        await using var stream = await harness.Client.Repository(registry.Host, "app").OpenBlobAsync(LayerDescriptor, default);

        await Assert.ThrowsAsync<InvalidDataException>(() => stream.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData("http://auth.example/token")]
    [InlineData("https://169.254.169.254/token")]
    [InlineData("https://10.1.2.3/token")]
    [InlineData("ftp://auth.example/token")]
    public async Task Row18_A_realm_that_cannot_be_trusted_gets_no_credentials(string realm)
    {
        var network = new FakeNetwork(
            _ => Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", $"Bearer realm=\"{realm}\",service=\"s\"")));
        using var harness = new Harness(network).WithPushUser("u", "p");

        await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(harness, "r.example"));

        Assert.All(network.Sent, line => Assert.StartsWith("POST https://r.example/", line, StringComparison.Ordinal));
        Assert.All(network.Sent, line => Assert.DoesNotContain("[", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://upload.example/session/1")]
    [InlineData("https://r.example:8443/session/1")]
    public async Task Row18_A_Location_on_another_host_gets_no_credentials(string location)
    {
        var network = new FakeNetwork(request =>
            request.Method == HttpMethod.Put ? Harness.Answer(HttpStatusCode.Created)
            : request.Headers.Authorization is null
            ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Basic realm=\"r\""))
            : Harness.Answer(HttpStatusCode.Accepted, null, ("Location", location)));
        using var harness = new Harness(network).WithPushUser("u", "p");

        await UploadAsync(harness, "r.example");

        var put = Assert.Single(network.Sent, line => line.StartsWith("PUT ", StringComparison.Ordinal));
        Assert.StartsWith($"PUT {location}?digest=", put, StringComparison.Ordinal);
        Assert.DoesNotContain("[", put.Split(" <<< ")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://upload.example/session/1")]
    [InlineData("https://192.168.0.7/session/1")]
    public async Task Row18_A_Location_that_cannot_be_trusted_gets_nothing_at_all(string location)
    {
        var network = new FakeNetwork(_ => Harness.Answer(HttpStatusCode.Accepted, null, ("Location", location)));
        using var harness = new Harness(network);

        await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(harness, "r.example"));

        Assert.All(network.Sent, line => Assert.StartsWith("POST https://r.example/", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Row19_A_password_of_any_letters_arrives_as_it_is()
    {
        var expected = "[Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("jürgen:пароль-密码")) + "]";
        var network = new FakeNetwork(request => request.Headers.Authorization is null
            ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Basic realm=\"r\""))
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network).WithPushUser("jürgen", "пароль-密码");

        await harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("latest", default);

        Assert.EndsWith(expected, network.Sent[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://auth.example/token", "Negotiate", "Bearer realm=\"https://auth.example/token\",service=\"s\"")]
    [InlineData("https://auth.example/token", "Negotiate, NTLM, Bearer realm=\"https://auth.example/token\",service=\"s\"")]
    [InlineData("https://auth.example/token", "Bearer realm=https://auth.example/token,service=s")]
    [InlineData("https://auth.example/token", "bearer Service = \"s\" , REALM = \"https://auth.example/token\"")]
    [InlineData("https://r.example/token", "Bearer realm=\"/token\",service=\"s\"")]
    public async Task Row19_A_challenge_is_understood_in_every_form_that_is_legal(string realm, params string[] headers)
    {
        var network = new FakeNetwork(request => request.RequestUri!.AbsolutePath == "/token"
            ? Harness.Json(HttpStatusCode.OK, """{"token":"t"}""")
            : request.Headers.Authorization is null
                ? Harness.Answer(HttpStatusCode.Unauthorized, null, [.. headers.Select(header => ("WWW-Authenticate", header))])
                : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);

        Assert.NotNull(await harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));

        Assert.Equal($"GET {realm}?service=s&scope=repository%3Aapp%3Apull&client_id=containerize", network.Sent[1]);
        Assert.EndsWith(" [Bearer t]", network.Sent[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row20_No_program_is_started_to_learn_what_is_insecure()
    {
        var network = new FakeNetwork(request => request.Method == HttpMethod.Get ? Harness.Manifest(Harness.Index)
            : request.Method == HttpMethod.Post ? Harness.Answer(HttpStatusCode.Accepted, null, ("Location", "/session"))
            : Harness.Answer(HttpStatusCode.Created));
        using var harness = new Harness(network);

        await harness.Client.Repository("r.example", "base").GetManifestAsync("latest", default);
        await UploadAsync(harness, "s.example");

        Assert.Empty(harness.Processes.Runs);
    }

    private static Task UploadAsync(Harness harness, string host) => harness.Client.Repository(host, "app", RegistryAccess.Push)
        .UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default);
}
