using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;

namespace Containerize.Tests.Testing;

/// <summary>A good image in memory that a test spoils in one place; all digests above that place are computed anew.</summary>
internal sealed class SampleImage
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly string _family;

    private SampleImage(string family, IReadOnlyList<TestLayer> layers)
    {
        _family = family;
        Layers = [.. layers.Select(layer => (layer.Gzip, layer.DiffId))];
        Config = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["created"] = "1970-01-01T00:00:00Z",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray("PATH=/bin", "EMPTY="),
                ["ExposedPorts"] = new JsonObject { ["8080/tcp"] = new JsonObject(), ["53/udp"] = new JsonObject() },
            },
            ["history"] = new JsonArray(
                [.. layers.Select(
                    _ => new JsonObject { ["created"] = "2024-01-02T03:04:05.678+01:00" }), new JsonObject { ["empty_layer"] = true }]),
        };
    }

    /// <summary>The layers: the blob, and the digest of its tar.</summary>
    public List<(byte[] Blob, string DiffId)> Layers { get; }

    /// <summary>The config; rootfs is added unless it is there.</summary>
    public JsonObject Config { get; }

    public string LayerType { get; set; } = "";

    public string ConfigType { get; set; } = "";

    /// <summary>Changes the manifest before it is written.</summary>
    public Action<JsonObject> AlterManifest { get; set; } = _ => { };

    /// <summary>Changes the bytes of the config.</summary>
    public Func<string, string> AlterConfigText { get; set; } = text => text;

    /// <summary>Changes the bytes of the manifest.</summary>
    public Func<string, string> AlterManifestText { get; set; } = text => text;

    public IDictionary<string, byte[]> Blobs => _blobs;

    public static SampleImage Oci(params IReadOnlyList<TarItem>[] layers) => new("oci", Make(layers))
    {
        LayerType = "application/vnd.oci.image.layer.v1.tar+gzip",
        ConfigType = "application/vnd.oci.image.config.v1+json",
    };

    public static SampleImage Docker(params IReadOnlyList<TarItem>[] layers) => new("docker", Make(layers))
    {
        LayerType = "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ConfigType = "application/vnd.docker.container.image.v1+json",
    };

    public string ManifestType => _family == "oci"
        ? "application/vnd.oci.image.manifest.v1+json"
        : "application/vnd.docker.distribution.manifest.v2+json";

    public string IndexType => _family == "oci"
        ? "application/vnd.oci.image.index.v1+json"
        : "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>The image's manifest as the root.</summary>
    public ImageUnderTest Build() => new(BuildManifest(), ManifestType, Open);

    /// <summary>An index over this image and others, whose blobs are all here.</summary>
    public ImageUnderTest BuildIndex(Action<JsonObject>? alter = null, params SampleImage[] others)
    {
        var manifests = new JsonArray();
        foreach (var image in others.Prepend(this))
        {
            var descriptor = Descriptor(image.ManifestType, image.BuildManifest());
            descriptor["platform"] = new JsonObject { ["architecture"] = image.Config["architecture"]!.DeepClone(), ["os"] = image.Config["os"]!.DeepClone() };
            manifests.Add(descriptor);
            foreach (var (digest, content) in image._blobs)
                _blobs[digest] = content;
        }
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = manifests };
        alter?.Invoke(index);
        return new ImageUnderTest(Serialize(index), IndexType, Open);
    }

    public byte[] BuildManifest()
    {
        Config["rootfs"] ??= new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. Layers.Select(layer => JsonValue.Create(layer.DiffId))]),
        };
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor(ConfigType, Encoding.UTF8.GetBytes(AlterConfigText(Config.ToJsonString(Relaxed)))),
            ["layers"] = new JsonArray([.. Layers.Select(layer => Descriptor(LayerType, layer.Blob))]),
        };
        AlterManifest(manifest);
        var content = Encoding.UTF8.GetBytes(AlterManifestText(manifest.ToJsonString(Relaxed)));
        _blobs[RegistryCalls.DigestOf(content)] = content;
        return content;
    }

    public JsonObject Descriptor(string mediaType, byte[] content)
    {
        var digest = RegistryCalls.DigestOf(content);
        _blobs[digest] = content;
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    /// <summary>Fails unless there is exactly one problem beside those of the JSON schemas, and it says so.</summary>
    public static async Task HasOneProblemAsync(ImageUnderTest image, string expected, ImageValidationOptions? options = null)
    {
        var result = await ImageValidator.ValidateAsync(image, options);
        var own = result.Problems.Where(problem => !problem.Contains("does not follow", StringComparison.Ordinal));
        Assert.Contains(expected, Assert.Single(own), StringComparison.Ordinal);
    }

    private static List<TestLayer> Make(IReadOnlyList<TarItem>[] layers) =>
        layers.Length == 0
            ? [TestLayer.Of(BaseImages.SmallRoot), TestLayer.Of(TarItem.Directory("app"), TarItem.File("app/a", "a"))]
            : [.. layers.Select(items => TestLayer.Of(items))];

    private static byte[] Serialize(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString(Relaxed));

    private MemoryStream Open(string digest) =>
        _blobs.TryGetValue(digest, out var content)
            ? new MemoryStream(content, writable: false)
            : throw new FileNotFoundException($"No {digest}.");
}
