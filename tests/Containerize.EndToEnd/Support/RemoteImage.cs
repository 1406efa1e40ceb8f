using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Containerize.EndToEnd.Support;

/// <summary>An image as a registry serves it, read without any of Containerize's own code.</summary>
public sealed class RemoteImage
{
    private static readonly HttpClient Http = new();
    private readonly string _blobs;

    private RemoteImage(string blobs, string digest, JsonNode manifest, JsonNode config)
    {
        _blobs = blobs;
        Digest = digest;
        Manifest = manifest;
        Config = config;
    }

    /// <summary>The digest of the manifest's bytes.</summary>
    public string Digest { get; }

    public JsonNode Manifest { get; }

    public JsonNode Config { get; }

    /// <summary>The digests of the layers, base first.</summary>
    public IReadOnlyList<string> Layers => [.. Manifest["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!)];

    /// <summary>The name that each of our layers has in the history, by the layer's digest, in order.</summary>
    public IReadOnlyList<(string Name, string Digest)> OwnLayers
    {
        get
        {
            var history = Config["history"]!.AsArray().Where(entry => (bool?)entry!["empty_layer"] != true).ToList();
            return [.. history.Zip(Layers)
                .Where(pair => ((string?)pair.First!["created_by"])?.StartsWith("Containerize: ", StringComparison.Ordinal) == true)
                .Select(pair => (((string)pair.First!["created_by"]!)["Containerize: ".Length..], pair.Second))];
        }
    }

    /// <summary>An image by a full name, <c>HOST:PORT/REPOSITORY:TAG</c>.</summary>
    public static Task<RemoteImage> GetAsync(string reference)
    {
        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        var colon = reference.LastIndexOf(':');
        return GetAsync(reference[..slash], reference[(slash + 1)..colon], reference[(colon + 1)..]);
    }

    public static async Task<RemoteImage> GetAsync(string registry, string repository, string reference)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{registry}/v2/{repository}/manifests/{reference}");
        foreach (var type in new[] { "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json" })
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var manifest = JsonNode.Parse(bytes)!;
        var blobs = $"http://{registry}/v2/{repository}/blobs/";
        var config = JsonNode.Parse(await Http.GetStringAsync(blobs + (string)manifest["config"]!["digest"]!))!;
        return new RemoteImage(blobs, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), manifest, config);
    }

    /// <summary>The entries of a layer: type, mode, owner, and for files the SHA-256 of the content.</summary>
    public async Task<IReadOnlyList<LayerFile>> ReadLayerAsync(string digest)
    {
        var entries = new List<LayerFile>();
        await using var compressed = await Http.GetStreamAsync(_blobs + digest);
        await using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
        await using var reader = new TarReader(gzip);
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            var isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile;
            var hash = !isFile
                ? ""
                : entry.DataStream is null ? HashOf("") : Convert.ToHexStringLower(await SHA256.HashDataAsync(entry.DataStream));
            entries.Add(
                new LayerFile(
                    entry.Name,
                    entry.EntryType,
                    Convert.ToString((int)entry.Mode, 8),
                    entry.Uid,
                    entry.Gid,
                    entry.LinkName,
                    hash,
                    entry.ModificationTime));
        }

        return entries;
    }

    /// <summary>Takes a file out of the image.</summary>
    public async Task ExtractAsync(string path, string destination)
    {
        foreach (var digest in Layers)
        {
            await using var gzip = new GZipStream(await Http.GetStreamAsync(_blobs + digest), CompressionMode.Decompress);
            await using var reader = new TarReader(gzip);
            while (await reader.GetNextEntryAsync() is { } entry)
            {
                if (entry.Name != path || entry.DataStream is null)
                    continue;
                await using var file = File.Create(destination);
                await entry.DataStream.CopyToAsync(file);
                return;
            }
        }

        throw new FileNotFoundException($"The image has no file {path}.");
    }

    /// <summary>All entries of our layers, by path.</summary>
    public async Task<IReadOnlyDictionary<string, LayerFile>> ReadOwnFilesAsync()
    {
        var files = new Dictionary<string, LayerFile>(StringComparer.Ordinal);
        foreach (var (_, digest) in OwnLayers)
        {
            foreach (var file in await ReadLayerAsync(digest))
                files[file.Path] = file;
        }

        return files;
    }

    /// <summary>The SHA-256 of some text, as <see cref="LayerFile.Sha256"/> has it.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>One entry of a layer.</summary>
public sealed record LayerFile(
    string Path, TarEntryType Type, string Mode, int Uid, int Gid, string LinkTarget, string Sha256, DateTimeOffset Time);
