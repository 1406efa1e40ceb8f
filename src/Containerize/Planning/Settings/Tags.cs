using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>The tags of an image.</summary>
internal static class Tags
{
    /// <summary>
    /// The tags that follow from the version, then those from <c>ContainerImageTag</c> and <c>ContainerImageTags</c>, each once,
    /// in their order; <c>latest</c> where there are none.
    /// </summary>
    /// <exception cref="ContainerizeException">Both are set (CTZ1006), or one is not valid (CTZ1005).</exception>
    public static IReadOnlyList<string> Parse(string? tag, string? tags, VersionTags? byVersion = null)
    {
        if (!string.IsNullOrEmpty(tag) && !string.IsNullOrEmpty(tags))
        {
            throw new ContainerizeException(
                ErrorCodes.TagAndTags,
                $"Both ContainerImageTag ('{tag}') and ContainerImageTags ('{tags}') are set. Keep one of them; ContainerImageTags takes several tags with ';' between them.");
        }

        var named = (string.IsNullOrEmpty(tags) ? tag ?? "" : tags).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var parsed = (byVersion?.All ?? []).Concat(named)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (parsed.Count == 0)
            parsed.Add("latest");
        foreach (var invalid in parsed.Where(candidate => !ImageReference.IsValidTag(candidate)))
        {
            // The shell's quotes end up inside the value when they are put around the wrong part of -p:ContainerImageTags=…
            var hint = invalid.AsSpan().ContainsAny('\'', '"')
                ? " The quotes belong around the whole argument: '-p:ContainerImageTags=\"1.0;latest\"'."
                : "";
            throw new ContainerizeException(
                ErrorCodes.TagInvalid,
                $"'{invalid}' is not a valid tag. A tag has at most 128 letters, digits, '_', '.' and '-', and does not start with '.' or '-'.{hint}");
        }

        return parsed;
    }
}
