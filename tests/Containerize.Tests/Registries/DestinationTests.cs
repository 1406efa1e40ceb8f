using System.Net;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Registries.Transport;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>Where a registry may send a client: by what is written, and by what the name means when a connection is made.</summary>
public sealed class DestinationTests
{
    private static readonly byte[] Layer = "layer"u8.ToArray();
    private readonly List<string> _notices = [];
    private readonly List<string> _resolved = [];

    public static TheoryData<string> Secrets =>
        ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"];

    [Theory]
    [MemberData(nameof(Secrets))]
    public async Task A_redirect_to_a_name_that_means_a_clouds_secrets_is_not_followed(string address)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Layer);
        registry.Faults.Add("GET", "/blobs/", FaultScript.Always, Fault.Status(307, null, ("Location", "http://storage.test/secrets")));
        using var client = Client(address);

        await RefusedAsync(() => client.Repository(registry.Host, "app").OpenBlobAsync(Harness.LayerOf(Layer), default), "storage.test");

        // Asked once: what is refused stays refused.
        Assert.Equal(["storage.test"], _resolved);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254", "127.0.0.1")]
    public async Task A_redirect_to_a_name_that_means_something_else_is_followed_to_just_that(params string[] addresses)
    {
        await using var registry = await TestRegistry.StartAsync();
        await using var storage = await TestRegistry.StartAsync();
        storage.PutBlob("app", Layer);
        registry.Faults.Add(
            "GET",
            "/blobs/",
            FaultScript.Always,
            Fault.Status(307, null, ("Location", $"http://storage.test:{PortOf(storage)}/v2/app/blobs/{Digest.Of(Layer)}")));
        using var client = Client(addresses);

        var stream = await client.Repository(registry.Host, "app").OpenBlobAsync(Harness.LayerOf(Layer), default);
        await using (stream)
            Assert.Equal(Layer, await BytesAsync(stream));

        Assert.Equal($"storage.test:{PortOf(storage)}", storage.Requests.Single().Header("Host"));
    }

    [Theory]
    [InlineData("http://auth.test/token")]
    [InlineData("http://169.254.169.254/token")]
    [InlineData("http://¹69.254.169.254/token")]
    [InlineData("http://0xa9fea9fe./token")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/token")]
    [InlineData("http://METADATA.google.internal./token")]
    public async Task A_token_server_is_not_asked_there(string realm)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("*", "/v2/", FaultScript.Always, Fault.Status(401, null, ("WWW-Authenticate", $"Bearer realm=\"{realm}\"")));
        using var client = Client("169.254.169.254");
        // Kestrel sends ASCII alone; servers send whatever they like.
        if (!System.Text.Ascii.IsValid(realm))
        {
            var network = new FakeNetwork(
                _ => Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", $"Bearer realm=\"{realm}\"")));
            using var harness = new Harness(network, "127.0.0.1:1");
            await RefusedAsync(() => harness.Client.Repository("127.0.0.1:1", "app").GetManifestAsync("1", default), "169.254.169.254");
            Assert.Single(network.Sent);
            return;
        }

        await RefusedAsync(() => client.Repository(registry.Host, "app").GetManifestAsync("1", default), "");
    }

    [Theory]
    [InlineData("http://upload.test/session")]
    [InlineData("http://169.254.169.254./session")]
    public async Task An_upload_does_not_go_there(string location)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("POST", "/uploads/", FaultScript.Always, Fault.Status(202, null, ("Location", location)));
        using var client = Client("169.254.169.254");

        await RefusedAsync(
            () => client.Repository(registry.Host, "app", RegistryAccess.Push)
                .UploadAsync(Harness.LayerOf(Layer), _ => Task.FromResult<Stream>(new MemoryStream(Layer)), default), "");
    }

    [Theory]
    [InlineData("mirror.test")]
    [InlineData("169.254.169.254")]
    [InlineData("0xa9fea9fe")]
    public async Task A_mirror_there_is_passed_over(string host)
    {
        await using var registry = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(registry, "team/base", "1");
        using var client = Client([new RegistryMirror(registry.Host, host + ":5000")], "169.254.169.254");

        Assert.True(ImageReference.TryParse($"{registry.Host}/team/base:1", out var reference, out _));
        var image = await RegistryPull.PullAsync(
            client, reference!, new Platform("linux", "amd64"), RegistryAccess.Pull, _notices.Add, default);

        Assert.Equal(pushed.Digest, image.Manifest.Document.Descriptor.Digest.ToString());
        Assert.Contains(DestinationGuard.Metadata, Assert.Single(_notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_names_such_an_address_means_it()
    {
        var network = new FakeNetwork(_ => Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);

        Assert.NotNull(await harness.Client.Repository("169.254.1.1:5000", "app").GetManifestAsync("1", default));
        Assert.Equal(["GET https://169.254.1.1:5000/v2/app/manifests/1"], network.Sent);
    }

    [Fact]
    public async Task A_registry_there_may_send_to_itself_alone()
    {
        var network = new FakeNetwork(request => Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location",
            request.RequestUri!.Port == 5000 ? "https://169.254.1.1:5001/x" : "https://169.254.1.2/x")));
        using var harness = new Harness(network);

        await RefusedAsync(() => harness.Client.Repository("169.254.1.1:5000", "app").GetManifestAsync("1", default), "169.254.1.2");
        Assert.Equal(["GET https://169.254.1.1:5000/v2/app/manifests/1", "GET https://169.254.1.1:5001/x"], network.Sent);
    }

    [Fact]
    public async Task A_proxy_resolves_in_our_place()
    {
        await using var proxy = await TestRegistry.StartAsync();
        proxy.Faults.Add("*", "", FaultScript.Always, Fault.Status(200, "from the proxy"));
        var settings = new WebProxy(proxy.Address);
        using var handler = new SocketsHttpHandler { Proxy = settings, ConnectCallback = new CheckedConnection(
            ResolveAsync(["127.0.0.1"]), settings).ConnectAsync };
        using var client = new HttpMessageInvoker(handler);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://storage.test/x");
        using var response = await client.SendAsync(request, default);

        Assert.Equal("from the proxy", await response.Content.ReadAsStringAsync());
        Assert.Equal(["127.0.0.1"], _resolved);
    }

    [Theory]
    [InlineData("https://auth.example:8443/token", false)]
    [InlineData("https://AUTH.example.:443/other", true)]
    [InlineData("https://elsewhere.example/token", false)]
    public async Task What_a_token_server_is_told_goes_to_its_own_port_alone(string target, bool keeps)
    {
        var network = new FakeNetwork(request => request.RequestUri!.AbsoluteUri.StartsWith(
            "https://auth.example/token", StringComparison.Ordinal)
            ? Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", target))
            : request.RequestUri.Host is not "r.example" ? Harness.Json(HttpStatusCode.OK, """{"token":"t"}""")
            : request.Headers.Authorization is null
            ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\""))
            : Harness.Answer(HttpStatusCode.Forbidden));
        using var harness = new Harness(network).WithPushUser("u", "p");

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app", RegistryAccess.Push).GetManifestAsync("1", default));

        Assert.Contains(" [Basic ", network.Sent[1], StringComparison.Ordinal);
        Assert.Equal(keeps, network.Sent[2].Contains(" [Basic ", StringComparison.Ordinal));
        Assert.Equal(!keeps, e.Message.Contains("which was asked without them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_in_a_body_goes_nowhere_else()
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "auth.example"
            ? Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", "https://auth.example:8443/token"))
            : Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Bearer realm=\"https://auth.example/token\"")));
        using var harness = new Harness(network);
        harness.Environment.Variables["DOCKER_AUTH_CONFIG"] = """{"auths":{"r.example":{"identitytoken":"secret"}}}""";

        await Assert.ThrowsAsync<RegistryException>(() => harness.Client.Repository("r.example", "app").GetManifestAsync("1", default));

        Assert.DoesNotContain(network.Sent, line => line.Contains(":8443", StringComparison.Ordinal));
    }

    private static int PortOf(TestRegistry registry) => registry.Address.Port;

    private static async Task<byte[]> BytesAsync(Stream stream)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task RefusedAsync(Func<Task> ask, string host)
    {
        var e = await Assert.ThrowsAsync<RegistryException>(ask);
        Assert.Equal(RegistryFailure.Misdirected, e.Failure);
        Assert.Contains(DestinationGuard.Metadata, e.Message, StringComparison.Ordinal);
        Assert.Contains(host, e.Message, StringComparison.Ordinal);
    }

    private RegistryClient Client(params string[] addresses) => Client([], addresses);

    private RegistryClient Client(IReadOnlyList<RegistryMirror> mirrors, params string[] addresses) => new(new RegistryClientOptions
    {
        Environment = new EmptyEnvironment(),
        Processes = new ScriptedProcesses(),
        Mirrors = mirrors,
        Resolve = ResolveAsync(addresses),
    });

    private Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync(string[] addresses) => (host, _) =>
    {
        _resolved.Add(host);
        return Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]);
    };
}
