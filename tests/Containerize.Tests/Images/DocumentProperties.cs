using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Images;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Images;

/// <summary>What holds for all manifests, indexes and configs, and for what a registry may send in place of them.</summary>
public sealed class DocumentProperties
{
    private const string Structure = "{}[]\":,\\";

    private static readonly string[] Words =
    [
        "schemaVersion", "mediaType", "config", "layers", "manifests", "digest", "size", "platform", "os", "architecture", "variant", "annotations",
        "rootfs", "diff_ids", "history", "empty_layer", "Env", "Cmd", "Entrypoint", "Labels", "Healthcheck", "Test", "User", "Volumes", "ExposedPorts",
        MediaTypes.OciManifest, MediaTypes.DockerManifest, "linux", "amd64",
    ];

    private static string Layer => $$$"""{"mediaType":"{{{MediaTypes.OciLayerGzip}}}","digest":"{{{Documents.Hash('1')}}}","size":2,"urls":["https://r.example/x"],"annotations":{"a":"b"}}""";

    private static string Manifest => $$"""{"schemaVersion":2,"config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Documents.Hash('c')}}","size":7},"layers":[{{Layer}}]}""";

    private static string Index => $$$"""
        {"schemaVersion":2,"manifests":[
          {"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Documents.Hash('2')}}}","size":3,"platform":{"os":"linux","architecture":"arm","variant":"v7"}},
          {"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Documents.Hash('3')}}}","size":3,"platform":{"os":"linux","architecture":"arm"}}]}
        """;

    private static string Config => $$$"""
        {"architecture":"arm","os":"linux","variant":"v7","config":{"Env":["PATH=/bin"],"Cmd":["sh"],"Entrypoint":["/x"],"User":"1","WorkingDir":"/a","Labels":{"a":"b"},
         "Healthcheck":{"Test":["CMD","x"]},"Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}},"OnBuild":["RUN x"],"Shell":["sh"]},
         "rootfs":{"type":"layers","diff_ids":["{{{Documents.Hash('1')}}}"]},"history":[{"created_by":"ADD"},{"empty_layer":true}]}
        """;

    [Fact]
    public void Any_manifest_is_refused_or_keeps_its_bytes() => Any(Manifest).Holds(
        bytes => AssertRefusedOrKept(bytes, MediaTypes.OciManifest, document =>
        {
            var manifest = ImageManifest.Read(document);
            foreach (var descriptor in manifest.Layers.Append(manifest.Config))
                AssertIsWrittenAsItIs(descriptor);
            return manifest.Document;
        }),
        cases: 800);

    [Fact]
    public void Any_index_is_refused_or_keeps_its_bytes() => Any(Index).Holds(
        bytes => AssertRefusedOrKept(bytes, MediaTypes.OciIndex, document =>
        {
            var index = ImageIndex.Read(document);
            foreach (var descriptor in index.Manifests)
                AssertIsWrittenAsItIs(descriptor);
            foreach (var wanted in index.Manifests.Select(entry => entry.Platform).OfType<Platform>().Append(new Platform("linux", "arm", "v7")))
                Assert.True(index.Find(wanted) is not { } found || wanted.Accepts(found.Platform!));
            return index.Document;
        }),
        cases: 800);

    [Fact]
    public void Any_config_is_refused_or_keeps_its_bytes_and_can_be_built_on() => Any(Config).Holds(
        bytes => AssertRefusedOrKept(bytes, MediaTypes.OciConfig, document =>
        {
            var config = ImageConfig.Read(document);
            var same = config.With(_ => { }, ImageFormat.Oci);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(bytes), JsonNode.Parse(same.Document.Content.Span)));

            var built = ImageConfig.Read(config.With(Fuzz.Targets.Documents.Change, ImageFormat.Oci).Document);
            Assert.Equal(config.DiffIds.Append(Digest.Of([1])), built.DiffIds);
            Assert.Equal(
                config.Labels.Where(label => label.Key is not ("a" or "b")), built.Labels.Where(label => label.Key is not ("a" or "b")));
            Assert.Equal("v", built.Environment.First(variable => variable.Key == "PATH").Value);
            Assert.True(built.LayersInHistory >= built.DiffIds.Count);
            return config.Document;
        }),
        cases: 800);

    private static Gen<byte[]> Any(string document) =>
        Gen.OneOf(
            Gen.Frequency(
                (1, Anything.Json(Words)),
                (4, (IGen<string>)Anything.ChangedJson(document, Words)),
                (1, Anything.Changed(Gen.Const(document), Structure))).Select(Encoding.UTF8.GetBytes),
            // Single bytes: not even text.
            Gen.Select(Gen.Int[0, document.Length - 1], Gen.Byte).Select((at, value) =>
            {
                var bytes = Encoding.UTF8.GetBytes(document);
                bytes[at] = value;
                return bytes;
            }));

    private static void AssertRefusedOrKept(byte[] bytes, string mediaType, Func<ImageDocument, ImageDocument> read)
    {
        var sent = bytes.ToArray();
        ImageDocument kept;
        try
        {
            kept = read(new ImageDocument(mediaType, bytes));
        }
        catch (FormatException)
        {
            return;
        }

        Assert.Equal(sent, kept.Content.ToArray());
        Assert.Equal(Digest.Of(sent), kept.Descriptor.Digest);
        Assert.Equal((mediaType, sent.Length), (kept.MediaType, kept.Descriptor.Size));
    }

    private static void AssertIsWrittenAsItIs(Descriptor descriptor)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            descriptor.WriteTo(writer);
        var again = Descriptor.Read(Documents.Element(Encoding.UTF8.GetString(stream.ToArray())));
        Assert.Equal(descriptor, again);
        Assert.Equal(descriptor.Platform, again.Platform);
    }
}
