using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using static Containerize.Tests.Testing.RegistryCalls;

namespace Containerize.Tests.Testing;

public sealed class TestRegistryBlobTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("0123456789");
    private static readonly string Digest = DigestOf(Content);

    [Fact]
    public async Task A_ping_answers_200()
    {
        await using var registry = await TestRegistry.StartAsync();
        var response = await registry.SendAsync("GET", "/v2/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("registry/2.0", HeaderOf(response, "Docker-Distribution-Api-Version"));
        Assert.StartsWith("127.0.0.1:", registry.Host, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_it_speaks_https()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var registry = await TestRegistry.StartAsync(
            new() { Certificate = certificate, Auth = new TestRegistryAuth.Bearer { OwnHost = true } });
        using var http = new HttpClient(
            new HttpClientHandler { ServerCertificateCustomValidationCallback = (
                _, given, _, _) => given?.Thumbprint == certificate.Thumbprint });
        var response = await http.GetAsync(new Uri(registry.Address, "/v2/"));
        Assert.Equal("https", registry.Address.Scheme);
        Assert.StartsWith(
            $"Bearer realm=\"https://{registry.TokenHost}/token\"", HeaderOf(response, "WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"https://{registry.TokenHost}/token?service={registry.Host}")).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_is_put_whole(bool absolute)
    {
        await using var registry = await TestRegistry.StartAsync(new() { AbsoluteLocations = absolute });
        var begun = await registry.SendAsync("POST", "/v2/a/b/blobs/uploads/");
        Assert.Equal(absolute, begun.Headers.Location!.IsAbsoluteUri);
        var done = await registry.SendAsync("PUT", LocationOf(begun) + "&digest=" + Digest, Content);

        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        Assert.Equal(Digest, HeaderOf(done, "Docker-Content-Digest"));
        Assert.Equal(Content, registry.FindBlob("a/b", Digest));
        Assert.Equal(0, registry.OpenUploads("a/b"));
        Assert.Equal(
            ["POST /v2/a/b/blobs/uploads/ → 202", $"PUT /v2/a/b/blobs/uploads/{{id}}?digest={Digest} → 201"],
            registry.Requests.Select(request => request.Summary));
        Assert.Equal(Content.Length, registry.Requests[1].BodyLength);
    }

    [Fact]
    public async Task A_blob_is_put_in_chunks()
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        var first = await registry.SendAsync("PATCH", LocationOf(begun), Content[..4], ("Content-Range", "0-3"));
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal("0-3", HeaderOf(first, "Range"));

        var state = await registry.SendAsync("GET", LocationOf(begun));
        Assert.Equal((HttpStatusCode.NoContent, "0-3"), (state.StatusCode, HeaderOf(state, "Range")));
        Assert.Equal(LocationOf(first), LocationOf(state));

        var done = await registry.SendAsync("PUT", LocationOf(first) + "&digest=" + Digest, Content[4..], ("Content-Range", "4-9"));
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        Assert.Equal(Content, registry.FindBlob("app", Digest));
    }

    [Theory]
    [InlineData("0-3", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("5-8", HttpStatusCode.RequestedRangeNotSatisfiable)]
    [InlineData("bytes 4-7/10", HttpStatusCode.BadRequest)]
    [InlineData("4-8", HttpStatusCode.BadRequest)]
    public async Task A_chunk_that_does_not_follow_is_refused(string range, HttpStatusCode expected)
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        var first = await registry.SendAsync("PATCH", LocationOf(begun), Content[..4], ("Content-Range", "0-3"));
        var second = await registry.SendAsync("PATCH", LocationOf(first), Content[4..8], ("Content-Range", range));
        Assert.Equal(expected, second.StatusCode);
    }

    [Fact]
    public async Task An_old_address_and_a_made_up_state_are_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        await registry.SendAsync("PATCH", LocationOf(begun), Content[..4]);

        var stale = await registry.SendAsync("PATCH", LocationOf(begun), Content[4..]);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, stale.StatusCode);
        Assert.Equal("0-3", HeaderOf(stale, "Range"));
        var bare = await registry.SendAsync("PATCH", LocationOf(begun).Split('?')[0], Content[4..]);
        Assert.Equal(HttpStatusCode.NotFound, bare.StatusCode);
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_and_ends_the_upload()
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        var done = await registry.SendAsync("PUT", LocationOf(begun) + "&digest=" + DigestOf([1]), Content);
        Assert.Equal(HttpStatusCode.BadRequest, done.StatusCode);
        Assert.Contains("DIGEST_INVALID", await done.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, registry.OpenUploads("app"));
        Assert.Empty(registry.Blobs("app"));
    }

    [Fact]
    public async Task An_upload_is_deleted()
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        Assert.Equal(1, registry.OpenUploads("app"));
        Assert.Equal(HttpStatusCode.NoContent, (await registry.SendAsync("DELETE", LocationOf(begun))).StatusCode);
        Assert.Equal(0, registry.OpenUploads("app"));
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", LocationOf(begun))).StatusCode);
    }

    [Fact]
    public async Task A_lost_chunk_can_be_resumed_from_where_it_broke()
    {
        await using var registry = await TestRegistry.StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        registry.Faults.Add("PATCH", "/blobs/uploads/", 1, async (context, next) =>
        {
            context.Request.Body = new MemoryStream(Content[..3]);
            await next(context);
            context.Abort();
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => registry.SendAsync("PATCH", LocationOf(begun), Content));

        var state = await registry.SendAsync("GET", LocationOf(begun));
        Assert.Equal("0-2", HeaderOf(state, "Range"));
        var done = await registry.SendAsync("PUT", LocationOf(state) + "&digest=" + Digest, Content[3..], ("Content-Range", "3-9"));
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    [Theory]
    [InlineData(MountBehaviour.Supported, "from", HttpStatusCode.Created)]
    [InlineData(MountBehaviour.Supported, "elsewhere", HttpStatusCode.Accepted)]
    [InlineData(MountBehaviour.Supported, "", HttpStatusCode.Accepted)]
    [InlineData(MountBehaviour.Ignored, "from", HttpStatusCode.Accepted)]
    [InlineData(MountBehaviour.Refused, "from", HttpStatusCode.BadRequest)]
    public async Task A_blob_is_mounted(MountBehaviour behaviour, string from, HttpStatusCode expected)
    {
        await using var registry = await TestRegistry.StartAsync(new() { Mount = behaviour });
        registry.PutBlob("from", Content);
        var response = await registry.SendAsync("POST", $"/v2/to/blobs/uploads/?mount={Digest}&from={from}");
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.Created ? [Digest] : [], registry.Blobs("to"));
    }

    [Fact]
    public async Task A_blob_belongs_to_its_repository_only()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("one", Content);
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("HEAD", $"/v2/one/blobs/{Digest}")).StatusCode);
        var missing = await registry.SendAsync("GET", $"/v2/two/blobs/{Digest}");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("BLOB_UNKNOWN", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_of_a_blob_tells_its_size_and_digest()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Content);
        var head = await registry.SendAsync("HEAD", $"/v2/app/blobs/{Digest}");
        Assert.Equal(Content.Length, head.Content.Headers.ContentLength);
        Assert.Equal(Digest, HeaderOf(head, "Docker-Content-Digest"));
    }

    [Theory]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", "89", "bytes 8-9/10")]
    [InlineData("bytes=8-99", "89", "bytes 8-9/10")]
    public async Task A_range_of_a_blob_is_read(string range, string expected, string contentRange)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Content);
        var response = await registry.SendAsync("GET", $"/v2/app/blobs/{Digest}", null, ("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(contentRange, HeaderOf(response, "Content-Range"));
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_range_outside_is_416_and_one_that_is_not_supported_is_ignored()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Content);
        var outside = await registry.SendAsync("GET", $"/v2/app/blobs/{Digest}", null, ("Range", "bytes=10-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "bytes */10"), (outside.StatusCode, HeaderOf(outside, "Content-Range")));

        await using var simple = await TestRegistry.StartAsync(new() { RangeRequests = false });
        simple.PutBlob("app", Content);
        var whole = await simple.SendAsync("GET", $"/v2/app/blobs/{Digest}", null, ("Range", "bytes=2-4"));
        Assert.Equal((HttpStatusCode.OK, "0123456789"), (whole.StatusCode, await whole.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Get_of_a_blob_is_redirected_to_a_host_that_takes_no_credentials()
    {
        await using var registry = await TestRegistry.StartAsync(new() { RedirectBlobs = true });
        registry.PutBlob("a/b", Content);
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("HEAD", $"/v2/a/b/blobs/{Digest}")).StatusCode);
        var redirect = await registry.SendAsync("GET", $"/v2/a/b/blobs/{Digest}");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirect.StatusCode);
        var location = redirect.Headers.Location!;
        Assert.Equal(registry.BlobHost, location.Authority);
        Assert.NotEqual(registry.Host, registry.BlobHost);

        using var http = new HttpClient();
        Assert.Equal("0123456789", await http.GetStringAsync(location));
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer x");
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(location)).StatusCode);
        Assert.Equal([200, 400], registry.BlobHostRequests.Select(request => request.Status));
        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task A_blob_is_deleted()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Content);
        Assert.Equal(HttpStatusCode.Accepted, (await registry.SendAsync("DELETE", $"/v2/app/blobs/{Digest}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("HEAD", $"/v2/app/blobs/{Digest}")).StatusCode);
    }

    [Theory]
    [InlineData("/v2/App/blobs/uploads/", HttpStatusCode.BadRequest)]
    [InlineData("/v2/app/blobs/uploads", HttpStatusCode.BadRequest)]
    [InlineData("/v2/app/nonsense/x", HttpStatusCode.NotFound)]
    [InlineData("/elsewhere", HttpStatusCode.NotFound)]
    public async Task A_path_that_is_none_of_the_api_is_refused(string target, HttpStatusCode expected)
    {
        await using var registry = await TestRegistry.StartAsync();
        Assert.Equal(expected, (await registry.SendAsync("POST", target)).StatusCode);
    }
}
