using System.Formats.Tar;
using System.Text.Json.Nodes;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Stores.Archive;

namespace Containerize.Tests.Support;

/// <summary>Docker as far as loading goes: an image store with chains of layers, which reads the files of those it does not have.</summary>
internal sealed class FakeDocker : IProcessRunner
{
    private readonly List<(string Id, string[] DiffIds)> _images = [];

    /// <summary>The command lines, in their order, without ids.</summary>
    public List<string> Runs { get; } = [];

    /// <summary>The blobs in each archive that was offered, by their digits.</summary>
    public List<IReadOnlyList<string>> Offered { get; } = [];

    /// <summary>Which image each name stands for.</summary>
    public Dictionary<string, string> Tags { get; } = [];

    /// <summary>Changes what is told of an image.</summary>
    public Action<JsonObject> Tells { get; set; } = _ => { };

    /// <summary>What is listed as an image's digest beside its id.</summary>
    public Func<string, string> DigestOf { get; set; } = _ => "<none>";

    /// <summary>Removes all images.</summary>
    public void Clear()
    {
        _images.Clear();
        Tags.Clear();
    }

    /// <summary>Loads an image as somebody else would.</summary>
    public void Add(Image image, string? name = null)
    {
        var id = image.Manifest.Config.Digest.ToString();
        _images.Add((id, [.. image.Layers.Select(layer => layer.DiffId.ToString())]));
        if (name is not null)
            Tags[name] = id;
    }

    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        Assert.Equal("docker", call.Name);
        Runs.Add(string.Join(' ', call.Arguments.Where(argument => !Digest.TryParse(argument, out _))));
        switch (call.Arguments.ToArray())
        {
            case ["load"]:
                using (var input = new MemoryStream())
                {
                    await call.WriteInput!(input, cancellationToken);
                    input.Position = 0;
                    return await LoadAsync(input);
                }

            case ["image", "ls", "--no-trunc", "--digests", "--format", "{{.ID}} {{.Digest}}"]:
                return new ProcessOutcome(0, string.Concat(_images.Select(image => $"{image.Id} {DigestOf(image.Id)}\n")), "");
            case ["image", "inspect", .. var names]:
                return Inspect(names);
            default:
                return null;
        }
    }

    private ProcessOutcome Inspect(IEnumerable<string> names)
    {
        var (found, missing) = (new JsonArray(), "");
        foreach (var name in names)
        {
            var id = Tags.GetValueOrDefault(name, name);
            if (_images.Find(image => image.Id == id) is { Id: not null } image)
            {
                var told = new JsonObject
                {
                    ["Id"] = id,
                    ["GraphDriver"] = new JsonObject { ["Name"] = "overlay2", ["Data"] = new JsonObject { ["UpperDir"] = "/var/lib/docker/overlay2/1/diff" } },
                    ["RootFS"] = new JsonObject { ["Type"] = "layers", ["Layers"] = new JsonArray(
                        [.. image.DiffIds.Select(diffId => JsonValue.Create(diffId))]) },
                };
                Tells(told);
                found.Add(told);
            }
            else
            {
                missing += $"Error response from daemon: No such image: {name}\n";
            }
        }

        return new ProcessOutcome(missing.Length > 0 ? 1 : 0, found.ToJsonString(), missing);
    }

    private async Task<ProcessOutcome> LoadAsync(Stream archive)
    {
        var files = new Dictionary<string, byte[]>();
        await using var tar = new TarReader(archive);
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            if (entry.DataStream is not null)
                await entry.DataStream.CopyToAsync(content);
            files[entry.Name] = content.ToArray();
        }

        Offered.Add(
            [.. files.Keys.Where(
                path =>
                    path.StartsWith("blobs/sha256/", StringComparison.Ordinal) && !path.EndsWith('/')).Select(path =>
                        path["blobs/sha256/".Length..])]);
        var item = JsonNode.Parse(files[DockerImages.ListPath])![0]!;
        var config = files[(string)item["Config"]!];
        string[] diffIds = [.. JsonNode.Parse(config)!["rootfs"]!["diff_ids"]!.AsArray().Select(diffId => (string)diffId!)];
        foreach (var (path, count) in item["Layers"]!.AsArray().Select((layer, index) => ((string)layer!, index + 1)))
        {
            if (!files.ContainsKey(path) && !_images.Exists(image => image.DiffIds.Take(count).SequenceEqual(diffIds.Take(count))))
                return new ProcessOutcome(1, "", $"open /var/lib/docker/tmp/docker-import-1/{path}: no such file or directory");
        }

        var id = Digest.Of(config).ToString();
        _images.Add((id, diffIds));
        foreach (var name in item["RepoTags"]!.AsArray())
            Tags[(string)name!] = id;
        return new ProcessOutcome(0, "", "");
    }
}
