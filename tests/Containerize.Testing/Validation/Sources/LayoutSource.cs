using System.Security.Cryptography;
using System.Text.Json;
using Containerize.Testing.Validation.Documents;

namespace Containerize.Testing.Validation.Sources;

/// <summary>An OCI layout (image-spec, image-layout.md): its marker, its index.json, and blobs that are what their names say.</summary>
internal static class LayoutSource
{
    /// <summary>The annotation of index.json that names an image by a tag.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";

    private const string BlobFolder = "blobs/sha256/";

    public static ImageUnderTest Read(ILayoutFiles files, string? reference)
    {
        var problems = new ProblemList();
        CheckMarker(files, problems.At("oci-layout"));
        CheckBlobs(files, problems);
        var root = Choose(ReadIndex(files, problems.At("index.json")), reference);
        var content = ReadAll(files, BlobFolder + root.Digest["sha256:".Length..]);
        root.Check(content.Length, DescriptorDocument.DigestOf(content), problems.At("root"));
        return new ImageUnderTest(content, root.MediaType, digest => files.Open(BlobFolder + digest["sha256:".Length..]))
        {
            SourceProblems = problems.Sentences,
        };
    }

    /// <summary>The descriptors of index.json.</summary>
    public static IReadOnlyList<DescriptorDocument> ReadIndex(ILayoutFiles files, ProblemList problems)
    {
        if (JsonRules.Parse(ReadAll(files, "index.json"), problems) is not { } index)
            return [];
        if (index.Integer("schemaVersion", problems) is { } version && version != 2)
            problems.Add($"schemaVersion is {version}, not 2.");
        if (index.Text("mediaType", problems) is { } mediaType && mediaType != MediaTypes.OciIndex)
            problems.Add($"mediaType is {mediaType}.");
        return [.. (
            index.Array("manifests", problems, required: true) ?? []).Select(element =>
                DescriptorDocument.Read(element, problems)).OfType<DescriptorDocument>()];
    }

    public static byte[] ReadAll(ILayoutFiles files, string path)
    {
        using var stream = files.Open(path);
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }

    private static DescriptorDocument Choose(IReadOnlyList<DescriptorDocument> descriptors, string? reference)
    {
        var matches = descriptors.Where(descriptor =>
            reference is null || descriptor.Digest == reference || NameOf(descriptor) == reference).DistinctBy(descriptor =>
                descriptor.Digest).ToList();
        return matches.Count == 1
            ? matches[0]
            : throw new InvalidOperationException($"index.json has {matches.Count} images for '{reference}' of {descriptors.Count}.");
    }

    private static string? NameOf(DescriptorDocument descriptor) =>
        descriptor.Element.Field("annotations")?.Field(RefName) is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;

    private static void CheckMarker(ILayoutFiles files, ProblemList problems)
    {
        if (!files.Paths.Contains("oci-layout"))
            problems.Add("is not there.");
        else if (JsonRules.Parse(ReadAll(files, "oci-layout"), problems) is { } marker
            && marker.Text("imageLayoutVersion", problems, required: true) is { } version && version != "1.0.0")
            problems.Add($"imageLayoutVersion is '{version}', not '1.0.0'.");
    }

    private static void CheckBlobs(ILayoutFiles files, ProblemList problems)
    {
        foreach (var path in files.Paths.Where(path => path.StartsWith(BlobFolder, StringComparison.Ordinal)))
        {
            using var stream = files.Open(path);
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != path[BlobFolder.Length..])
                problems.Add($"{path} does not have the digest that its name says.");
        }
    }
}
