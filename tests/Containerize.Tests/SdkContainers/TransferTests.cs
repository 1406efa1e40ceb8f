using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>Downloads and pushes, as the .NET SDK's own tests have them.</summary>
public sealed class TransferTests
{
    private static readonly byte[] Layer = Harness.Bytes(100_000);
    private static readonly Descriptor LayerDescriptor = Harness.LayerOf(Layer);

    public static TheoryData<string> Failures => new() { "connection", "body", "503" };

    // In the SDK any exception is tried again. Here a wrong hash is not: the registry then holds something else, or somebody is in between.
    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_download_that_fails_twice_is_there_after_three_calls(string failure)
    {
        await using var registry = await StartAsync(failure, times: 2);
        using var harness = new Harness();

        Assert.Equal(Layer, await DownloadAsync(harness, registry));

        Assert.Equal(3, registry.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_download_that_fails_five_times_is_a_failure(string failure)
    {
        await using var registry = await StartAsync(failure, times: 5);
        using var harness = new Harness();

        var exception = await Assert.ThrowsAsync<RegistryException>(() => DownloadAsync(harness, registry));

        Assert.Contains($"the blob {LayerDescriptor.Digest}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(5, registry.Requests.Count);
    }

    [Fact]
    public async Task Where_the_manifest_is_there_no_blob_is_asked_for_and_every_other_tag_is_put()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var harness = new Harness();
        var image = MemoryImages.Of("one", "two");
        await Pushes.PushAsync(harness.Client, ImageSet.Of(image), registry.Host, "app", ["1.0"]);
        registry.ClearRequests();

        await Pushes.PushAsync(harness.Client, ImageSet.Of(image), registry.Host, "app", ["1.0", "latest"]);

        Assert.Equal(
            [
                "GET /v2/app/manifests/1.0 → 200",
                "PUT /v2/app/manifests/latest → 201",
            ],
            registry.Requests.Select(request => request.Summary));
        Assert.Equal(["1.0", "latest"], registry.Tags("app"));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(405)]
    public async Task Where_nobody_says_whether_the_manifest_is_there_everything_is_asked_for(int status)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("*", "/manifests/sha256:", FaultScript.Always, Fault.Status(status));
        using var harness = new Harness();
        var image = MemoryImages.Of("one", "two");

        await Pushes.PushAsync(harness.Client, ImageSet.Of(image), registry.Host, "app", ["1.0"]);

        Assert.Equal(3, registry.Blobs("app").Count);
        Assert.Equal(["1.0"], registry.Tags("app"));
    }

    private static async Task<TestRegistry> StartAsync(string failure, int times)
    {
        var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", Layer);
        registry.Faults.Add("GET", "/blobs/", times, failure switch
        {
            "connection" => Fault.Abort(),
            "body" => Fault.TruncateBody(1000),
            _ => Fault.Status(503),
        });
        return registry;
    }

    private static async Task<byte[]> DownloadAsync(Harness harness, TestRegistry registry)
    {
        await using var stream = await harness.Client.Repository(registry.Host, "app").OpenBlobAsync(LayerDescriptor, default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
