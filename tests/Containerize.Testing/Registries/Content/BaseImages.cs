using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Storage;

namespace Containerize.Testing.Registries.Content;

/// <summary>Makes small valid images and puts them straight into a registry's storage, so that a test has a base to build on.</summary>
public static class BaseImages
{
    private const string Created = "2024-01-02T03:04:05Z";

    /// <summary>
    /// A root like Debian's: <c>/bin</c> and <c>/lib</c> are links into <c>/usr</c>, <c>/tmp</c> is 1777, <c>/home/app</c> belongs
    /// to user 1654. A layer on top that does not take care loses one of these.
    /// </summary>
    public static IReadOnlyList<TarItem> SmallRoot { get; } =
    [
        TarItem.Symlink("bin", "usr/bin"),
        TarItem.Directory("etc"),
        TarItem.File("etc/os-release", "ID=test\n"),
        TarItem.File("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/sh\n"),
        TarItem.Directory("home"),
        TarItem.Directory("home/app", 700, 1654, 1654),
        TarItem.Symlink("lib", "usr/lib"),
        TarItem.Directory("tmp", 1777),
        TarItem.Directory("usr"),
        TarItem.Directory("usr/bin"),
        TarItem.File("usr/bin/sh", "#!") with { Mode = TarItem.ExecutableMode },
        TarItem.Directory("usr/lib"),
        TarItem.File("usr/lib/libc.so.6", "libc"),
    ];

    /// <summary>Puts an image.</summary>
    /// <param name="registry">Where to.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="tag">The tag to move there, or null.</param>
    /// <param name="spec">The image; a small Linux root for amd64 when absent.</param>
    public static PushedImage PushImage(TestRegistry registry, string repository, string? tag, BaseImageSpec? spec = null)
    {
        spec ??= new BaseImageSpec();
        var types = MediaTypeFamily.Of(spec.Format);
        var layers = spec.Layers.Select(items => TestLayer.Of(items)).ToList();
        foreach (var layer in layers)
            registry.PutBlob(repository, layer.Gzip);
        var config = JsonSerializer.SerializeToUtf8Bytes(ConfigOf(spec, layers));
        var configDigest = registry.PutBlob(repository, config);

        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = types.Manifest,
            ["config"] = Descriptor(types.Config, configDigest, config.Length),
            ["layers"] = new JsonArray([.. layers.Select(layer => Descriptor(types.Layer, layer.Digest, layer.Gzip.Length))]),
        };
        if (spec.Annotations is { } annotations)
            manifest["annotations"] = annotations.DeepClone();
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest);
        var digest = registry.PutManifest(repository, tag, types.Manifest, content);
        return new PushedImage(digest, types.Manifest, content.Length, spec.Platform, configDigest, layers);
    }

    /// <summary>Puts an index and its images; the first image's format is the index's.</summary>
    public static PushedIndex PushIndex(TestRegistry registry, string repository, string? tag, params IReadOnlyList<BaseImageSpec> specs)
    {
        var types = MediaTypeFamily.Of(specs[0].Format);
        var images = specs.Select(spec => PushImage(registry, repository, tag: null, spec)).ToList();
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = types.Index,
            ["manifests"] = new JsonArray([.. images.Select(DescriptorWithPlatform)]),
        };
        var content = JsonSerializer.SerializeToUtf8Bytes(index);
        return new PushedIndex(registry.PutManifest(repository, tag, types.Index, content), types.Index, images);
    }

    private static JsonObject ConfigOf(BaseImageSpec spec, List<TestLayer> layers)
    {
        var config = PlatformOf(spec.Platform);
        config["created"] = Created;
        config["config"] = new JsonObject
        {
            ["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        };
        config["rootfs"] = new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. layers.Select(layer => JsonValue.Create(layer.DiffId))]),
        };
        if (spec.History)
            config["history"] = HistoryOf(layers.Count);
        Merge(config["config"]!.AsObject(), spec.Config);
        Merge(config, spec.ConfigDocument);
        return config;
    }

    private static JsonArray HistoryOf(int layers)
    {
        var history = new JsonArray();
        for (var i = 0; i < layers; i++)
            history.Add(new JsonObject { ["created"] = Created, ["created_by"] = $"layer {i}" });
        history.Add(new JsonObject { ["created"] = Created, ["created_by"] = "ENV", ["empty_layer"] = true });
        return history;
    }

    private static void Merge(JsonObject target, JsonObject extras)
    {
        foreach (var (name, value) in extras)
        {
            if (value is null)
                target.Remove(name);
            else
                target[name] = value.DeepClone();
        }
    }

    private static JsonObject Descriptor(string mediaType, string digest, long size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    private static JsonObject DescriptorWithPlatform(PushedImage image)
    {
        var descriptor = Descriptor(image.MediaType, image.Digest, image.Size);
        descriptor["platform"] = PlatformOf(image.Platform);
        return descriptor;
    }

    private static JsonObject PlatformOf(string platform)
    {
        var parts = platform.Split('/');
        var result = new JsonObject { ["architecture"] = parts[1], ["os"] = parts[0] };
        if (parts.Length > 2)
            result["variant"] = parts[2];
        return result;
    }

    private sealed record MediaTypeFamily(string Index, string Manifest, string Config, string Layer)
    {
        private static readonly MediaTypeFamily Oci = new(
            ManifestMediaTypes.OciIndex, ManifestMediaTypes.OciManifest,
            "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip");

        private static readonly MediaTypeFamily Docker = new(
            ManifestMediaTypes.DockerManifestList, ManifestMediaTypes.DockerManifest,
            "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip");

        public static MediaTypeFamily Of(BaseImageFormat format) => format == BaseImageFormat.Oci ? Oci : Docker;
    }
}
