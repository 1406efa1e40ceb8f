using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Containerize.Testing.Validation.Documents;

/// <summary>An image's config (image-spec, config.md; Docker image specification v1.2).</summary>
internal static partial class ConfigRules
{
    /// <summary>What the manifest wants to know of its config.</summary>
    internal sealed record ConfigFacts(PlatformDocument? Platform, IReadOnlyList<string> DiffIds);

    public static async Task<ConfigFacts?> CheckAsync(
        Judgement judgement, byte[] content, string mediaType, int layers, ProblemList problems)
    {
        if (JsonRules.Parse(content, problems) is not { } root)
            return null;
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add("is not a JSON object.");
            return null;
        }
        if (mediaType == MediaTypes.OciConfig)
            problems.AddRange(await OciSchemas.ValidateAsync("config-schema.json", content));
        CheckTime(root.Text("created", problems), problems);
        CheckHistory(root, layers, problems);
        if (root.Object("config", problems) is { } execution)
        {
            CheckEnvironment(execution, problems);
            CheckPorts(execution, problems);
        }
        return new ConfigFacts(PlatformDocument.Read(root, problems), ReadDiffIds(root, layers, problems));
    }

    private static IReadOnlyList<string> ReadDiffIds(JsonElement root, int layers, ProblemList problems)
    {
        if (root.Object("rootfs", problems, required: true) is not { } rootfs)
            return [];
        if (rootfs.Text("type", problems, required: true) is { } type && type != "layers")
            problems.Add($"rootfs.type is '{type}', not 'layers'.");
        var diffIds = rootfs.Texts("diff_ids", problems, required: true) ?? [];
        if (diffIds.Count != layers)
            problems.Add($"has {diffIds.Count} diff_ids for {layers} layers.");
        foreach (var diffId in diffIds.Where(diffId => !DescriptorDocument.IsSha256(diffId)))
            problems.Add($"diff_id '{diffId}' is not sha256: and 64 lower-case hexadecimal digits.");
        return diffIds;
    }

    /// <summary>A history that does not tell of every layer makes buildah and Artifactory refuse the image; none at all is fine.</summary>
    private static void CheckHistory(JsonElement root, int layers, ProblemList problems)
    {
        if (root.Array("history", problems) is not { } history)
            return;
        var withLayer = history.Count(entry => entry.Field("empty_layer") is not { ValueKind: JsonValueKind.True });
        if (withLayer != layers)
            problems.Add($"history tells of {withLayer} layers and there are {layers}.");
        for (var i = 0; i < history.Count; i++)
            CheckTime(history[i].Text("created", problems.At($"history {i}")), problems.At($"history {i}"));
    }

    private static void CheckTime(string? created, ProblemList problems)
    {
        if (created is not null
            && !(Rfc3339().IsMatch(created) && DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, out _)))
            problems.Add($"created '{created}' is not a time of RFC 3339.");
    }

    private static void CheckEnvironment(JsonElement execution, ProblemList problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var variable in execution.Texts("Env", problems) ?? [])
        {
            var equals = variable.IndexOf('=');
            if (equals <= 0)
                problems.Add($"Env entry '{variable}' is not of the form NAME=VALUE.");
            else if (!names.Add(variable[..equals]))
                problems.Add($"Env has {variable[..equals]} twice.");
        }
    }

    private static void CheckPorts(JsonElement execution, ProblemList problems)
    {
        if (execution.Object("ExposedPorts", problems) is not { } ports)
            return;
        foreach (var port in ports.EnumerateObject())
        {
            if (Port().Match(port.Name) is not { Success: true } match
                || int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is < 1 or > 65535)
                problems.Add($"ExposedPorts has '{port.Name}', which is not of the form 8080/tcp or 53/udp.");
        }
    }

    [GeneratedRegex(@"\A([0-9]{1,5})/(tcp|udp)\z")]
    private static partial Regex Port();

    // RFC 3339, 5.6, with the capital letters that Go's parser wants.
    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})\z")]
    private static partial Regex Rfc3339();
}
