using System.Text.Json;

namespace Containerize.Testing.Validation.Documents;

/// <summary>What manifest and index have in common at their beginning.</summary>
internal static class ManifestHeader
{
    private static readonly string[] OciOnly = ["annotations", "subject", "artifactType"];

    /// <summary>The document, checked as far as both kinds go; null when it is not JSON.</summary>
    public static async Task<JsonElement?> ReadAsync(
        Judgement judgement, byte[] content, string mediaType, string schema, ProblemList problems)
    {
        if (JsonRules.Parse(content, problems) is not { } root)
            return null;
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add("is not a JSON object.");
            return null;
        }
        if (MediaTypes.FamilyOf(mediaType) == MediaTypeFamily.Oci)
            problems.AddRange(await OciSchemas.ValidateAsync(schema, content));
        else
            CheckDocker(root, problems);
        if (root.Integer("schemaVersion", problems) is { } version && version != 2)
            problems.Add($"schemaVersion is {version}, not 2.");
        var own = root.Text("mediaType", problems, required: judgement.Options.RequireMediaType);
        if (own is not null && own != mediaType)
            problems.Add($"its mediaType is {own} where it is said to be {mediaType}.");
        if (root.Field("subject") is { } subject)
            _ = DescriptorDocument.Read(subject, problems.At("subject"));
        return root;
    }

    /// <summary>Docker schema 2 knows none of these, and registries refuse or drop them.</summary>
    private static void CheckDocker(JsonElement root, ProblemList problems)
    {
        foreach (var name in OciOnly)
        {
            if (root.Field(name) is not null)
                problems.Add($"has {name}, which Docker's types do not know.");
        }
    }
}
