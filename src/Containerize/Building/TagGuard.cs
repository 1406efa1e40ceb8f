using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>Asks targets for the tags that they have, where a plan's <see cref="TagRules"/> depend on them.</summary>
/// <param name="notice">Is told of each tag that stays where it is.</param>
internal sealed class TagGuard(Action<string>? notice)
{
    /// <summary>
    /// To be called before anything is uploaded anywhere: fails where a tag that must not move would, and where a registry will not tell
    /// what <see cref="TagsForAsync"/> has to know.
    /// </summary>
    /// <param name="rules">The plan's rules.</param>
    /// <param name="digest">What the tags will name.</param>
    /// <param name="target">The target.</param>
    /// <param name="ownTags">Whether the destination names tags itself, which are put there as they are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">CTZ4005, CTZ4006; other CTZ4xxx where a registry does not answer.</exception>
    public static async Task CheckAsync(
        TagRules? rules, Digest digest, IImageTarget target, bool ownTags, CancellationToken cancellationToken)
    {
        if (rules is null || !target.KeepsTags)
            return;
        if (rules.Immutable)
        {
            foreach (var tag in rules.Fixed(target.Names.Tags))
                RefuseOther(target.NameOf(tag), await target.FindTagAsync(tag, cancellationToken).ConfigureAwait(false), digest);
        }

        // A layout can be read at any time; whether a registry lets its tags be listed is known only when it was asked.
        if (target.IsShared && Floats(rules, ownTags))
            await target.ListTagsAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The tags to put, by those that the target has now. To be called right before they are put: an upload takes time, in which another
    /// publish may come to its end.
    /// </summary>
    /// <exception cref="ContainerizeException">CTZ4xxx; CTZ5003 where a layout cannot be read.</exception>
    public async Task<IReadOnlyList<string>> TagsForAsync(
        TagRules? rules, IImageTarget target, bool ownTags, CancellationToken cancellationToken)
    {
        var tags = target.Names.Tags;
        if (rules is null || !target.KeepsTags || !Floats(rules, ownTags))
            return tags;
        var decision = rules.Decide(tags, await target.ListTagsAsync(cancellationToken).ConfigureAwait(false));
        foreach (var kept in decision.Kept.GroupBy(kept => kept.Because, kept => kept.Tag))
        {
            notice?.Invoke(
                $"{target.NameOf(null)} keeps {string.Join(", ", kept)} as {(kept.Count() == 1 ? "it is" : "they are")}: "
                + $"{kept.Key} is there, which is higher than {rules.Version}");
        }

        return decision.Moving;
    }

    private static bool Floats(TagRules rules, bool ownTags) => rules.Floating.Count > 0 && !ownTags;

    private static void RefuseOther(string name, Digest? existing, Digest digest)
    {
        if (existing is { } other && other != digest)
        {
            throw new ContainerizeException(
                ErrorCodes.TagImmutable,
                $"The tag '{name}' names the image {other} already, not {digest}, and ContainerImmutableTags keeps versions from moving. "
                    + "Nothing was uploaded. Raise the version, or delete the tag there if it was a mistake.");
        }
    }
}
