using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

/// <summary>Blobs that do not arrive in one go: uploads that are gone on with, and uploads in chunks.</summary>
public sealed class LargeUploadTests
{
    private const int Chunk = 5 * 1024 * 1024;
    private static readonly byte[] Layer = Harness.Bytes((2 * Chunk) + 1000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);
    private static readonly string Digest = LayerDescriptor.Digest.ToString();

    [Fact]
    public async Task A_broken_upload_goes_on_where_the_registry_says()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { KeepsBrokenUploads = true });
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.BreakRequest(3_000_000));

        await UploadAsync(registry);

        Assert.Equal(["POST 202", "PUT cut", "HEAD 404", "GET 204", "PUT 201"], Requests(registry));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal(Layer.Length - 3_000_000, registry.Requests[^1].BodyLength);
        Assert.Equal($"3000000-{Layer.Length - 1}", registry.Requests[^1].Headers["Content-Range"]);
    }

    [Fact]
    public async Task A_broken_upload_begins_anew_where_the_registry_has_forgotten_it()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.BreakRequest(3_000_000));

        await UploadAsync(registry);

        Assert.Equal(["POST 202", "PUT cut", "HEAD 404", "GET 204", "POST 202", "PUT 201"], Requests(registry));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Theory]
    [InlineData("GET", 404)]
    [InlineData("GET", 405)]
    [InlineData("PUT", 400)]
    [InlineData("PUT", 416)]
    public async Task A_broken_upload_begins_anew_where_the_registry_does_not_go_on(string method, int status)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { KeepsBrokenUploads = true });
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.BreakRequest(3_000_000));
        registry.Faults.Add(method, "/uploads/", 1, Fault.Status(status));

        await UploadAsync(registry);

        Assert.Equal(["POST", "PUT"], registry.Requests.TakeLast(2).Select(request => request.Method));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Fact]
    public async Task What_breaks_again_and_again_arrives_bit_by_bit()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { KeepsBrokenUploads = true });
        registry.Faults.Add("PUT", "/uploads/", 4, Fault.BreakRequest(2_500_000));

        await UploadAsync(registry);

        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal(Layer.Length - 10_000_000, registry.Requests[^1].BodyLength);
    }

    [Fact]
    public async Task A_small_blob_is_rather_sent_again_than_asked_for()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { KeepsBrokenUploads = true });
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.BreakRequest(100));
        var small = Harness.Bytes(1000);

        await UploadAsync(registry, small);

        Assert.Equal(["POST 202", "PUT cut", "HEAD 404", "POST 202", "PUT 201"], Requests(registry));
    }

    [Fact]
    public async Task What_is_too_large_for_one_request_goes_in_chunks()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { MaximumBody = Chunk });

        await UploadAsync(registry);

        Assert.Equal(
            ["POST 202", "PUT 413", "DELETE 204", "POST 202", "PATCH 202", "PATCH 202", "PATCH 202", "PUT 201"], Requests(registry));
        Assert.Equal(
            [$"0-{Chunk - 1}", $"{Chunk}-{(2 * Chunk) - 1}", $"{2 * Chunk}-{Layer.Length - 1}"],
            registry.Requests.Where(request => request.Method == "PATCH").Select(request => request.Headers["Content-Range"]));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task Chunks_are_as_large_as_the_registry_wants_them_at_least()
    {
        await using var registry = await TestRegistry.StartAsync(
            new TestRegistryOptions { MaximumBody = Chunk + 500, MinimumChunk = Chunk + 500 });

        await UploadAsync(registry);

        Assert.Equal(
            [Chunk + 500, Chunk + 500],
            registry.Requests.Where(request => request.Method == "PATCH").Select(request => request.BodyLength));
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Fact]
    public async Task A_chunk_that_breaks_is_gone_on_with()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { MaximumBody = Chunk });
        registry.Faults.Add("PATCH", "/uploads/", 1, async (context, next) => await next(context));
        registry.Faults.Add("PATCH", "/uploads/", 1, Fault.BreakRequest(1_000_000));

        await UploadAsync(registry);

        Assert.Equal(
            ["POST 202", "PUT 413", "DELETE 204", "POST 202", "PATCH 202", "PATCH cut", "HEAD 404", "GET 204", "PATCH 202", "PUT 201"],
            Requests(registry));
        Assert.Equal($"{Chunk + 1_000_000}-{Layer.Length - 1}", registry.Requests[8].Headers["Content-Range"].ToString());
        Assert.Equal(Layer, registry.FindBlob("app", Digest));
    }

    [Fact]
    public async Task What_is_too_large_even_in_chunks_is_refused_once()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { MaximumBody = 1000 });

        var e = await Assert.ThrowsAsync<RegistryException>(() => UploadAsync(registry));

        Assert.Equal(RefusalReason.TooLarge, e.Reason);
        Assert.Equal(["POST 202", "PUT 413", "DELETE 204", "POST 202", "PATCH 413", "DELETE 204"], Requests(registry));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task A_source_that_fails_in_a_chunk_is_not_tried_again()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { MaximumBody = Chunk });
        using var harness = new Harness();
        var shorter = Layer[..^1];
        await Assert.ThrowsAsync<InvalidDataException>(
            () => harness.Client.Repository(registry.Host, "app", RegistryAccess.Push)
                .UploadAsync(LayerDescriptor, _ => Task.FromResult<Stream>(new MemoryStream(shorter)), default));
        Assert.Null(registry.FindBlob("app", Digest));
    }

    private static IEnumerable<string> Requests(TestRegistry registry) =>
        registry.Requests.Select(
            request => $"{request.Method} {request.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "cut"}");

    private static async Task UploadAsync(TestRegistry registry, byte[]? content = null)
    {
        using var harness = new Harness();
        content ??= Layer;
        await harness.Client.Repository(registry.Host, "app", RegistryAccess.Push)
            .UploadAsync(Harness.LayerOf(content), _ => Task.FromResult<Stream>(new MemoryStream(content)), default);
    }
}
