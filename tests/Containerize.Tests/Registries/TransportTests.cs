using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Containerize.Registries;
using Containerize.Registries.Transport;
using Containerize.Tests.Support;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

public sealed class TransportTests
{
    [Fact]
    public async Task Retry_After_in_seconds_is_waited_for()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/manifests/", 1, Fault.Status(503, null, ("Retry-After", "7")));
        using var harness = new Harness();
        Assert.NotNull(await GetAsync(harness, registry.Host));
        Assert.Equal([TimeSpan.FromSeconds(7)], harness.Clock.Skipped);
        Assert.Equal(
            [$"The registry '{registry.Host}' answered 503 for the manifest 'app:latest'; "
                + "trying again in 7 s (attempt 2 of 5)."], harness.Notices);
        Assert.Equal([503, 200], registry.Requests.Select(r => r.Status));
    }

    [Fact]
    public async Task Retry_After_as_a_date_is_waited_for()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        var date = (harness.Clock.GetUtcNow() + TimeSpan.FromSeconds(42)).ToString("R", CultureInfo.InvariantCulture);
        registry.Faults.Add("GET", "/manifests/", 1, Fault.Status(429, null, ("Retry-After", date)));
        Assert.NotNull(await GetAsync(harness, registry.Host));
        Assert.Equal([TimeSpan.FromSeconds(42)], harness.Clock.Skipped);
    }

    [Fact]
    public async Task Nobody_waits_for_hours()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/manifests/", 1, Fault.Status(
            429, """{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}""", ("Retry-After", "21600")));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));
        Assert.Equal(
            $"The registry '{registry.Host}' was asked for the manifest 'app:latest' and answered 429 (TooManyRequests): "
                + "TOOMANYREQUESTS: You have reached your pull rate limit.",
            exception.Message);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(408, 5)]
    [InlineData(429, 5)]
    [InlineData(499, 5)]
    [InlineData(500, 5)]
    [InlineData(502, 5)]
    [InlineData(522, 5)]
    [InlineData(501, 1)]
    [InlineData(400, 1)]
    [InlineData(403, 1)]
    [InlineData(418, 1)]
    public async Task Some_answers_are_worth_another_attempt(int status, int attempts)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, Fault.Status(status));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));
        Assert.Equal(status, (int?)exception.Status);
        Assert.Equal(attempts, registry.Requests.Count);
        Assert.All(harness.Clock.Skipped, delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_made_again()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        await GetAsync(harness, registry.Host);
        registry.Faults.Add("GET", "/manifests/", 2, Fault.Abort());
        Assert.NotNull(await GetAsync(harness, registry.Host));
        Assert.NotEmpty(harness.Notices);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_at_once()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound and not listening: nobody else gets it, and it refuses.
        var host = taken.LocalEndPoint!.ToString()!;
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, host));
        Assert.Equal(RegistryFailure.Unreachable, exception.Failure);
        Assert.Equal(
            $"The registry '{host}' could not be asked for the manifest 'app:latest': "
                + "nothing accepts connections there (connection refused). "
            + "Is the registry running, and is this its port?",
            exception.Message);
        Assert.Empty(harness.Notices);
    }

    [Fact]
    public async Task A_registry_that_hangs_is_given_up_after_the_silence_limit()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        registry.Faults.Add("GET", "/manifests/", 1, async (context, _) =>
        {
            harness.Clock.Advance(TimeSpan.FromSeconds(100));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));
        Assert.Equal(RegistryFailure.TimedOut, exception.Failure);
        Assert.EndsWith("it does not answer. Nothing came for 100 s.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_handshake_that_hangs_is_given_up_after_the_connect_limit()
    {
        // Connections are taken by the kernel, and nobody ever answers.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var network = new Rewritten(
            $"https://127.0.0.1:{port}/", new TransportHandler(
                new InsecureHosts([], null), "test", TimeSpan.FromMilliseconds(50), _ => null, new EmptyEnvironment()));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, "r.example"));
        Assert.Equal(RegistryFailure.TimedOut, exception.Failure);
    }

    // A byte a second is never silent.
    [Fact]
    public async Task An_answer_that_drips_is_given_up_too()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, async (context, _) =>
        {
            context.Response.ContentLength = 100_000;
            for (var i = 0; i < 100_000; i++)
            {
                await context.Response.Body.WriteAsync("x"u8.ToArray(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                // Some pieces may be read together; each advance is waited for by a read, or by the next.
                await Task.Delay(1, context.RequestAborted);
                harness.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        });

        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));

        Assert.Equal(RegistryFailure.TimedOut, exception.Failure);
        Assert.Contains("bytes came in", exception.Message, StringComparison.Ordinal);
    }

    // Fast enough to be no silence, and too slow for a document ever to end.
    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task A_document_has_an_end(int status)
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, async (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentLength = 8_000_000;
            for (var i = 0; i < 8_000; i++)
            {
                await context.Response.Body.WriteAsync(new byte[1000], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(1, context.RequestAborted);
                harness.Clock.Advance(TimeSpan.FromSeconds(10));
            }
        });

        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));

        Assert.Equal(status == 200 ? RegistryFailure.TimedOut : RegistryFailure.Rejected, exception.Failure);
        Assert.Contains(status == 200 ? "had not come to its end after" : "400", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_hangs_is_given_up_too()
    {
        await using var registry = await StartAsync();
        var layer = Harness.Bytes(100_000);
        registry.PutBlob("app", layer);
        using var harness = new Harness();
        registry.Faults.Add("GET", "/blobs/", 1, async (context, _) =>
        {
            context.Response.ContentLength = layer.Length;
            await context.Response.Body.WriteAsync(layer.AsMemory(0, 1000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var stream = await harness.Client.Repository(registry.Host, "app").OpenBlobAsync(Harness.LayerOf(layer), default);
        var buffer = new byte[1000];
        await stream.ReadExactlyAsync(buffer);
        var reading = stream.ReadAsync(buffer).AsTask();
        harness.Clock.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(RegistryFailure.TimedOut, (await Assert.ThrowsAsync<RegistryException>(() => reading)).Failure);
    }

    [Fact]
    public async Task Cancelling_is_no_failure_of_the_registry()
    {
        await using var registry = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        registry.Faults.Add("GET", "/manifests/", 1, async (context, _) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var harness = new Harness();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => harness.Client.Repository(registry.Host, "app").GetManifestAsync("latest", cancellation.Token));
    }

    [Fact]
    public async Task TLS_on_loopback_is_found_out_and_remembered()
    {
        using var certificate = SelfSigned();
        await using var registry = await StartAsync(new TestRegistryOptions { Certificate = certificate, RedirectBlobs = true });
        using var harness = new Harness();
        Assert.NotNull(await GetAsync(harness, registry.Host));
        Assert.NotNull(await GetAsync(harness, registry.Host));
        Assert.Equal(
            [$"GET http://{registry.Host}/v2/app/manifests/latest:", "GET "
                + $"https://{registry.Host}/v2/app/manifests/latest:", $"GET https://{registry.Host}/v2/app/manifests/latest:"],
            harness.Trace.Select(line => line[..(line.LastIndexOf(": ", StringComparison.Ordinal) + 1)]));
    }

    [Theory]
    [InlineData("Client sent an HTTP request to an HTTPS server.\n", true)]
    [InlineData("<center>The plain HTTP request was sent to HTTPS port</center>", true)]
    [InlineData("Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", true)]
    [InlineData("{\"errors\":[]}", false)]
    public async Task A_loopback_port_that_wants_TLS_says_so(string answer, bool tls)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Scheme == "http"
            ? Harness.Answer(HttpStatusCode.BadRequest, System.Text.Encoding.UTF8.GetBytes(answer))
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);
        if (tls)
            Assert.NotNull(await GetAsync(harness, "localhost:5000"));
        else
            Assert.Equal(
                HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, "localhost:5000"))).Status);
        Assert.Equal(tls ? 2 : 1, network.Sent.Count);
    }

    // Of no length that is told before, and longer than what a port that wants TLS answers.
    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public async Task What_a_loopback_registry_says_at_the_first_request_is_passed_on(int length)
    {
        await using var registry = await StartAsync(new TestRegistryOptions());
        var body = System.Text.Encoding.UTF8.GetBytes($$"""{"errors":[{"code":"SHUT","message":"come back later"}]{{(length < 100_000 ? $",\"more\":\"{new string('.', length)}\"}}" : "}" + new string(' ', length))}}""");
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, async (context, _) =>
        {
            context.Response.StatusCode = 400;
            await context.Response.Body.WriteAsync(body.AsMemory(0, 7), context.RequestAborted);
            await context.Response.Body.WriteAsync(body.AsMemory(7), context.RequestAborted);
        });
        using var harness = new Harness();

        var e = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, registry.Host));

        Assert.EndsWith(" and answered 400 (BadRequest): SHUT: come back later.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r.example", "", "https")]
    [InlineData("r.example", "r.example", "https http")]
    [InlineData("r.example:5000", "r.example:5000", "https http")]
    [InlineData("localhost:5000", "", "http")]
    [InlineData("127.0.0.2", "", "http")]
    [InlineData("[::1]:5000", "", "http")]
    public async Task Only_insecure_registries_are_asked_without_TLS(string host, string insecure, string schemes)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Scheme == "https"
            ? throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no TLS", new System.Security.Authentication.AuthenticationException("no TLS"))
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network, insecure);
        if (schemes == "https")
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, host));
            Assert.Contains("DOTNET_CONTAINER_INSECURE_REGISTRIES", exception.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.NotNull(await GetAsync(harness, host));
            var count = network.Sent.Count;
            Assert.NotNull(await GetAsync(harness, host));
            Assert.Equal(count + 1, network.Sent.Count);
        }

        Assert.Equal(
            schemes, string.Join(' ', network.Sent.Take(schemes.Split(' ').Length).Select(line => new Uri(line.Split(' ')[1]).Scheme)));
    }

    [Fact]
    public async Task Errors_of_a_registry_are_quoted_briefly_and_without_control_characters()
    {
        var error = $$"""{"errors":[{"code":"DENIED","message":"no\u001b[2J entry {{new string('x', 1000)}}"},{"code":"A"},{"code":"A"},5,{"message":"b"},{"code":"C"}]}""";
        var network = new FakeNetwork(_ => Harness.Json(HttpStatusCode.Forbidden, error));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(() => GetAsync(harness, "r.example"));
        Assert.Equal(RegistryFailure.Denied, exception.Failure);
        Assert.Equal(
            "The registry 'r.example' was asked for the manifest 'app:latest' and answered 403 (Forbidden): "
            + $"DENIED: no[2J entry {new string('x', 280)}…; A; b.",
            exception.Message);
    }

    [Fact]
    public async Task Docker_Hub_answers_elsewhere_than_it_is_called()
    {
        var network = new FakeNetwork(_ => Harness.Manifest(Harness.Index));
        using var harness = new Harness(network);
        var repository = harness.Client.Repository("docker.io", "library/ubuntu");
        await repository.GetManifestAsync("latest", default);
        Assert.Equal("docker.io", repository.Registry);
        Assert.Equal(["GET https://registry-1.docker.io/v2/library/ubuntu/manifests/latest"], network.Sent);
    }

    private static async Task<TestRegistry> StartAsync(TestRegistryOptions? options = null)
    {
        var registry = await TestRegistry.StartAsync(options);
        registry.PutManifest("app", "latest", Harness.Index.MediaType, Harness.Index.Content.Span);
        return registry;
    }

    private static Task<Containerize.Images.ImageDocument?> GetAsync(Harness harness, string host) =>
        harness.Client.Repository(host, "app").GetManifestAsync("latest", default);

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // Through PKCS#12, because SslStream on Windows does not take a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Sends everything to one address, whatever it was meant for.</summary>
    private sealed class Rewritten(string address, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(address);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
