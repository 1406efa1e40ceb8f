using System.Globalization;
using Containerize.Images;
using NuGet.Versioning;

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
                $"Both ContainerImageTag ('{tag}') and ContainerImageTags ('{tags}') are set. Keep one of them; "
                    + "ContainerImageTags takes several tags with ';' between them.");
        }

        var named = (string.IsNullOrEmpty(tags) ? tag ?? "" : tags)
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
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
                $"'{invalid}' is not a valid tag. A tag has at most 128 letters, digits, '_', '.' and '-', and does not start with "
                    + $"'.' or '-'.{hint}");
        }

        return parsed;
    }
}

/// <summary>What <c>ContainerTagPolicy</c> says: which tags an image gets by itself.</summary>
public enum TagPolicy
{
    /// <summary>Those that the user names; <c>latest</c> where none is named.</summary>
    Explicit,

    /// <summary>The version.</summary>
    Version,

    /// <summary>The version and, for a release, the names that move from release to release.</summary>
    Floating,
}

/// <summary>The tags that follow from a version.</summary>
/// <param name="Version">The version itself, normalised as NuGet does it: <c>2.3.1</c>, <c>2.4.0-rc.1</c>.</param>
/// <param name="Floating">The names that move from release to release: <c>2.3</c>, <c>2</c>, <c>latest</c>, <c>stable</c>.</param>
/// <param name="Metadata">What stands behind a <c>+</c> in the version, and in no tag; null where there is none.</param>
internal sealed record VersionTags(string Version, IReadOnlyList<string> Floating, string? Metadata = null)
{
    // Names for the newest release of all.
    private static readonly string[] Newest = ["latest", "stable"];

    /// <summary>The version, then what moves.</summary>
    public IEnumerable<string> All => [Version, .. Floating];

    /// <summary>The tags of a version under a policy; null where the policy has none.</summary>
    /// <exception cref="ContainerizeException">The version is none, or cannot be a tag (CTZ1038).</exception>
    public static VersionTags? Of(TagPolicy policy, string? version)
    {
        if (policy == TagPolicy.Explicit)
            return null;
        if (!NuGetVersion.TryParse(version, out var parsed))
            throw Invalid(policy, version, "which is no version such as 2.3.1 or 2.4.0-rc.1");
        var normalized = parsed.ToNormalizedString();
        if (!ImageReference.IsValidTag(normalized))
            throw Invalid(
                policy,
                version,
                $"and '{normalized}' is not a valid tag: a tag has at most 128 letters, digits, '_', '.' and '-'");
        return new VersionTags(
            normalized, policy == TagPolicy.Floating ? FloatingOf(parsed) : [], parsed.HasMetadata ? parsed.Metadata : null);
    }

    private static IReadOnlyList<string> FloatingOf(NuGetVersion version)
    {
        if (version.IsPrerelease)
            return [];
        // Not 2.3.1 for 2.3.1.4: that is a version too, and names one image for good.
        var (major, minor) = (version.Major.ToString(CultureInfo.InvariantCulture), version.Minor.ToString(CultureInfo.InvariantCulture));
        return [$"{major}.{minor}", major, .. Newest];
    }

    private static ContainerizeException Invalid(TagPolicy policy, string? version, string why) => new(
        ErrorCodes.VersionInvalid,
        $"ContainerTagPolicy is '{policy}', but ContainerVersion is '{version}', {why}. "
            + "Set Version or ContainerVersion, or name the tags with ContainerTagPolicy=Explicit and ContainerImageTags.");
}
