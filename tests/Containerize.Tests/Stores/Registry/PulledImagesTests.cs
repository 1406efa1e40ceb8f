using Containerize.Building;
using Containerize.Images;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Registry;

/// <summary>Bases that several projects of one build have in common.</summary>
public sealed class PulledImagesTests : IDisposable
{
    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task A_tag_is_asked_for_once_in_a_build_even_if_it_moves()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec());
        using var client = Clients.Anonymous();
        var bases = new PulledImages();
        var images = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ResolveAsync(bases)));
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec { Layers = [[TarItem.File("x", "x")]] });
        var later = await ResolveAsync(bases);

        Assert.All(images, image => Assert.Equal(images[0].Manifest.Document.Descriptor, image.Manifest.Document.Descriptor));
        Assert.Equal(images[0].Manifest.Document.Descriptor, later.Manifest.Document.Descriptor);
        Assert.Equal(2, registry.Requests.Count);
        Assert.NotEqual(images[0].Manifest.Document.Descriptor, (await ResolveAsync(new PulledImages())).Manifest.Document.Descriptor);

        Task<Image> ResolveAsync(PulledImages bases) =>
            new BaseResolver(client, pulled: bases).ResolveAsync(_app.Plan($"{registry.Host}/base:1"), default);
    }

    [Fact]
    public async Task Another_platform_is_another_base()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec());
        using var client = Clients.Anonymous();
        var resolver = new BaseResolver(client, pulled: new PulledImages());
        await resolver.ResolveAsync(_app.Plan($"{registry.Host}/base:1"), default);

        await Failing.WithAsync(
            ErrorCodes.BasePlatformMissing,
            () => resolver.ResolveAsync(_app.Plan($"{registry.Host}/base:1", "linux-arm64"), default),
            "linux/arm64");
    }

    [Fact]
    public async Task Who_comes_after_a_failure_tries_anew()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec());
        registry.Faults.Add("GET", "/manifests/", 1, Fault.Status(403));
        using var client = Clients.Anonymous();
        var resolver = new BaseResolver(client, pulled: new PulledImages());
        var plan = _app.Plan($"{registry.Host}/base:1");

        await Assert.ThrowsAsync<ContainerizeException>(() => resolver.ResolveAsync(plan, default));

        Assert.NotNull(await resolver.ResolveAsync(plan, default));
    }
}
