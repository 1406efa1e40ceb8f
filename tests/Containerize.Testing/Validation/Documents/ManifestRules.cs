using System.Text.Json;
using Containerize.Testing.Validation.Layers;

namespace Containerize.Testing.Validation.Documents;

/// <summary>
/// A manifest (image-spec, manifest.md; Docker image manifest v2, schema 2) with its config and its layers. Of an artifact, which
/// has no image's config, only the descriptors are checked.
/// </summary>
internal static class ManifestRules
{
    /// <summary>What an index wants to know of one of its images.</summary>
    internal sealed record ImageFacts(string ConfigDigest, string Layers);

    /// <param name="judgement">The image and what to go by.</param>
    /// <param name="content">The manifest's bytes.</param>
    /// <param name="mediaType">Its type.</param>
    /// <param name="platform">What the index says; null when there is no index.</param>
    /// <param name="problems">Where to tell.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ImageFacts?> CheckAsync(
        Judgement judgement,
        byte[] content,
        string mediaType,
        PlatformDocument? platform,
        ProblemList problems,
        CancellationToken cancellationToken)
    {
        if (await ManifestHeader.ReadAsync(judgement, content, mediaType, "image-manifest-schema.json", problems) is not { } root)
            return null;
        var configElement = root.Object("config", problems, required: true);
        var layerElements = root.Array("layers", problems, required: true);
        var config = configElement is { } element ? DescriptorDocument.Read(element, problems.At("config")) : null;
        var layers = ReadLayers(layerElements ?? [], problems);
        if (layerElements is { Count: 0 })
            problems.Add("has no layers; one is the least.");
        if (config is null || layers is null || layerElements is null)
            return null;

        if (IsArtifact(root, config, platform))
        {
            await CheckArtifactAsync(judgement, root, config, layers, problems, cancellationToken);
            return null;
        }
        CheckTypes(mediaType, config, layers, problems);
        var facts = await config.ReadDocumentAsync(judgement, problems.At("config"), cancellationToken) is { } document
            ? await ConfigRules.CheckAsync(judgement, document, config.MediaType, layers.Count, problems.At("config"))
            : null;
        if (platform is not null && facts?.Platform is { } own && !own.Matches(platform))
            problems.Add($"is for {platform} by the index and for {own} by its config.");
        await LayerRules.CheckAsync(judgement, layers, facts?.DiffIds ?? [], problems, cancellationToken);
        return new ImageFacts(config.Digest, string.Join(',', layers.Select(layer => layer.Digest)));
    }

    private static List<DescriptorDocument>? ReadLayers(IReadOnlyList<JsonElement> elements, ProblemList problems)
    {
        var layers = new List<DescriptorDocument>();
        for (var i = 0; i < elements.Count; i++)
        {
            if (DescriptorDocument.Read(elements[i], problems.At($"layer {i}")) is { } layer)
                layers.Add(layer);
        }
        return layers.Count == elements.Count ? layers : null;
    }

    private static bool IsArtifact(JsonElement root, DescriptorDocument config, PlatformDocument? platform) =>
        !MediaTypes.IsConfig(config.MediaType) || root.Field("artifactType") is not null || platform is { IsUnknown: true };

    private static async Task CheckArtifactAsync(
        Judgement judgement, JsonElement root, DescriptorDocument config, List<DescriptorDocument> layers, ProblemList problems,
        CancellationToken cancellationToken)
    {
        if (config.MediaType == MediaTypes.OciEmpty && root.Field("artifactType") is null)
            problems.Add("has the empty config and no artifactType.");
        if (layers.Exists(layer => MediaTypes.CompressionOf(layer.MediaType) is not null) && root.Field("artifactType") is null)
            problems.Add($"has layers of an image and a config of type {config.MediaType}.");
        await config.ReadDocumentAsync(judgement, problems.At("config"), cancellationToken);
        for (var i = 0; i < layers.Count; i++)
            await layers[i].ReadDocumentAsync(judgement, problems.At($"layer {i}"), cancellationToken);
    }

    private static void CheckTypes(string mediaType, DescriptorDocument config, List<DescriptorDocument> layers, ProblemList problems)
    {
        var family = MediaTypes.FamilyOf(mediaType);
        if (MediaTypes.FamilyOf(config.MediaType) != family)
            problems.Add($"config is {config.MediaType} in a manifest of type {mediaType}: the families are mixed.");
        for (var i = 0; i < layers.Count; i++)
        {
            var type = layers[i].MediaType;
            if (MediaTypes.CompressionOf(type) is null)
                problems.Add($"layer {i}: '{type}' is not the type of a layer.");
            else if (MediaTypes.FamilyOf(type) != family)
                problems.Add($"layer {i}: is {type} in a manifest of type {mediaType}: the families are mixed.");
            if (family == MediaTypeFamily.Docker && layers[i].Element.Field("annotations") is not null)
                problems.Add($"layer {i}: has annotations, which Docker's types do not know.");
        }
    }
}
