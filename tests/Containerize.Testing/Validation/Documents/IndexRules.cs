using System.Text.Json;

namespace Containerize.Testing.Validation.Documents;

/// <summary>
/// An index (image-spec, image-index.md; Docker manifest list): no nesting, one family of types, one image per platform, each
/// what its descriptor says.
/// </summary>
internal static class IndexRules
{
    public static async Task CheckAsync(
        Judgement judgement, byte[] content, string mediaType, ProblemList problems, CancellationToken cancellationToken)
    {
        if (await ManifestHeader.ReadAsync(judgement, content, mediaType, "image-index-schema.json", problems) is not { } root
            || root.Array("manifests", problems, required: true) is not { } children)
            return;

        var platforms = new HashSet<string>(StringComparer.Ordinal);
        var layersByConfig = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < children.Count; i++)
        {
            var place = problems.At($"manifest {i}");
            if (DescriptorDocument.Read(children[i], place) is not { } descriptor)
                continue;
            CheckType(descriptor, mediaType, place);
            var platform = ReadPlatform(children, i, place);
            if (platform is { IsUnknown: false } && !platforms.Add(platform.ToString()))
                place.Add($"is the second for {platform}: the first match wins, so nobody gets it.");
            if (!MediaTypes.IsManifest(descriptor.MediaType)
                || await descriptor.ReadDocumentAsync(judgement, place, cancellationToken) is not { } child)
                continue;
            var image = await ManifestRules.CheckAsync(judgement, child, descriptor.MediaType, platform, place, cancellationToken);
            // An image's id is the digest of its config: engines take two images with one config for the same.
            if (image is not null && !layersByConfig.TryAdd(image.ConfigDigest, image.Layers)
                && layersByConfig[image.ConfigDigest] != image.Layers)
                place.Add($"shares its config {image.ConfigDigest} with another image that has other layers.");
        }
    }

    private static PlatformDocument? ReadPlatform(IReadOnlyList<JsonElement> children, int index, ProblemList problems)
    {
        if (children[index].Object("platform", problems) is { } element)
            return PlatformDocument.Read(element, problems.At("platform"));
        if (children.Count > 1)
            problems.Add("has no platform, so that nobody can choose it.");
        return null;
    }

    private static void CheckType(DescriptorDocument descriptor, string indexType, ProblemList problems)
    {
        if (MediaTypes.IsIndex(descriptor.MediaType))
            problems.Add("is an index itself: few clients support nesting.");
        else if (!MediaTypes.IsManifest(descriptor.MediaType))
            problems.Add($"'{descriptor.MediaType}' is not the type of a manifest.");
        if (MediaTypes.FamilyOf(descriptor.MediaType) != MediaTypes.FamilyOf(indexType))
            problems.Add($"is {descriptor.MediaType} in an index of type {indexType}: the families are mixed.");
        if (MediaTypes.FamilyOf(indexType) == MediaTypeFamily.Docker && descriptor.Element.Field("annotations") is not null)
            problems.Add("has annotations, which Docker's types do not know.");
    }
}
