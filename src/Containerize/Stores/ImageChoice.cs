using Containerize.Images;

namespace Containerize.Stores;

/// <summary>One of the images that a file or a folder holds.</summary>
/// <param name="Image">What is known of it.</param>
/// <param name="Id">What tells it from the others: a digest.</param>
/// <param name="Names">Its names there, those that tell most last; none where it has none.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Group">Images with one number are one image for several platforms, of which the first that fits is meant.</param>
internal sealed record ImageCandidate<T>(T Image, Digest Id, IReadOnlyList<string> Names, Platform Platform, int Group);

/// <summary>Finds the image that is meant among several.</summary>
/// <param name="location">The base image as the plan names it, for errors.</param>
/// <param name="name">The name that was asked for; null for whichever there is.</param>
/// <param name="platform">The wanted platform.</param>
internal sealed class ImageChoice(string location, string? name, Platform platform)
{
    private const int MaxNamed = 20;

    /// <summary>Whether an image with these names is the one that was asked for, or its digest is.</summary>
    public bool Accepts(IEnumerable<string> names, Digest digest) =>
        name is null || name == digest.ToString() || names.Any(candidate => candidate == name || Full(candidate) == Full(name));

    /// <summary>The one image that has the name and is made for the platform.</summary>
    /// <param name="candidates">Those that <see cref="Accepts"/> accepts.</param>
    /// <param name="all">The names of all images, each with a digest for where there is none.</param>
    /// <exception cref="ContainerizeException">There is none, or more than one (CTZ2008, CTZ2002).</exception>
    public T Choose<T>(IReadOnlyList<ImageCandidate<T>> candidates, IReadOnlyList<(IReadOnlyList<string> Names, Digest Digest)> all)
    {
        if (candidates.Count == 0)
        {
            throw name is null || all.Count == 0
                ? BaseImageErrors.Unusable(location, "there is no image in it", "Check ContainerBaseImage.")
                : BaseImageErrors.Unusable(
                    location, $"there is no image '{name}' in it", $"There is: {List(all)}. Name one of them in ContainerBaseImage.");
        }

        var fitting = candidates.Where(candidate => platform.Accepts(candidate.Platform)).ToList();
        if (fitting.Count == 0)
            throw BaseImageErrors.PlatformMissing(
                location, platform, [.. candidates.Select(candidate => candidate.Platform.ToString()).Distinct().Take(20)]);
        // As in an index: an exact variant takes precedence over an absent one, then the first counts.
        var chosen = fitting.GroupBy(candidate => candidate.Group)
            .Select(group => group.FirstOrDefault(candidate => candidate.Platform.Variant == platform.Variant) ?? group.First())
            .DistinctBy(candidate => candidate.Id)
            .ToList();
        return chosen.Count == 1
            ? chosen[0].Image
            : throw BaseImageErrors.Unusable(
                location,
                $"there are several images {(name is null ? "" : $"'{name}' ")}for {platform} in it",
                "Write one of these names behind the path, with a ':' between them: "
                    + $"{List([.. chosen.Select(candidate => (candidate.Names, candidate.Id))])}.");
    }

    // The shortest name that no other image has; a digest where there is no such name.
    private static string List(IReadOnlyList<(IReadOnlyList<string> Names, Digest Digest)> images)
    {
        var shown = images.Take(MaxNamed).Select(image =>
            image.Names.FirstOrDefault(candidate => images.All(other => other.Digest == image.Digest || !other.Names.Contains(candidate)))
                ?? image.Digest.ToString());
        return ErrorText.List(shown, MaxNamed) + (images.Count > MaxNamed ? " …" : "");
    }

    // docker.io/library/app:latest and app are one name. Of tags, which OCI's tools write, two are still equal only if they were before.
    private static string Full(string text) =>
        ImageReference.TryParse(text, out var reference, out _)
            ? (reference.Tag is null && reference.Digest is null ? reference with { Tag = "latest" } : reference).ToString()
            : text;
}
