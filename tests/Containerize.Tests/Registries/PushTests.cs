using System.Net;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

public sealed class PushTests
{
    private static readonly byte[] Layer = Harness.Bytes(500_000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);
    private static readonly string Digest = LayerDescriptor.Digest.ToString();

    private int _opened;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blob_takes_two_requests(bool absoluteLocations)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { AbsoluteLocations = absoluteLocations });
        using var harness = new Harness();
        await Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default);

        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal(["POST /v2/app/blobs/uploads/ → 202", $"PUT /v2/app/blobs/uploads/{{id}}?digest={Digest} → 201"], Summaries(registry));
        Assert.Equal("0", registry.Requests[0].Header("Content-Length"));
        Assert.Equal("500000", registry.Requests[1].Header("Content-Length"));
        Assert.Equal("application/octet-stream", registry.Requests[1].Header("Content-Type"));
        Assert.Null(registry.Requests[1].Header("Transfer-Encoding"));
        Assert.All(registry.Requests, request => Assert.Null(request.Header("Accept")));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task An_empty_blob_can_be_uploaded()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        var empty = Harness.LayerOf([]);
        await Repository(harness, registry).UploadAsync(empty, _ => Task.FromResult(Stream.Null), default);
        Assert.Equal([], registry.FindBlob("app", empty.Digest.ToString())!);
    }

    // What the registry opens while the build is given up would stay open for days: only its answer names it.
    [Fact]
    public async Task A_session_that_is_opened_while_the_upload_is_cancelled_is_closed()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        using var cancellation = new CancellationTokenSource();
        registry.Faults.Add("POST", "/blobs/uploads/", 1, async (context, next) =>
        {
            await cancellation.CancelAsync();
            await next(context);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, cancellation.Token));
        Assert.Equal(["POST", "DELETE"], registry.Requests.Select(request => request.Method));
        Assert.Equal(0, registry.OpenUploads("app"));
        Assert.Equal(0, _opened);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_waited_for_a_second_longer()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        using var cancellation = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        registry.Faults.Add("POST", "/blobs/uploads/", 1, async (context, _) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var upload = Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, cancellation.Token);
        await asked.Task;
        await cancellation.CancelAsync();
        Assert.False(upload.IsCompleted);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
    }

    [Fact]
    public async Task A_manifest_is_stored_as_it_is()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        await Repository(harness, registry).PutManifestAsync("latest", Harness.Index, default);
        await Repository(harness, registry).PutManifestAsync(Harness.Index.Descriptor.Digest.ToString(), Harness.Index, default);
        Assert.Equal(
            ["PUT /v2/app/manifests/latest → 201", $"PUT /v2/app/manifests/{Harness.Index.Descriptor.Digest} → 201"], Summaries(registry));
        Assert.All(registry.Requests, request => Assert.Equal(MediaTypes.OciIndex, request.Header("Content-Type")));
        Assert.All(registry.Requests, request => Assert.Null(request.Header("Accept")));
        Assert.Equal(Harness.Index.Content.ToArray(), registry.FindManifest("app", "latest")!.Content.ToArray());
    }

    [Fact]
    public async Task A_manifest_that_is_stored_under_another_digest_is_an_error()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/manifests/", 1, Fault.SetHeader("Docker-Content-Digest", Digest));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => Repository(harness, registry).PutManifestAsync("latest", Harness.Index, default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_mounted()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("base/image", Layer);
        using var harness = new Harness();
        Assert.True(await Repository(harness, registry).TryMountAsync(LayerDescriptor.Digest, "base/image", default));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal([$"POST /v2/app/blobs/uploads/?mount={Digest}&from=base%2Fimage → 201"], Summaries(registry));
    }

    [Fact]
    public async Task A_session_that_was_opened_instead_of_a_mount_is_used()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Mount = MountBehaviour.Ignored });
        using var harness = new Harness();
        var repository = Repository(harness, registry);
        Assert.False(await repository.TryMountAsync(LayerDescriptor.Digest, "base", default));
        await repository.UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(
            [$"POST /v2/app/blobs/uploads/?mount={Digest}&from=base → 202", $"PUT /v2/app/blobs/uploads/{{id}}?digest={Digest} → 201"],
            Summaries(registry));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task A_session_that_has_expired_meanwhile_is_begun_anew()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Mount = MountBehaviour.Ignored });
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.Status(404, """{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}"""));
        using var harness = new Harness();
        var repository = Repository(harness, registry);
        await repository.TryMountAsync(LayerDescriptor.Digest, "base", default);
        await repository.UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(["POST", "PUT", "POST", "PUT"], registry.Requests.Select(r => r.Method));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    public async Task A_mount_that_is_refused_is_no_error(int status)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("POST", "mount=", FaultScript.Always, Fault.Status(status));
        using var harness = new Harness();
        Assert.False(await Repository(harness, registry).TryMountAsync(LayerDescriptor.Digest, "base", default));
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task An_upload_that_fails_begins_anew(int status)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 2, Fault.Status(status));
        using var harness = new Harness();
        await Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(
            ["POST 202", $"PUT {status}", "HEAD 404", "POST 202", $"PUT {status}", "HEAD 404", "POST 202", "PUT 201"],
            registry.Requests.Select(r => $"{r.Method} {r.Status}"));
        Assert.Equal(2, harness.Clock.Skipped.Count);
        Assert.Equal(3, _opened);
    }

    [Fact]
    public async Task An_upload_whose_connection_is_cut_begins_anew()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.Abort(100_000));
        using var harness = new Harness();
        await Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_is_not_sent_again()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 1, async (context, next) =>
        {
            context.Response.Body = Stream.Null;
            registry.PutBlob("app", Layer);
            await Fault.Abort(Layer.Length)(context, next);
        });
        using var harness = new Harness();
        await Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(["POST", "PUT", "HEAD"], registry.Requests.Select(r => r.Method));
        Assert.Equal(1, _opened);
    }

    [Fact]
    public async Task An_upload_that_fails_for_good_says_why_and_leaves_no_session()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.Status(
            400, """{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}"""));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default));
        Assert.Equal(
            (RegistryFailure.Rejected, HttpStatusCode.BadRequest, "app"), (exception.Failure, exception.Status, exception.Repository));
        Assert.Equal(
            $"The registry '{registry.Host}' was asked for the upload of the blob {Digest} to 'app' and answered 400 (BadRequest): "
            + "DIGEST_INVALID: provided digest did not match uploaded content.",
            exception.Message);
        Assert.Equal(["POST", "PUT", "DELETE"], registry.Requests.Select(r => r.Method));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task What_is_wrong_with_the_source_is_neither_repeated_nor_called_the_registrys_fault()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        var repository = Repository(harness, registry);

        await Assert.ThrowsAsync<FileNotFoundException>(
            () => repository.UploadAsync(LayerDescriptor, _ => throw new FileNotFoundException(), default));
        await Assert.ThrowsAsync<InvalidDataException>(
            () => repository.UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(Layer, 0, 400_000)), default));
        await Assert.ThrowsAsync<InvalidDataException>(
            () => repository.UploadAsync(new Descriptor("x", LayerDescriptor.Digest, 400_000), OpenAsync, default));
        Assert.Empty(harness.Notices);
        Assert.Empty(registry.Blobs("app"));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task An_upload_that_is_cancelled_is_cancelled_at_the_registry_too()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var cancellation = new CancellationTokenSource();
        registry.Faults.Add("PUT", "/uploads/", 1, async (context, next) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var harness = new Harness();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, cancellation.Token));
        Assert.Equal(["POST", "PUT", "DELETE"], registry.Requests.Select(r => r.Method));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task A_body_is_sent_again_where_a_redirect_leads()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/[^/?]+\\?", 1, async (context, next) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = context.Request.Path + context.Request.QueryString.ToString();
        });
        using var harness = new Harness();
        await Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default);
        Assert.Equal(["POST 202", "PUT 307", "PUT 201"], registry.Requests.Select(r => $"{r.Method} {r.Status}"));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal(2, _opened);
    }

    [Fact]
    public async Task The_query_of_a_location_is_kept_and_another_host_gets_no_credentials()
    {
        var network = new FakeNetwork(request => request.Method == HttpMethod.Post
            ? request.Headers.Authorization is null
                ? Harness.Answer(HttpStatusCode.Unauthorized, null, ("WWW-Authenticate", "Basic realm=\"r\""))
                : Harness.Answer(HttpStatusCode.Accepted, null, ("Location", "https://upload.example/s%2F1?_state=a%2Bb%3D"))
            : Harness.Answer(HttpStatusCode.Created));
        using var harness = new Harness(network).WithPushUser("u", "p");
        var blob = Harness.LayerOf("x"u8.ToArray());
        await harness.Client.Repository("r.example", "app", RegistryAccess.Push)
            .UploadAsync(blob, _ => Task.FromResult<Stream>(new MemoryStream("x"u8.ToArray())), default);
        Assert.Equal(
            $"PUT https://upload.example/s%2F1?_state=a%2Bb%3D&digest={Uri.EscapeDataString(blob.Digest.ToString())} <<< "
                + "x", network.Sent[^1]);
    }

    [Theory]
    [InlineData("PUT", "/manifests/")]
    [InlineData("PUT", "/uploads/")]
    [InlineData("POST", "/uploads/")]
    public async Task A_push_that_is_sent_on_to_be_read_is_not_done(string method, string path)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add(method, path, FaultScript.Always, Fault.Status(303, null, ("Location", "/elsewhere")));
        registry.Faults.Add("GET", "/elsewhere", FaultScript.Always, Fault.Status(201));
        using var harness = new Harness();

        var exception = await Assert.ThrowsAsync<RegistryException>(() => path == "/manifests/"
            ? Repository(harness, registry).PutManifestAsync("1", Harness.Index, default)
            : Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default));

        Assert.Contains("answered 303 (SeeOther). It names another address to read from", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(registry.Requests, request => request.Path == "/elsewhere");
    }

    [Theory]
    [InlineData(202)]
    [InlineData(200)]
    [InlineData(204)]
    public async Task A_manifest_that_is_said_to_be_accepted_and_is_not_there_is_not_done(int status)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.Status(status));
        using var harness = new Harness();

        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => Repository(harness, registry).PutManifestAsync("1", Harness.Index, default));

        Assert.Equal(RegistryFailure.Rejected, exception.Failure);
        Assert.EndsWith($"with {status} instead of 201, and does not serve it.", exception.Message, StringComparison.Ordinal);
        Assert.Equal([$"PUT /v2/app/manifests/1 → {status}", "GET /v2/app/manifests/1 → 404"], Summaries(registry));
    }

    [Fact]
    public async Task A_manifest_that_is_said_to_be_accepted_and_is_another_one_is_not_done()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("app", "1", MediaTypes.OciIndex, """{"schemaVersion":2,"manifests":[]}"""u8);
        registry.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.Status(202));
        using var harness = new Harness();

        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => Repository(harness, registry).PutManifestAsync("1", Harness.Index, default));

        Assert.Contains("with 202 instead of 201, and serves sha256:", exception.Message, StringComparison.Ordinal);
    }

    // Quay, and registry before 2.1.
    [Fact]
    public async Task A_manifest_that_is_said_to_be_accepted_and_is_served_is_done()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/manifests/", FaultScript.Always, async (context, next) =>
        {
            context.Response.OnStarting(() => Task.FromResult(context.Response.StatusCode = 202));
            await next(context);
        });
        using var harness = new Harness();

        await Repository(harness, registry).PutManifestAsync("1", Harness.Index, default);

        Assert.Equal(["PUT /v2/app/manifests/1 → 202", "GET /v2/app/manifests/1 → 200"], Summaries(registry));
    }

    [Fact]
    public async Task A_repository_that_has_to_be_created_first_is_named()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("POST", "/uploads/", 1, Fault.Status(404, """{"errors":[{"code":"NAME_UNKNOWN","message":"The repository does not exist."}]}"""));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => Repository(harness, registry).UploadAsync(LayerDescriptor, OpenAsync, default));
        Assert.Equal(RegistryFailure.NotFound, exception.Failure);
        Assert.Equal(RefusalReason.RepositoryMissing, exception.Reason);
    }

    private static RegistryRepository Repository(Harness harness, TestRegistry registry) =>
        harness.Client.Repository(registry.Host, "app", RegistryAccess.Push);

    private static IEnumerable<string> Summaries(TestRegistry registry) => registry.Requests.Select(request => request.Summary);

    private Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        _opened++;
        return Task.FromResult<Stream>(new MemoryStream(Layer));
    }
}
