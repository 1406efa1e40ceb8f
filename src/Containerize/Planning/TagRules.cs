using NuGet.Versioning;

namespace Containerize.Planning;

/// <summary>What has to be known of a destination's tags before an image's are put there.</summary>
internal sealed record TagRules
{
    /// <summary>The version that <see cref="Floating"/> belongs to; null where nothing floats.</summary>
    public string? Version { get; init; }

    /// <summary>The tags that never move backwards: each moves unless a higher release of its kind is there.</summary>
    public IReadOnlyList<string> Floating { get; init; } = [];

    /// <summary>Whether a tag that is a version must not be moved to another image.</summary>
    public bool Immutable { get; init; }

    /// <summary>Whether a tag is a whole version, release or not: three or four numbers, as in <c>2.4.0-rc.1</c>.</summary>
    public static bool IsVersion(string tag) => VersionOf(tag) is not null;

    /// <summary>Those of an image's tags that name one version for good.</summary>
    public IEnumerable<string> Fixed(IEnumerable<string> tags) => tags.Where(tag => IsVersion(tag) && !Floating.Contains(tag));

    /// <summary>Which tags an image gets where others are.</summary>
    /// <param name="tags">The image's tags.</param>
    /// <param name="existing">The tags that are there. Those that are no releases say nothing.</param>
    public TagDecision Decide(IReadOnlyList<string> tags, IEnumerable<string> existing)
    {
        if (Version is null)
            return new TagDecision(tags, []);
        var own = NuGetVersion.Parse(Version);
        // The image's own count as well: they will be there afterwards, and another publish must come to the same result.
        var higher = existing.Concat(tags).Distinct(StringComparer.Ordinal)
            .Select(tag => (Tag: tag, Version: VersionOf(tag)))
            .Where(release => release.Version is { IsPrerelease: false } && release.Version > own)
            .OrderByDescending(release => release.Version)
            .ToList();
        var kept = tags.Where(Floating.Contains)
            .Select(tag => new KeptTag(tag, higher.FirstOrDefault(release => IsOfKind(tag, release.Version!)).Tag))
            .Where(candidate => candidate.Because is not null)
            .ToList();
        return new TagDecision([.. tags.Except(kept.Select(candidate => candidate.Tag))], kept);
    }

    // "2" is the newest 2.x.y, "2.3" the newest 2.3.x; a name without numbers is the newest of all.
    private static bool IsOfKind(string floating, NuGetVersion release) =>
        !char.IsAsciiDigit(floating[0]) || release.ToNormalizedString().StartsWith(floating + ".", StringComparison.Ordinal);

    // NuGet reads "2" and "20260131" as versions too.
    private static NuGetVersion? VersionOf(string tag) =>
        tag.Split('-')[0].Count(character => character == '.') >= 2 && NuGetVersion.TryParse(tag, out var version) ? version : null;
}

/// <summary>Which tags an image gets somewhere.</summary>
/// <param name="Moving">Those that it gets.</param>
/// <param name="Kept">Those that stay where they are.</param>
internal sealed record TagDecision(IReadOnlyList<string> Moving, IReadOnlyList<KeptTag> Kept);

/// <summary>A tag that stays where it is.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Because">The highest release of its kind.</param>
internal sealed record KeptTag(string Tag, string Because);
