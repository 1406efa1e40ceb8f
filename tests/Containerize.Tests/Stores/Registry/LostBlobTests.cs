using Containerize.Caches;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Registry;

/// <summary>A registry that serves manifests whose blobs it has lost.</summary>
public sealed class LostBlobTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _notices = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(400, "MANIFEST_BLOB_UNKNOWN", false)]
    [InlineData(404, "MANIFEST_BLOB_UNKNOWN", true)]
    [InlineData(404, "BLOB_UNKNOWN", true)]
    public async Task What_the_image_that_is_there_lists_and_lacks_is_sent(int status, string code, bool liesWithHead)
    {
        await using var registry = await TestRegistry.StartAsync();
        await PushAsync(registry, MemoryImages.Of("a", "b"), "1");
        var lost = MemoryImages.Layer("a").Digest;
        Assert.True(registry.RemoveBlob("app", lost));
        registry.Faults.Add("PUT", "/manifests/", 1, Fault.Status(status, $$"""{"errors":[{"code":"{{code}}","message":"blob unknown to registry"}]}"""));
        if (liesWithHead)
            registry.Faults.Add("HEAD", "/blobs/", FaultScript.Always, Fault.Status(200));
        registry.ClearRequests();

        var image = MemoryImages.Of("a", "c");
        await PushAsync(registry, image, "1");

        Assert.Equal(image.Manifest.Document.Descriptor.Digest.ToString(), registry.FindManifest("app", "1")!.Digest);
        Assert.All(image.Layers, layer => Assert.NotNull(registry.FindBlob("app", layer.Descriptor.Digest.ToString())));
        Assert.Single(_notices);
        Assert.Equal(0, registry.OpenUploads("app"));
        // Two for what was thought to be new (a layer, the config), then each of three, once; the manifest twice.
        Assert.Equal(
            2 + 3,
            registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/uploads/", StringComparison.Ordinal)));
        Assert.Equal(
            2,
            registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_image_that_is_there_and_has_lost_a_blob_is_whole_again_under_another_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        var image = MemoryImages.Of("a", "b");
        await PushAsync(registry, image, "1");
        Assert.True(registry.RemoveBlob("app", MemoryImages.Layer("b").Digest));

        await PushAsync(registry, image, "2", "3");

        Assert.NotNull(registry.FindBlob("app", MemoryImages.Layer("b").Digest));
        Assert.Equal(["1", "2", "3"], registry.Tags("app"));
    }

    [Fact]
    public async Task A_registry_that_takes_several_tags_is_mended_too()
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { TagsTogether = true });
        await PushAsync(registry, MemoryImages.Of("a", "b"), "1", "2");
        Assert.True(registry.RemoveBlob("app", MemoryImages.Layer("a").Digest));

        var image = MemoryImages.Of("a", "c");
        await PushAsync(registry, image, "1", "2");

        Assert.All(
            ["1", "2"],
            tag => Assert.Equal(image.Manifest.Document.Descriptor.Digest.ToString(), registry.FindManifest("app", tag)!.Digest));
        Assert.NotNull(registry.FindBlob("app", MemoryImages.Layer("a").Digest));
    }

    [Fact]
    public async Task A_blob_that_several_sent_at_once_and_the_registry_mixed_up_is_sent_again()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/uploads/", 1, Fault.Status(400, """{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}"""));

        await PushAsync(registry, MemoryImages.Of("a", "b"), "1");

        Assert.Equal(["1"], registry.Tags("app"));
        Assert.Equal(0, registry.OpenUploads("app"));
    }

    [Fact]
    public async Task A_registry_that_keeps_saying_so_is_believed_the_second_time()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.Status(400, """{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}"""));

        var e = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(registry, MemoryImages.Of("a", "b"), "1", "2"));

        Assert.Equal(RefusalReason.PartMissing, e.Reason);
        Assert.Equal(
            2,
            registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal)));
        Assert.Equal(
            2 * 3,
            registry.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/uploads/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_others_were_told_of_a_lost_blob_is_taken_back()
    {
        await using var registry = await TestRegistry.StartAsync();
        var notes = new RegistryHints(_folder.Path, TimeProvider.System);
        var (lost, other) = (Digest.Parse(MemoryImages.Layer("a").Digest), Digest.Of("other"u8));
        await notes.AddHolderAsync(registry.Host, "app", lost, default);
        await notes.AddHolderAsync(registry.Host, "another", other, default);

        notes.RemoveHolder(registry.Host, "app", [lost, other]);

        Assert.Equal((null, "another"), (notes.HolderOf(registry.Host, lost), notes.HolderOf(registry.Host, other)));
    }

    // What was taken over from the registry is nowhere else.
    [Fact]
    public async Task Where_the_bytes_are_gone_the_next_build_takes_nothing_over_and_sends_everything()
    {
        await using var registry = await TestRegistry.StartAsync();
        await PushAsync(registry, MemoryImages.Of("a", "b"), "1");
        var lost = MemoryImages.Layer("a");
        Assert.True(registry.RemoveBlob("app", lost.Digest));
        var name = new ImageReference(registry.Host, "app", "1");
        using (var client = Client())
        {
            var taken = PreviousImage.LayerOf(
                client,
                name,
                new Descriptor(MediaTypes.OciLayerGzip, Digest.Parse(lost.Digest), lost.Gzip.Length),
                Digest.Parse(lost.DiffId));
            var e = await Assert.ThrowsAsync<RegistryException>(
                () => PushAsync(client, registry, MemoryImages.Of(taken, new MemoryLayer(MemoryImages.Layer("c"))), "1"));
            Assert.Equal(RefusalReason.PartMissing, e.Reason);
        }

        using (var client = Client())
        {
            Assert.Null(await PreviousImage.FindAsync(client, new TagLookups(client), name, new Platform("linux", "amd64"), default));
            registry.ClearRequests();
            await PushAsync(client, registry, MemoryImages.Of("a", "c"), "1");
        }

        Assert.NotNull(registry.FindBlob("app", lost.Digest));
        Assert.DoesNotContain(
            registry.Requests, request => request.Method is "HEAD" or "GET" || request.Target.Contains("mount=", StringComparison.Ordinal));
        using var later = Client();
        Assert.NotNull(await PreviousImage.FindAsync(later, new TagLookups(later), name, new Platform("linux", "amd64"), default));
    }

    private async Task PushAsync(TestRegistry registry, Image image, params string[] tags)
    {
        using var client = Client();
        await PushAsync(client, registry, image, tags);
    }

    private async Task PushAsync(RegistryClient client, TestRegistry registry, Image image, params string[] tags)
    {
        var push = new RegistryPush(client, new TagLookups(client), ImageSet.Of(image), registry.Host, "app", _notices.Add);
        await push.UploadAsync(tags[0], default);
        await push.TagAsync(tags, _ => { }, default);
    }

    private RegistryClient Client() => new(new RegistryClientOptions
    {
        Environment = new EmptyEnvironment(),
        Processes = new ScriptedProcesses(),
        Notes = new RegistryHints(_folder.Path, TimeProvider.System),
    });
}
