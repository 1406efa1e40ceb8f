using System.Diagnostics;
using System.Net;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;
using static Containerize.Tests.Testing.RegistryCalls;

namespace Containerize.Tests.Testing;

public sealed class TestRegistryFaultTests
{
    private static readonly byte[] Content = new byte[1000];
    private static readonly string Target = "/v2/app/blobs/" + DigestOf(Content);

    [Fact]
    public async Task Faults_strike_in_their_order_and_are_used_up()
    {
        await using var registry = await StartAsync();
        var first = registry.Faults.Add("GET", "^/v2/app/blobs/", 2, Fault.Status(429, "slow down", ("Retry-After", "3")));
        var second = registry.Faults.Add("GET", "/blobs/", 1, Fault.Status(503));
        var response = await registry.SendAsync("GET", Target);
        Assert.Equal(
            (429, "3", "slow down"),
            ((int)response.StatusCode, HeaderOf(response, "Retry-After"), await response.Content.ReadAsStringAsync()));
        Assert.Equal(429, (int)(await registry.SendAsync("GET", Target)).StatusCode);
        Assert.Equal(200, (int)(await registry.SendAsync("HEAD", Target)).StatusCode);
        Assert.Equal(503, (int)(await registry.SendAsync("GET", Target)).StatusCode);
        Assert.Equal(200, (int)(await registry.SendAsync("GET", Target)).StatusCode);
        Assert.Equal((2, 1), (first.Hits, second.Hits));
        Assert.Equal([429, 429, 200, 503, 200], registry.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_fault_lets_some_requests_pass_first_and_can_be_taken_away()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("*", "", FaultScript.Always, Fault.Status(500), skip: 1);
        Assert.Equal(200, (int)(await registry.SendAsync("GET", Target)).StatusCode);
        Assert.Equal(500, (int)(await registry.SendAsync("GET", Target)).StatusCode);
        Assert.Equal(500, (int)(await registry.SendAsync("HEAD", Target)).StatusCode);
        registry.Faults.Clear();
        Assert.Equal(200, (int)(await registry.SendAsync("GET", Target)).StatusCode);
    }

    [Fact]
    public async Task A_status_takes_the_request_s_body_and_changes_nothing()
    {
        await using var registry = await StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        registry.Faults.Add(request => request.Method == "PUT", 1, Fault.Status(502));
        Assert.Equal(
            HttpStatusCode.BadGateway, (await registry.SendAsync("PUT", LocationOf(begun) + "&digest=" + DigestOf([1]), [1])).StatusCode);
        Assert.Equal(1, registry.Requests[1].BodyLength);
        Assert.Equal(
            HttpStatusCode.Created, (await registry.SendAsync("PUT", LocationOf(begun) + "&digest=" + DigestOf([1]), [1])).StatusCode);
    }

    [Fact]
    public async Task A_connection_is_cut()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.Abort());
        await Assert.ThrowsAsync<HttpRequestException>(() => registry.SendAsync("GET", Target));
        var cut = Assert.Single(registry.Requests);
        Assert.Null(cut.Status);
        Assert.Equal($"GET {Target} → cut", cut.Summary);
    }

    [Fact]
    public async Task A_connection_is_cut_in_the_middle_of_an_upload()
    {
        await using var registry = await StartAsync();
        var begun = await registry.SendAsync("POST", "/v2/app/blobs/uploads/");
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.Abort(afterRequestBytes: 100));
        await Assert.ThrowsAsync<HttpRequestException>(
            () => registry.SendAsync("PUT", LocationOf(begun) + "&digest=" + DigestOf(Content), Content));
        Assert.InRange(registry.Requests[1].BodyLength, 100, 100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public async Task A_body_ends_too_early(int after)
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.TruncateBody(after));
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(registry.Address, Target), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, Content.Length), (response.StatusCode, (int)response.Content.Headers.ContentLength!));
        var received = 0;
        await using var body = await response.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var buffer = new byte[64];
            for (int count; (count = await body.ReadAsync(buffer)) > 0;)
                received += count;
        });
        Assert.Equal(after, received);
        Assert.Equal(200, Assert.Single(registry.Requests).Status);
    }

    [Fact]
    public async Task A_byte_is_turned_round()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.FlipByte(500));
        var body = await (await registry.SendAsync("GET", Target)).Content.ReadAsByteArrayAsync();
        Assert.Equal(Content.Length, body.Length);
        Assert.Equal([500], Enumerable.Range(0, body.Length).Where(i => body[i] != 0));
    }

    [Fact]
    public async Task A_header_is_changed_or_taken_away()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("HEAD", "/blobs/", 1, Fault.SetHeader("Docker-Content-Digest", "sha256:wrong"));
        registry.Faults.Add("HEAD", "/blobs/", 1, Fault.SetHeader("Docker-Content-Digest", null));
        Assert.Equal("sha256:wrong", HeaderOf(await registry.SendAsync("HEAD", Target), "Docker-Content-Digest"));
        Assert.Null(HeaderOf(await registry.SendAsync("HEAD", Target), "Docker-Content-Digest"));
    }

    [Fact]
    public async Task A_request_waits()
    {
        await using var registry = await StartAsync();
        var release = new TaskCompletionSource();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.WaitFor(release.Task));
        registry.Faults.Add("GET", "/blobs/", 1, Fault.Delay(TimeSpan.FromMilliseconds(50)));
        var held = registry.SendAsync("GET", Target);
        var watch = Stopwatch.StartNew();
        while (registry.Requests.Count == 0)
            await Task.Yield();
        var delayed = await registry.SendAsync("GET", Target);
        Assert.Equal(HttpStatusCode.OK, delayed.StatusCode);
        Assert.InRange(watch.ElapsedMilliseconds, 45, long.MaxValue);
        Assert.False(held.IsCompleted);
        release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
    }

    [Fact]
    public async Task A_held_request_does_not_hold_back_the_end()
    {
        var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, Fault.WaitFor(new TaskCompletionSource().Task));
        var held = registry.SendAsync("GET", Target);
        while (registry.Requests.Count == 0)
            await Task.Yield();
        var watch = Stopwatch.StartNew();
        await registry.DisposeAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<HttpRequestException>(() => held);
    }

    [Fact]
    public async Task The_token_endpoint_and_the_blob_host_fail_too()
    {
        await using var registry = await TestRegistry.StartAsync(new() { RedirectBlobs = true, Auth = new TestRegistryAuth.Bearer() });
        registry.PutBlob("app", Content);
        registry.Faults.Add("GET", "^/token", 1, Fault.Status(503));
        registry.Faults.Add("GET", "^/objects/", 1, Fault.Status(503));
        Assert.Equal(503, (int)(await registry.SendAsync("GET", $"/token?service={registry.Host}")).StatusCode);
        using var http = new HttpClient();
        Assert.Equal(503, (int)(await http.GetAsync($"http://{registry.BlobHost}/objects/app/x")).StatusCode);
        Assert.Equal([503], registry.TokenHttpRequests.Select(request => request.Status));
        Assert.Empty(registry.TokenRequests);
        Assert.Equal([503], registry.BlobHostRequests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_lambda_is_a_fault_as_well()
    {
        await using var registry = await StartAsync();
        registry.Faults.Add("GET", "/blobs/", 1, async (context, next) =>
        {
            context.Request.Headers.Range = "bytes=0-0";
            await next(context);
        });
        Assert.Equal(HttpStatusCode.PartialContent, (await registry.SendAsync("GET", Target)).StatusCode);
    }

    private static async Task<TestRegistry> StartAsync()
    {
        var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Content);
        return registry;
    }
}
