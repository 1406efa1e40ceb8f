using System.Text.Json.Nodes;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>Configs as they come out of a base's config and a plan's.</summary>
internal static class Configs
{
    /// <summary>A plan's config with nothing in it but what there has to be.</summary>
    public static ConfigPlan Plan { get; } = new() { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = ["/app/App"] } };

    /// <summary>The config of an image on a base without layers.</summary>
    /// <param name="runtime">The base's <c>config</c>.</param>
    /// <param name="config">What the project says.</param>
    public static ImageConfig Build(JsonObject runtime, ConfigPlan config) => Build(runtime, config, [], new JsonArray());

    /// <summary>The config of an image with one layer of its own on a base.</summary>
    /// <param name="layers">The base's layers.</param>
    /// <param name="history">The base's history.</param>
    public static ImageConfig Build(IReadOnlyList<ILayer> layers, JsonArray history) =>
        Build([], Plan, layers, history, new NamedLayer("application", new MemoryLayer(MemoryImages.Layer("own"))));

    /// <summary>The ports that a config exposes, in their order.</summary>
    public static IEnumerable<string> Ports(ImageConfig config) =>
        (Runtime(config)["ExposedPorts"] as JsonObject ?? []).Select(port => port.Key);

    /// <summary>A config's <c>config</c>.</summary>
    public static JsonObject Runtime(ImageConfig config) => JsonNode.Parse(config.Document.Content.Span)!["config"]!.AsObject();

    private static ImageConfig Build(
        JsonObject runtime, ConfigPlan config, IReadOnlyList<ILayer> layers, JsonArray history, params IReadOnlyList<NamedLayer> own)
    {
        var root = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = runtime.DeepClone(),
            ["history"] = history.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(
                [.. layers.Select(layer => JsonValue.Create(layer.DiffId.ToString()))]) },
        };
        var plan = new ImagePlan
        {
            Name = "App",
            BaseImage = BaseImageName.Parse("example.invalid/base"),
            RuntimeIdentifier = "linux-x64",
            Platform = new Platform("linux", "amd64"),
            Created = DateTimeOffset.UnixEpoch,
            Config = config,
            Repository = "app",
            Tags = ["latest"],
            Destinations = [],
            Layers = [],
        };
        return ConfigBuilder.Build(plan, MemoryImages.WithConfig(root.ToJsonString(), ImageFormat.Oci, [.. layers]), own, ImageFormat.Oci);
    }
}
