using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;

namespace Containerize.Tests.Testing;

public sealed class BaseImagesTests
{
    [Theory]
    [InlineData(BaseImageFormat.Oci)]
    [InlineData(BaseImageFormat.Docker)]
    public async Task A_base_image_is_valid_and_the_same_every_time(BaseImageFormat format)
    {
        await using var registry = await TestRegistry.StartAsync();
        var spec = new BaseImageSpec
        {
            Format = format,
            Config = new JsonObject { ["User"] = "1654", ["ExposedPorts"] = new JsonObject { ["8080/tcp"] = new JsonObject() } },
            ConfigDocument = new JsonObject { ["author"] = "me", ["created"] = null },
            Layers = [BaseImages.SmallRoot, [TarItem.Directory("app"), TarItem.File("app/ä", "x"), TarItem.Whiteout("etc/passwd")]],
        };
        var first = BaseImages.PushImage(registry, "base", "1", spec);
        var second = BaseImages.PushImage(registry, "other", tag: null, spec);
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(["1"], registry.Tags("base"));
        Assert.Empty(registry.Tags("other"));
        Assert.Equal(2, first.Layers.Count);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "base", "1"));

        var config = JsonNode.Parse(registry.FindBlob("base", first.ConfigDigest)!)!;
        Assert.Equal("1654", (string)config["config"]!["User"]!);
        Assert.Equal("me", (string)config["author"]!);
        Assert.Null(config["created"]);
        Assert.Equal(3, config["history"]!.AsArray().Count);
        Assert.StartsWith("PATH=", (string)config["config"]!["Env"]![0]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BaseImageFormat.Oci)]
    [InlineData(BaseImageFormat.Docker)]
    public async Task An_index_is_valid(BaseImageFormat format)
    {
        await using var registry = await TestRegistry.StartAsync();
        var index = BaseImages.PushIndex(
            registry, "base", "1",
            new BaseImageSpec { Format = format, History = false },
            new BaseImageSpec { Format = format, Platform = "linux/arm64/v8" },
            new BaseImageSpec { Format = format, Platform = "linux/arm/v7" });
        Assert.Equal(["linux/amd64", "linux/arm64/v8", "linux/arm/v7"], index.Images.Select(image => image.Platform));
        Assert.Equal(4, registry.Manifests("base").Count);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "base", "1"));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "base", index.Images[1].Digest));
    }

    [Fact]
    public async Task An_empty_layer_is_a_layer()
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1", new BaseImageSpec { Layers = [[]], Annotations = new JsonObject { ["a"] = "b" } });
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromRegistry(registry, "base", "1"));
    }
}
