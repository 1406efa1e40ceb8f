using System.Text.Json.Nodes;

namespace Containerize.Testing.Registries.Content;

/// <summary>A small base image for one platform, as a test writes it down.</summary>
public sealed record BaseImageSpec
{
    /// <summary>OCI or Docker schema 2.</summary>
    public BaseImageFormat Format { get; init; }

    /// <summary><c>os/architecture</c> or <c>os/architecture/variant</c>.</summary>
    public string Platform { get; init; } = "linux/amd64";

    /// <summary>The layers, lowest first, each a list of entries.</summary>
    public IReadOnlyList<IReadOnlyList<TarItem>> Layers { get; init; } = [BaseImages.SmallRoot];

    /// <summary>What goes into the config's <c>config</c> besides PATH, or instead of it.</summary>
    public JsonObject Config { get; init; } = [];

    /// <summary>What goes into the config document beside <c>config</c> and <c>rootfs</c>; a null takes a property away.</summary>
    public JsonObject ConfigDocument { get; init; } = [];

    /// <summary>Whether the config has a history, one entry per layer and an empty one.</summary>
    public bool History { get; init; } = true;

    /// <summary>The manifest's annotations (OCI only).</summary>
    public JsonObject? Annotations { get; init; }
}
