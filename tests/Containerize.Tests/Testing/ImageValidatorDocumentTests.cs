using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing.Validation;
using Xunit.Sdk;
using static Containerize.Tests.Testing.SampleImage;

namespace Containerize.Tests.Testing;

/// <summary>Every rule on manifests, indexes and configs speaks on a bad image and is silent on a good one.</summary>
public sealed class ImageValidatorDocumentTests
{
    [Fact]
    public async Task Good_images_have_no_problems()
    {
        foreach (var image in new[] { Oci(), Docker() })
        {
            await ImageValidator.AssertValidAsync(image.Build());
            var arm = image.ManifestType.Contains("oci", StringComparison.Ordinal) ? Oci() : Docker();
            arm.Config["architecture"] = "arm64";
            await ImageValidator.AssertValidAsync(image.BuildIndex(alter: null, arm));
        }
    }

    [Fact]
    public async Task The_assertion_tells_of_all_problems()
    {
        var image = Oci();
        image.Config["created"] = "yesterday";
        image.Config["config"]!["Env"] = new JsonArray("X");
        var failure = await Assert.ThrowsAnyAsync<XunitException>(() => ImageValidator.AssertValidAsync(image.Build()));
        Assert.Contains("manifest: config: created 'yesterday' is not a time of RFC 3339.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("manifest: config: Env entry 'X' is not of the form NAME=VALUE.", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\ufeff", "", "byte order mark")]
    [InlineData("{\"a\":1,\"a\":2,", "{", "name twice")]
    [InlineData("{\"a\":{\"b\":1,\"b\":2},", "{", "name twice")]
    [InlineData("{\"a\":9007199254740992,", "{", "too large a number")]
    [InlineData("{\"a\":\"\\ud800\",", "{", "not valid Unicode")]
    [InlineData("{,", "{", "is not JSON")]
    public async Task Documents_are_i_json(string start, string insteadOf, string expected)
    {
        string Alter(string text) => start + text[insteadOf.Length..];
        var config = Oci();
        config.AlterConfigText = Alter;
        await HasOneProblemAsync(config.Build(), expected);
        var manifest = Oci();
        manifest.AlterManifestText = Alter;
        await HasOneProblemAsync(manifest.Build(), expected);
    }

    [Fact]
    public async Task Invalid_utf_8_is_found()
    {
        var image = Oci();
        var built = image.Build();
        var spoilt = Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(built.Root).Replace("\"schemaVersion\"", "\"x\":\"\u00ff\",\"schemaVersion\""));
        await HasOneProblemAsync(built with { Root = spoilt }, "not valid Unicode");
    }

    [Theory]
    [InlineData("schemaVersion", "1", "schemaVersion is 1")]
    [InlineData("schemaVersion", null, "has no schemaVersion")]
    [InlineData("schemaVersion", "\"2\"", "schemaVersion is not a number")]
    [InlineData("mediaType", null, "has no mediaType")]
    [InlineData("mediaType", "\"application/vnd.oci.image.index.v1+json\"", "is said to be application/vnd.oci.image.manifest")]
    [InlineData("config", null, "has no config")]
    [InlineData("config", "[]", "config is not an object")]
    [InlineData("layers", null, "has no layers")]
    [InlineData("subject", "{\"mediaType\":\"a/b\",\"size\":1}", "subject: has no digest")]
    public async Task A_manifest_has_its_parts(string name, string? value, string expected)
    {
        var image = Oci();
        image.AlterManifest = manifest => manifest[name] = value is null ? null : JsonNode.Parse(value);
        if (value is null)
            image.AlterManifest = manifest => manifest.Remove(name);
        await HasOneProblemAsync(image.Build(), expected);
    }

    [Fact]
    public async Task The_media_type_may_be_absent_when_the_caller_says_so()
    {
        var image = Oci();
        image.AlterManifest = manifest => manifest.Remove("mediaType");
        await ImageValidator.AssertValidAsync(image.Build(), new() { RequireMediaType = false });
    }

    [Theory]
    [InlineData("size", "1", "descriptor says 1")]
    [InlineData("size", "-1", "size -1 is negative")]
    [InlineData("size", null, "has no size")]
    [InlineData("digest", "\"sha256:ABC\"", "is not sha256:")]
    [InlineData("digest", "\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"", "cannot be read")]
    [InlineData("mediaType", "\"no type\"", "is not a media type")]
    [InlineData("data", "\"AAAA\"", "data is not the content")]
    public async Task A_descriptor_is_what_it_says(string name, string? value, string expected)
    {
        foreach (var part in new[] { "config", "layer" })
        {
            var image = Oci();
            image.AlterManifest = manifest =>
            {
                var descriptor = (part == "config" ? manifest["config"] : manifest["layers"]![1])!.AsObject();
                descriptor.Remove(name);
                if (value is not null)
                    descriptor[name] = JsonNode.Parse(value);
            };
            var result = await ImageValidator.ValidateAsync(image.Build());
            Assert.Contains(
                result.Problems,
                problem => problem.Contains(expected, StringComparison.Ordinal) && problem.Contains(part, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Bytes_that_were_changed_are_found()
    {
        var image = Oci();
        var built = image.Build();
        var digest = (string)JsonNode.Parse(built.Root)!["config"]!["digest"]!;
        image.Blobs[digest] = [.. image.Blobs[digest][..^1], (byte)' ', (byte)'}'];
        var result = await ImageValidator.ValidateAsync(built);
        Assert.Equal(2, result.Problems.Count);
        Assert.Contains("bytes where its descriptor says", result.Problems[0], StringComparison.Ordinal);
        Assert.Contains("has digest sha256:", result.Problems[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oci", "config")]
    [InlineData("oci", "layer")]
    [InlineData("docker", "config")]
    [InlineData("docker", "layer")]
    public async Task Families_are_not_mixed(string family, string part)
    {
        var (image, other) = family == "oci" ? (Oci(), Docker()) : (Docker(), Oci());
        if (part == "config")
            image.ConfigType = other.ConfigType;
        else
            image.LayerType = other.LayerType;
        var result = await ImageValidator.ValidateAsync(image.Build());
        Assert.NotEmpty(result.Problems);
        Assert.All(result.Problems, problem => Assert.Contains("the families are mixed", problem, StringComparison.Ordinal));
        Assert.All(result.Problems, problem => Assert.Contains(part, problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_layer_has_the_type_of_one()
    {
        var image = Oci([Containerize.Testing.Registries.Content.TarItem.File("a", "a")]);
        image.LayerType = "application/octet-stream";
        await HasOneProblemAsync(image.Build(), "is not the type of a layer");
        image = Oci([Containerize.Testing.Registries.Content.TarItem.File("a", "a")]);
        image.ConfigType = "application/json";
        await HasOneProblemAsync(image.Build(), "has layers of an image and a config of type application/json");
    }

    [Theory]
    [InlineData("annotations")]
    [InlineData("artifactType")]
    public async Task Docker_knows_no_annotations(string name)
    {
        var image = Docker();
        image.AlterManifest = manifest => manifest[name] = name == "annotations" ? new JsonObject() : "a/b";
        var result = await ImageValidator.ValidateAsync(image.Build());
        Assert.Contains(
            result.Problems,
            problem => problem.Contains($"has {name}, which Docker's types do not know", StringComparison.Ordinal));
        image = Docker();
        image.AlterManifest = manifest => manifest["layers"]![0]!["annotations"] = new JsonObject();
        await HasOneProblemAsync(image.Build(), "layer 0: has annotations");
        await HasOneProblemAsync(
            Docker().BuildIndex(index => index["manifests"]![0]!["annotations"] = new JsonObject()), "manifest 0: has annotations");
    }

    [Fact]
    public async Task A_manifest_has_a_layer()
    {
        var image = Oci();
        image.Layers.Clear();
        image.Config["history"] = new JsonArray();
        await HasOneProblemAsync(image.Build(), "has no layers");
    }

    [Theory]
    [InlineData("architecture", null, "has no architecture")]
    [InlineData("architecture", "\"x86_64\"", "'x86_64' is not a name")]
    [InlineData("os", "\"Linux\"", "'Linux' is not a name")]
    [InlineData("os", "1", "os is not a string")]
    [InlineData("created", "\"2024-01-02 03:04:05Z\"", "is not a time of RFC 3339")]
    [InlineData("created", "\"2024-13-02T03:04:05Z\"", "is not a time of RFC 3339")]
    [InlineData("created", "\"2024-01-02T03:04:05\"", "is not a time of RFC 3339")]
    [InlineData("history", "[]", "history tells of 0 layers and there are 2")]
    [InlineData("history", "[{},{},{}]", "history tells of 3 layers and there are 2")]
    [InlineData("history", "[{},{\"created\":\"now\"}]", "history 1: created 'now'")]
    [InlineData("rootfs", "{\"type\":\"layers\"}", "has no diff_ids")]
    [InlineData("config", "{\"Env\":[\"=x\"]}", "Env entry '=x'")]
    [InlineData("config", "{\"Env\":[\"A=1\",\"B=2\",\"A=3\"]}", "Env has A twice")]
    [InlineData("config", "{\"Env\":[1]}", "Env holds something that is not a string")]
    [InlineData("config", "{\"ExposedPorts\":{\"8080\":{}}}", "ExposedPorts has '8080'")]
    [InlineData("config", "{\"ExposedPorts\":{\"70000/tcp\":{}}}", "ExposedPorts has '70000/tcp'")]
    [InlineData("config", "{\"ExposedPorts\":{\"80/TCP\":{}}}", "ExposedPorts has '80/TCP'")]
    public async Task A_config_follows_its_rules(string name, string? value, string expected)
    {
        var image = Oci();
        image.Config[name] = value is null ? null : JsonNode.Parse(value);
        var result = await ImageValidator.ValidateAsync(image.Build());
        Assert.Contains(
            result.Problems,
            problem => problem.StartsWith("manifest: config: ", StringComparison.Ordinal)
                && problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_history_and_no_created_are_fine()
    {
        var image = Oci();
        image.Config.Remove("history");
        image.Config.Remove("created");
        await ImageValidator.AssertValidAsync(image.Build());
    }

    [Fact]
    public async Task Diff_ids_are_those_of_the_layers()
    {
        var swapped = Oci();
        var diffIds = new JsonArray([.. swapped.Layers.Select(layer => JsonValue.Create(layer.DiffId)).Reverse()]);
        swapped.Config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = diffIds };
        var result = await ImageValidator.ValidateAsync(swapped.Build());
        Assert.Equal(2, result.Problems.Count);
        Assert.All(result.Problems, problem => Assert.Contains("where the config's diff_id is", problem, StringComparison.Ordinal));

        var fewer = Oci();
        fewer.Config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(fewer.Layers[0].DiffId) };
        await HasOneProblemAsync(fewer.Build(), "has 1 diff_ids for 2 layers");
        var other = Oci();
        other.Config["rootfs"] = new JsonObject { ["type"] = "other", ["diff_ids"] = new JsonArray(
            [.. other.Layers.Select(layer => JsonValue.Create(layer.DiffId))]) };
        await HasOneProblemAsync(other.Build(), "rootfs.type is 'other'");
    }

    [Fact]
    public async Task An_index_agrees_with_its_images()
    {
        await HasOneProblemAsync(
            Oci().BuildIndex(index => index["manifests"]![0]!["platform"]!["architecture"] = "arm64"),
            "is for linux/arm64/v8 by the index and for linux/amd64 by its config");
        await HasOneProblemAsync(Oci().BuildIndex(index => index["manifests"]![0]!["platform"]!["os.version"] = "1"), "by its config");
        var arm = Oci();
        arm.Config["architecture"] = "arm64";
        await ImageValidator.AssertValidAsync(arm.BuildIndex(index => index["manifests"]![0]!["platform"]!["variant"] = "v8"));
        await HasOneProblemAsync(Oci().BuildIndex(index => index["manifests"]![0]!["size"] = 1), "manifest 0: has ");
    }

    [Fact]
    public async Task An_index_has_each_platform_once_and_no_image_without_one()
    {
        var second = Oci([Containerize.Testing.Registries.Content.TarItem.File("b", "b")]);
        await HasOneProblemAsync(Oci().BuildIndex(alter: null, second), "manifest 1: is the second for linux/amd64");
        var arm = Oci();
        arm.Config["architecture"] = "arm64";
        await HasOneProblemAsync(
            Oci().BuildIndex(index => index["manifests"]![1]!.AsObject().Remove("platform"), arm), "manifest 1: has no platform");
        await ImageValidator.AssertValidAsync(Oci().BuildIndex(index => index["manifests"]![0]!.AsObject().Remove("platform")));
    }

    [Fact]
    public async Task An_index_is_neither_nested_nor_mixed_and_holds_manifests_only()
    {
        var nested = Oci();
        await HasOneProblemAsync(
            nested.BuildIndex(index => index["manifests"]![0] = nested.Descriptor(nested.IndexType, Encoding.UTF8.GetBytes("{}"))),
            "is an index itself");
        await HasOneProblemAsync(
            nested.BuildIndex(index => index["manifests"]![0]!["mediaType"] = "application/vnd.oci.something"),
            "is not the type of a manifest");
        var docker = Docker();
        docker.Config["architecture"] = "arm64";
        await HasOneProblemAsync(
            Oci().BuildIndex(alter: null, docker),
            "manifest 1: is application/vnd.docker.distribution.manifest.v2+json in an index of type");
        await HasOneProblemAsync(Oci().BuildIndex(index => index.Remove("manifests")), "has no manifests");
    }

    [Fact]
    public async Task Two_images_do_not_share_a_config()
    {
        var one = Oci();
        var two = Oci();
        two.Layers.Reverse();
        two.Config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(
            [.. one.Layers.Select(layer => JsonValue.Create(layer.DiffId))]) };
        var result = await ImageValidator.ValidateAsync(
            one.BuildIndex(index => index["manifests"]![1]!.AsObject().Remove("platform"), two));
        Assert.Contains(result.Problems, problem => problem.Contains("shares its config", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_an_artifact_only_the_descriptors_are_checked()
    {
        var image = Oci();
        image.AlterManifest = manifest =>
        {
            manifest["artifactType"] = "application/x.test";
            manifest["config"] = image.Descriptor("application/vnd.oci.empty.v1+json", "{}"u8.ToArray());
            manifest["layers"] = new JsonArray(image.Descriptor("application/x.test", "anything"u8.ToArray()));
        };
        await ImageValidator.AssertValidAsync(image.Build());
        await ImageValidator.AssertValidAsync(
            image.BuildIndex(
                index => index["manifests"]![0]!["platform"] = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" }));
        var built = image.Build();
        image.Blobs[RegistryCalls.DigestOf("anything"u8.ToArray())] = [1];
        Assert.Equal(2, (await ImageValidator.ValidateAsync(built)).Problems.Count);
        var alter = image.AlterManifest;
        image.AlterManifest = manifest =>
        {
            alter(manifest);
            manifest.Remove("artifactType");
        };
        await HasOneProblemAsync(image.Build(), "has the empty config and no artifactType");
    }

    [Fact]
    public async Task What_is_neither_manifest_nor_index_is_found()
    {
        await HasOneProblemAsync(Oci().Build() with { MediaType = "text/plain" }, "is the type of neither");
        await HasOneProblemAsync(Oci().Build() with { Root = "[]"u8.ToArray() }, "is not a JSON object");
    }

    [Fact]
    public async Task The_schemas_of_image_spec_speak_too()
    {
        var image = Oci();
        image.Config["config"]!["User"] = 1654;
        var result = await ImageValidator.ValidateAsync(image.Build());
        Assert.Contains("does not follow config-schema.json", Assert.Single(result.Problems), StringComparison.Ordinal);
        image = Oci();
        image.AlterManifest = manifest => manifest["annotations"] = new JsonObject { ["a"] = 1 };
        Assert.Contains(
            "does not follow image-manifest-schema.json",
            Assert.Single((await ImageValidator.ValidateAsync(image.Build())).Problems),
            StringComparison.Ordinal);
        var index = Oci().BuildIndex(document => document["annotations"] = new JsonArray());
        Assert.Contains(
            "does not follow image-index-schema.json",
            Assert.Single((await ImageValidator.ValidateAsync(index)).Problems),
            StringComparison.Ordinal);
        var docker = Docker();
        docker.Config["config"]!["User"] = 1654;
        await ImageValidator.AssertValidAsync(docker.Build());
    }
}
