using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries;

namespace Containerize.Tasks.Tests;

/// <summary>An image that a build has pushed, read without any of Containerize's own code.</summary>
internal sealed class PushedFiles
{
    private readonly TestRegistry registry;
    private readonly string repository;

    public PushedFiles(TestRegistry registry, string repository = "app", string tag = "latest")
    {
        this.registry = registry;
        this.repository = repository;
        Manifest = JsonNode.Parse(registry.FindManifest(repository, tag)!.Content)!;
        Config = JsonNode.Parse(registry.FindBlob(repository, (string)Manifest["config"]!["digest"]!)!)!;
    }

    /// <summary>The manifest.</summary>
    public JsonNode Manifest { get; }

    /// <summary>The config.</summary>
    public JsonNode Config { get; }

    /// <summary>The digests of the layers, base first.</summary>
    public IReadOnlyList<string> Layers => [.. Manifest["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!)];

    /// <summary>The media types of config and layers.</summary>
    public IReadOnlyList<string> MediaTypes =>
        [(string)Manifest["config"]!["mediaType"]!, .. Manifest["layers"]!.AsArray().Select(layer => (string)layer!["mediaType"]!)];

    /// <summary>The tar of a layer.</summary>
    public byte[] Tar(string digest)
    {
        using var gzip = new GZipStream(new MemoryStream(registry.FindBlob(repository, digest)!), CompressionMode.Decompress);
        using var tar = new MemoryStream();
        gzip.CopyTo(tar);
        return tar.ToArray();
    }

    /// <summary>The entries of the layers above the base's, by path.</summary>
    /// <param name="baseLayers">How many layers the base has.</param>
    public IReadOnlyDictionary<string, TarEntry> Entries(int baseLayers = 1)
    {
        var entries = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        foreach (var layer in Layers.Skip(baseLayers))
        {
            using var reader = new TarReader(new MemoryStream(Tar(layer)));
            while (reader.GetNextEntry(copyData: true) is { } entry)
                entries[entry.Name] = entry;
        }

        return entries;
    }
}
