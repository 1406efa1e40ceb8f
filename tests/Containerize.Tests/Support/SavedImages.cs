using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Content;

namespace Containerize.Tests.Support;

/// <summary>An image as <c>docker save</c> and its like write it.</summary>
/// <param name="Platform"><c>os/architecture[/variant]</c>.</param>
/// <param name="Names">Its <c>RepoTags</c>; null where the file has a null.</param>
/// <param name="Layers">Its layers, lowest first.</param>
internal sealed record SavedImage(string Platform, string[]? Names, params IReadOnlyList<TestLayer> Layers)
{
    /// <summary>The config's bytes.</summary>
    public byte[] Config
    {
        get
        {
            var parts = Platform.Split('/');
            var config = new JsonObject
            {
                ["architecture"] = parts[1],
                ["os"] = parts[0],
                ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/bin"), ["Cmd"] = new JsonArray("sh") },
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(
                    [.. Layers.Select(layer => JsonValue.Create(layer.DiffId))]) },
            };
            if (parts.Length > 2)
                config["variant"] = parts[2];
            return JsonSerializer.SerializeToUtf8Bytes(config);
        }
    }
}

/// <summary>Archives in the forms that the tools of the last ten years write.</summary>
internal static class SavedImages
{
    /// <summary>The forms.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["docker 20", "docker 25", "podman", "gzip"];

    /// <summary>A layer with one file in it.</summary>
    public static TestLayer Layer(string content) => TestLayer.Of(TarItem.Directory("data"), TarItem.File("data/content", content));

    /// <summary>An image for this platform with these contents in its layers.</summary>
    public static SavedImage Image(string platform, string[]? names, params string[] contents) =>
        new(platform, names, [.. contents.Select(Layer)]);

    /// <summary>An archive.</summary>
    public static byte[] Archive(string form, params IReadOnlyList<SavedImage> images) => TestLayer.Of(Entries(form, images)).Tar;

    /// <summary>Its entries.</summary>
    public static List<TarItem> Entries(string form, params IReadOnlyList<SavedImage> images)
    {
        var items = new List<TarItem>();
        var list = new JsonArray();
        foreach (var image in images)
        {
            var config = image.Config;
            var configPath = form == "docker 25" ? "blobs/sha256/" + Hex(config) : Hex(config) + ".json";
            Add(TarItem.File(configPath, config));
            var layers = new JsonArray();
            foreach (var layer in image.Layers)
                layers.Add((JsonNode?)AddLayer(form, layer, Hex(Encoding.UTF8.GetBytes(configPath + layers.Count))));
            list.Add((JsonNode)new JsonObject
            {
                ["Config"] = configPath,
                ["RepoTags"] = image.Names is null ? null : new JsonArray([.. image.Names.Select(name => JsonValue.Create(name))]),
                ["Layers"] = layers,
            });
        }

        Add(TarItem.File("manifest.json", JsonSerializer.SerializeToUtf8Bytes(list)));
        return items;

        string AddLayer(string form, TestLayer layer, string id)
        {
            var hex = layer.DiffId["sha256:".Length..];
            switch (form)
            {
                case "docker 20":
                    Add(TarItem.Directory(id));
                    Add(TarItem.File(id + "/VERSION", "1.0"));
                    Add(TarItem.File(id + "/json", "{}"));
                    // A layer that is in the archive already becomes a link to where it first was.
                    Add(items.Find(
                        item => item.Path.EndsWith("/layer.tar", StringComparison.Ordinal) && item.Content == layer.Tar) is { } first
                        ? TarItem.Symlink(id + "/layer.tar", "../" + first.Path)
                        : TarItem.File(id + "/layer.tar", layer.Tar));
                    return id + "/layer.tar";
                case "podman":
                    Add(TarItem.File(hex + ".tar", layer.Tar));
                    Add(TarItem.Symlink(id + "/layer.tar", $"../{hex}.tar"));
                    return hex + ".tar";
                case "gzip":
                    Add(TarItem.File(hex + ".tar.gz", layer.Gzip));
                    return hex + ".tar.gz";
                default:
                    Add(TarItem.File("./blobs/sha256/" + hex, layer.Tar));
                    return "blobs/sha256/" + hex;
            }
        }

        void Add(TarItem item)
        {
            if (!items.Exists(other => other.Path == item.Path))
                items.Add(item);
        }
    }

    /// <summary>The same in gzip.</summary>
    public static byte[] Gzip(byte[] archive)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(archive);
        return buffer.ToArray();
    }

    private static string Hex(byte[] content) => Containerize.Images.Digest.Of(content).Hex;
}
