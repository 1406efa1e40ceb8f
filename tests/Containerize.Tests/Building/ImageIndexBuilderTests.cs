using System.Text;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class ImageIndexBuilderTests : IDisposable
{
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task The_index_lists_the_images_in_the_order_of_the_plans()
    {
        var images = await BuildAsync(null, "linux-arm64", "linux-x64", "linux-arm");
        var index = ImageIndexBuilder.Build(images);

        Assert.Equal(MediaTypes.OciIndex, index.Index.Document.MediaType);
        Assert.Equal(images.Select(image => image.Image.Manifest.Document.Descriptor), index.Index.Manifests);
        Assert.Equal(["linux/arm64/v8", "linux/amd64", "linux/arm/v7"], index.Index.Manifests.Select(entry => entry.Platform!.ToString()));
        foreach (var (plan, image) in images)
            Assert.Equal(image.Manifest.Document.Descriptor, index.Index.Find(plan.Platform));
    }

    [Fact]
    public async Task An_index_of_Docker_manifests_is_a_manifest_list_without_annotations()
    {
        var index = ImageIndexBuilder.Build(await BuildAsync(ImageFormat.Docker, "linux-x64", "linux-arm64"));

        Assert.Equal(MediaTypes.DockerManifestList, index.Index.Document.MediaType);
        Assert.All(index.Index.Manifests, entry => Assert.Equal(MediaTypes.DockerManifest, entry.MediaType));
        Assert.DoesNotContain("annotations", Encoding.UTF8.GetString(index.Index.Document.Content.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Annotations_of_the_index_are_in_it_alone()
    {
        var index = ImageIndexBuilder.Build(await BuildAsync(null, "linux-x64", "linux-arm64"));

        Assert.EndsWith(""","annotations":{"b":"2","c":""}}""", Encoding.UTF8.GetString(index.Index.Document.Content.Span), StringComparison.Ordinal);
        Assert.All(index.Images, image => Assert.EndsWith(""","annotations":{"a":"1","b":"2"}}""", Encoding.UTF8.GetString(image.Manifest.Document.Content.Span), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_images_for_one_platform_are_refused()
    {
        var images = await BuildAsync(null, "linux-x64", "linux-arm64", "linux-musl-x64");
        Failing.With(ErrorCodes.PlatformTwice, () => ImageIndexBuilder.Build(images), "'linux-x64' and 'linux-musl-x64'", "linux/amd64");
    }

    [Fact]
    public async Task Images_of_two_formats_are_refused()
    {
        var images = (await BuildAsync(null, "linux-x64")).Concat(await BuildAsync(ImageFormat.Docker, "linux-arm64")).ToList();
        Failing.With(ErrorCodes.ImageFormatInvalid, () => ImageIndexBuilder.Build(images), "ContainerImageFormat");
    }

    [Fact]
    public async Task No_manifest_is_put_before_all_blobs_are_there_and_no_tag_before_all_manifests()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var index = ImageIndexBuilder.Build(await BuildAsync(null, "linux-x64", "linux-arm64"));

        await Pushes.PushAsync(client, ImageSet.Of(index), registry.Host, "app", ["1", "2"]);

        var puts = registry.Requests.Where(request => request.Method == "PUT")
            .Select(request => request.Path.Contains("/manifests/", StringComparison.Ordinal) ? request.Path.Split('/')[^1] : "blob")
            .ToList();
        // The two layers are the same for both, the configs are not.
        Assert.Equal(["blob", "blob", "blob", "blob", .. index.Index.Manifests.Select(entry => entry.Digest.ToString()), "1", "2"], puts);
        Assert.Equal(["1", "2"], registry.Tags("app"));
        Assert.Equal(index.Index.Document.Descriptor.Digest.ToString(), registry.FindManifest("app", "2")!.Digest);
    }

    [Fact]
    public async Task A_manifest_that_is_refused_leaves_no_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var index = ImageIndexBuilder.Build(await BuildAsync(null, "linux-x64", "linux-arm64"));
        registry.Faults.Add("PUT", "/manifests/" + index.Index.Manifests[1].Digest, FaultScript.Always, Fault.Status(400));

        await Assert.ThrowsAsync<RegistryException>(() => Pushes.PushAsync(client, ImageSet.Of(index), registry.Host, "app", ["1"]));

        Assert.Empty(registry.Tags("app"));
    }

    private async Task<IReadOnlyList<(ImagePlan Plan, Image Image)>> BuildAsync(ImageFormat? format, params string[] runtimeIdentifiers)
    {
        var images = new List<(ImagePlan, Image)>();
        foreach (var rid in runtimeIdentifiers)
        {
            var plan = _app.Plan("scratch", rid, format) with
            {
                Annotations = [new Annotation("a", "1"), new Annotation(
                    "b", "2", AnnotationScope.Manifest | AnnotationScope.Index), new Annotation("c", "", AnnotationScope.Index)],
            };
            images.Add((plan, await _app.BuildAsync(plan, ScratchSource.ImageFor(plan.Platform))));
        }

        return images;
    }
}
