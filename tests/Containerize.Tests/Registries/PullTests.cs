using System.Net;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

public sealed class PullTests
{
    private static readonly byte[] Layer = Harness.Bytes(300_000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);

    [Fact]
    public async Task A_manifest_comes_as_it_was_pushed()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app");

        var document = await repository.GetManifestAsync("latest", default);
        Assert.Equal(MediaTypes.OciIndex, document!.MediaType);
        Assert.Equal(Harness.Index.Content.ToArray(), document.Content.ToArray());
        Assert.Equal(Harness.Index.Descriptor, await repository.HeadManifestAsync("latest", default));
        Assert.Equal(
            Harness.Index.Descriptor, (await repository.GetManifestAsync(document.Descriptor.Digest.ToString(), default))!.Descriptor);
        Assert.Null(await repository.GetManifestAsync("none", default));
        Assert.Null(await repository.HeadManifestAsync("none", default));

        Assert.Equal(string.Join(", ", MediaTypes.ManifestsAndIndexes), registry.Requests[0].Header("Accept"));
        Assert.Equal("Containerize", registry.Requests[0].Header("User-Agent"));
        Assert.Null(registry.Requests[0].Header("Authorization"));
        Assert.Equal(
            [
                "GET /v2/app/manifests/latest → 200",
                "HEAD /v2/app/manifests/latest → 200",
                $"GET /v2/app/manifests/{document.Descriptor.Digest} → 200",
                "GET /v2/app/manifests/none → 404",
                "HEAD /v2/app/manifests/none → 404",
            ],
            registry.Requests.Select(r => r.Summary));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", null, null, MediaTypes.OciIndex)]
    [InlineData(MediaTypes.OciIndex + "; charset=utf-8", null, null, MediaTypes.OciIndex)]
    [InlineData(null, null, null, MediaTypes.OciIndex)]
    [InlineData("application/octet-stream", """{"schemaVersion":2,"config":{},"layers":[]}""", null, MediaTypes.OciManifest)]
    [InlineData("application/json", """{"schemaVersion":2,"manifests":[]}""", null, MediaTypes.OciIndex)]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", """{"schemaVersion":1}""", null, "application/vnd.docker.distribution.manifest.v1+prettyjws")]
    [InlineData(MediaTypes.OciManifest, null, "calls itself 'application/vnd.oci.image.index.v1+json'", null)]
    [InlineData("text/html", "<html>login</html>", "is no manifest", null)]
    [InlineData(MediaTypes.OciIndex, "[]", "is no manifest", null)]
    public async Task The_media_type_is_the_servers_or_else_the_documents_own(string? served, string? body, string? error, string? expected)
    {
        var content = body is null ? Harness.Index.Content.ToArray() : System.Text.Encoding.UTF8.GetBytes(body);
        var network = new FakeNetwork(_ => Harness.Answer(HttpStatusCode.OK, content, served is null ? [] : [("Content-Type", served)]));
        using var harness = new Harness(network);
        var get = () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default);
        if (error is null)
        {
            Assert.Equal(expected, (await get())!.MediaType);
        }
        else
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(get);
            Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
            Assert.Contains(error, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Docker-Content-Digest")]
    [InlineData("Content-Type")]
    public async Task HEAD_without_a_header_is_made_up_for_by_GET(string missing)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("HEAD", "/manifests/", 1, Fault.SetHeader(missing, null));
        using var harness = new Harness();
        Assert.Equal(Harness.Index.Descriptor, await harness.Client.Repository(registry.Host, "app").HeadManifestAsync("latest", default));
        Assert.Equal(["HEAD", "GET"], registry.Requests.Select(r => r.Method));
    }

    [Theory]
    [InlineData(405)]
    [InlineData(403)]
    public async Task HEAD_that_is_refused_is_repeated_as_GET(int status)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("HEAD", "/manifests/", 1, Fault.Status(status));
        using var harness = new Harness();
        Assert.Equal(Harness.Index.Descriptor, await harness.Client.Repository(registry.Host, "app").HeadManifestAsync("latest", default));
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_the_registry_says_is_refused()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/manifests/", FaultScript.Always, Fault.FlipByte(3));
        using var harness = new Harness();
        foreach (var reference in new[] { "latest", Harness.Index.Descriptor.Digest.ToString() })
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(
                () => harness.Client.Repository(registry.Host, "app").GetManifestAsync(reference, default));
            Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
            Assert.Contains($"instead of {Harness.Index.Descriptor.Digest}", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_manifest_that_breaks_off_is_asked_for_again()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/manifests/", 1, Fault.TruncateBody(10));
        using var harness = new Harness();
        Assert.NotNull(await harness.Client.Repository(registry.Host, "app").GetManifestAsync("latest", default));
        Assert.Single(harness.Notices);
        Assert.Contains(
            "broke the connection for the manifest 'app:latest'; trying again in", harness.Notices[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_of_more_than_8_MiB_is_refused()
    {
        var network = new FakeNetwork(_ => Harness.Answer(HttpStatusCode.OK, new byte[(8 << 20) + 1]));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
        Assert.Contains("more than the 8388608 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Single(network.Sent);
    }

    [Fact]
    public async Task A_blob_is_verified_while_it_is_read()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app");
        Assert.True(await repository.BlobExistsAsync(LayerDescriptor.Digest, default));
        Assert.False(await repository.BlobExistsAsync(Digest.Of("other"u8), default));
        Assert.Equal(Layer, await ReadAsync(repository, LayerDescriptor));
        Assert.Equal(Layer, (await repository.GetDocumentAsync(LayerDescriptor, default)).Content.ToArray());

        registry.Faults.Add("GET", "/blobs/", 1, Fault.FlipByte(200_000));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(repository, LayerDescriptor));
    }

    // The SDK begins anew; here what has come stays, and so do the readers of the stream.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_that_breaks_off_is_taken_up_again(bool ranges)
    {
        await using var registry = await StartAsync(new TestRegistryOptions { RangeRequests = ranges });
        registry.Faults.Add("GET", "/blobs/", 2, Fault.TruncateBody(100_000));
        using var harness = new Harness();
        Assert.Equal(Layer, await ReadAsync(harness.Client.Repository(registry.Host, "app"), LayerDescriptor));
        Assert.Equal(3, registry.Requests.Count);
        Assert.Equal([null, "bytes=100000-"], registry.Requests.Take(2).Select(request => request.Header("Range")));
        Assert.Equal(ranges ? "bytes=200000-" : "bytes=100000-", registry.Requests[2].Header("Range"));
        Assert.Equal(ranges ? [200, 206, 206] : [200, 200, 200], registry.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_blob_that_breaks_off_again_and_again_is_given_up()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", FaultScript.Always, Fault.TruncateBody(10));
        using var harness = new Harness();
        var broken = await Assert.ThrowsAsync<RegistryException>(
            () => ReadAsync(harness.Client.Repository(registry.Host, "app"), LayerDescriptor));
        Assert.Equal(RegistryFailure.Unreachable, broken.Failure);
        Assert.Contains($"the blob {LayerDescriptor.Digest}", broken.Message, StringComparison.Ordinal);
        Assert.Equal(
            [null, "bytes=10-", "bytes=20-", "bytes=30-", "bytes=40-"], registry.Requests.Select(request => request.Header("Range")));
    }

    [Fact]
    public async Task What_another_blob_is_spliced_with_is_refused()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.TruncateBody(100_000));
        registry.Faults.Add("GET", "/blobs/", 1, Fault.FlipByte(5));
        using var harness = new Harness();
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(harness.Client.Repository(registry.Host, "app"), LayerDescriptor));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bytes 0-299999/300000")]
    [InlineData("bytes 100001-299999/300000")]
    public async Task Another_part_than_the_one_that_was_asked_for_is_refused(string? range)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.TruncateBody(100_000));
        registry.Faults.Add("GET", "/blobs/", 1, Fault.SetHeader("Content-Range", range));
        using var harness = new Harness();
        var refused = await Assert.ThrowsAsync<RegistryException>(
            () => ReadAsync(harness.Client.Repository(registry.Host, "app"), LayerDescriptor));
        Assert.Equal((RegistryFailure.Rejected, HttpStatusCode.PartialContent), (refused.Failure, refused.Status));
    }

    [Fact]
    public async Task A_document_is_verified_before_anybody_sees_it()
    {
        await using var registry = await StartAsync();
        using var harness = new Harness();
        var repository = harness.Client.Repository(registry.Host, "app");
        registry.Faults.Add("GET", "/blobs/", 1, Fault.FlipByte(5));
        Assert.Equal(RegistryFailure.InvalidContent, (await GetAsync(LayerDescriptor)).Failure);
        // Lies about the size, in both directions.
        Assert.Equal(
            RegistryFailure.InvalidContent, (await GetAsync(new Descriptor("x", LayerDescriptor.Digest, Layer.Length + 1))).Failure);
        Assert.Equal(
            RegistryFailure.InvalidContent, (await GetAsync(new Descriptor("x", LayerDescriptor.Digest, Layer.Length - 1))).Failure);
        Assert.Equal(RegistryFailure.InvalidContent, (await GetAsync(new Descriptor("x", LayerDescriptor.Digest, 9 << 20))).Failure);
        Assert.Equal(RegistryFailure.NotFound, (await GetAsync(new Descriptor("x", Digest.Of("other"u8), 5))).Failure);

        Task<RegistryException> GetAsync(Descriptor blob) =>
            Assert.ThrowsAsync<RegistryException>(() => repository.GetDocumentAsync(blob, default));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(405)]
    public async Task An_existence_check_that_is_refused_means_no(int status)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("HEAD", "/blobs/", 1, Fault.Status(status));
        using var harness = new Harness();
        Assert.False(await harness.Client.Repository(registry.Host, "app").BlobExistsAsync(LayerDescriptor.Digest, default));
    }

    [Fact]
    public async Task A_redirected_blob_is_fetched_without_credentials()
    {
        await using var registry = await StartAsync(new TestRegistryOptions
        {
            RedirectBlobs = true,
            Auth = new Containerize.Testing.Registries.Auth.TestRegistryAuth.Basic("u", "p"),
        });
        using var harness = new Harness();
        harness.Environment.Variables["DOTNET_CONTAINER_PULL_REGISTRY_UNAME"] = "u";
        harness.Environment.Variables["DOTNET_CONTAINER_PULL_REGISTRY_PWORD"] = "p";
        Assert.Equal(Layer, await ReadAsync(harness.Client.Repository(registry.Host, "app"), LayerDescriptor));
        var fetched = Assert.Single(registry.BlobHostRequests);
        Assert.Null(fetched.Header("Authorization"));
        Assert.Equal(200, fetched.Status);
        // The signature is the permission; it must not be in a log.
        Assert.DoesNotContain(harness.Trace, line => line.Contains("c2lnbmVk", StringComparison.Ordinal));
        Assert.Contains(harness.Trace, line => line.Contains("?X-Signature=…", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://storage.example/x", null)]
    [InlineData("http://storage.example/x", "it is not encrypted (https) while the registry is")]
    [InlineData("https://169.254.169.254/latest/meta-data/", "it is a link-local address")]
    [InlineData("https://10.0.0.5/x", "it is an address of a private network")]
    [InlineData("https://localhost:9000/x", "it is an address of a private network")]
    public async Task A_registry_does_not_send_the_client_where_only_the_client_can_go(string location, string? reason)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "r.example"
            ? Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", location))
            : Harness.Answer(HttpStatusCode.OK, Layer));
        using var harness = new Harness(network);
        var repository = harness.Client.Repository("r.example", "app");
        if (reason is null)
        {
            Assert.Equal(Layer, await ReadAsync(repository, LayerDescriptor));
            return;
        }

        var exception = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(repository, LayerDescriptor));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Single(network.Sent);
    }

    [Fact]
    public async Task Redirects_end()
    {
        var network = new FakeNetwork(_ => Harness.Answer(HttpStatusCode.Found, null, ("Location", "/v2/again")));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.Equal((RegistryFailure.Rejected, HttpStatusCode.Found), (exception.Failure, exception.Status));
        Assert.Contains("too many redirects", exception.Message, StringComparison.Ordinal);
        Assert.Equal(9, network.Sent.Count);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://r.example/x")]
    [InlineData("gopher:x")]
    [InlineData("")]
    public async Task Redirects_lead_to_http_alone(string location)
    {
        var network = new FakeNetwork(_ => Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", location)));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync("latest", default));
        Assert.Contains("leads to no address in http or https", exception.Message, StringComparison.Ordinal);
        Assert.Single(network.Sent);
    }

    [Fact]
    public async Task What_storage_answers_is_told_with_its_host()
    {
        var network = new FakeNetwork(request => request.RequestUri!.Host == "r.example"
            ? Harness.Answer(HttpStatusCode.TemporaryRedirect, null, ("Location", "https://storage.example/x?sig=1"))
            : Harness.Answer(HttpStatusCode.Forbidden, "<Error/>"u8.ToArray(), ("Content-Type", "application/xml")));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => ReadAsync(harness.Client.Repository("r.example", "app"), LayerDescriptor));
        Assert.Equal(
            $"The registry 'r.example' was asked for the blob {LayerDescriptor.Digest} (which it redirects to 'storage.example') and "
                + "answered 403 (Forbidden).",
            exception.Message);
    }

    [Theory]
    [InlineData("not a tag")]
    [InlineData("sha256:short")]
    [InlineData("../../other/manifests/x")]
    public async Task Only_tags_and_digests_are_asked_for(string reference)
    {
        using var harness = new Harness(new FakeNetwork(_ => null));
        await Assert.ThrowsAsync<ArgumentException>(
            () => harness.Client.Repository("r.example", "app").GetManifestAsync(reference, default));
    }

    private static async Task<TestRegistry> StartAsync(TestRegistryOptions? options = null)
    {
        var registry = await TestRegistry.StartAsync(options);
        registry.PutBlob("app", Layer);
        registry.PutManifest("app", "latest", Harness.Index.MediaType, Harness.Index.Content.Span);
        return registry;
    }

    private static async Task<byte[]> ReadAsync(RegistryRepository repository, Descriptor blob)
    {
        await using var stream = await repository.OpenBlobAsync(blob, default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
