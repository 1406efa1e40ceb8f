using System.Text.Json;
using Containerize.Testing.Validation.Documents;

namespace Containerize.Testing.Validation.Sources;

/// <summary>
/// The manifest.json of an archive (Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format") tells of
/// the same image as index.json: config and layers of one of its manifests, and the same names.
/// </summary>
internal static class DockerManifestRules
{
    public const string FileName = "manifest.json";

    // What containerd and podman read the image's full name from.
    private const string ContainerdName = "io.containerd.image.name";

    /// <summary>Returns the names in the file.</summary>
    public static IReadOnlyList<string> Check(ILayoutFiles files, ProblemList problems)
    {
        if (JsonRules.Parse(LayoutSource.ReadAll(files, FileName), problems) is not { ValueKind: JsonValueKind.Array } array
            || array.GetArrayLength() == 0)
        {
            problems.Add("is not an array with at least one image.");
            return [];
        }
        // index.json's own problems are told where the layout is read.
        var index = LayoutSource.ReadIndex(files, new ProblemList());
        var images = index.SelectMany(descriptor => Images(files, descriptor)).ToList();
        var tags = new List<string>();
        foreach (var entry in array.EnumerateArray())
        {
            CheckImage(entry, files, images, problems);
            tags.AddRange(entry.Texts("RepoTags", problems) ?? []);
        }
        CheckNames(tags, index, problems);
        return tags;
    }

    private static void CheckImage(JsonElement entry, ILayoutFiles files, List<string> images, ProblemList problems)
    {
        var config = entry.Text("Config", problems, required: true);
        var layers = entry.Texts("Layers", problems, required: true);
        if (config is null || layers is null)
            return;
        foreach (var path in layers.Prepend(config).Where(path => !files.Paths.Contains(path)))
            problems.Add($"'{path}' is not in the archive.");
        if (!images.Contains(Describe(config, layers)))
            problems.Add("config and layers are not those of a manifest that index.json leads to.");
    }

    private static void CheckNames(List<string> tags, IReadOnlyList<DescriptorDocument> index, ProblemList problems)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var descriptor in index)
        {
            var annotations = descriptor.Element.Object("annotations", problems);
            if (annotations?.Text(ContainerdName, problems) is not { } name)
                continue;
            named.Add(name);
            if (annotations.Value.Text(LayoutSource.RefName, problems) is { } tag && !name.EndsWith(":" + tag, StringComparison.Ordinal))
                problems.Add($"index.json calls one image '{name}' and '{tag}'.");
        }
        foreach (var tag in tags)
        {
            if (tag.LastIndexOf(':') <= tag.LastIndexOf('/'))
                problems.Add($"RepoTags has '{tag}', which is not of the form name:tag.");
            else if (!named.Contains(FullName(tag)))
                problems.Add($"RepoTags has '{tag}', which no descriptor of index.json is named ({ContainerdName}).");
        }
        foreach (var name in named.Except(tags.Select(FullName)))
            problems.Add($"index.json has the name '{name}', and RepoTags has not.");
    }

    /// <summary>The name that Docker understands by a short one: <c>app:1</c> is <c>docker.io/library/app:1</c>.</summary>
    private static string FullName(string tag)
    {
        var slash = tag.IndexOf('/');
        if (slash < 0)
            return "docker.io/library/" + tag;
        var first = tag[..slash];
        return first.Contains('.') || first.Contains(':') || first == "localhost" ? tag : "docker.io/" + tag;
    }

    /// <summary>Config and layers of every manifest below a descriptor, as manifest.json would name them.</summary>
    private static IEnumerable<string> Images(ILayoutFiles files, DescriptorDocument descriptor)
    {
        if (!files.Paths.Contains(PathOf(descriptor.Digest)))
            return [];
        var unheard = new ProblemList();
        if (JsonRules.Parse(LayoutSource.ReadAll(files, PathOf(descriptor.Digest)), unheard) is not { } root)
            return [];
        if (MediaTypes.IsIndex(descriptor.MediaType))
            return (root.Array("manifests", unheard) ?? []).Select(child => DescriptorDocument.Read(child, unheard))
                .OfType<DescriptorDocument>().SelectMany(child => Images(files, child));
        var config = root.Object("config", unheard)?.Text("digest", unheard);
        var layers = (root.Array("layers", unheard) ?? []).Select(layer => PathOf(layer.Text("digest", unheard) ?? ""));
        return config is null ? [] : [Describe(PathOf(config), layers)];
    }

    private static string Describe(string config, IEnumerable<string> layers) => $"{config}|{string.Join('|', layers)}";

    private static string PathOf(string digest) => "blobs/" + digest.Replace(':', '/');
}
