using System.Net;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>Asks destinations for the tags that are there, where a plan's <see cref="TagRules"/> depend on them.</summary>
public sealed class TagGuard
{
    private readonly RegistryClient _client;
    private readonly Action<string>? _notice;

    /// <summary>Makes a guard.</summary>
    /// <param name="client">The connections.</param>
    /// <param name="notice">Is told of each tag that stays where it is.</param>
    public TagGuard(RegistryClient client, Action<string>? notice = null)
    {
        _client = client;
        _notice = notice;
    }

    /// <summary>
    /// To be called before anything is uploaded anywhere: fails where a tag that must not move would, and where a registry will
    /// not tell what <see cref="TagsForAsync"/> has to know.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="digest">What the tags will name.</param>
    /// <param name="destinations">All destinations.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">CTZ4005, CTZ4006; other CTZ4xxx where a registry does not answer.</exception>
    public async Task CheckAsync(ImagePlan plan, Digest digest, IEnumerable<Destination> destinations, CancellationToken cancellationToken)
    {
        if (plan.TagRules is not { } rules)
            return;
        foreach (var destination in destinations)
        {
            if (destination.Kind == DestinationKind.OciLayout && rules.Immutable)
                await CheckLayoutAsync(new OciLayout(destination.Target), plan, destination, rules, digest, cancellationToken).ConfigureAwait(false);
            if (destination.Kind != DestinationKind.Registry)
                continue;
            var repository = _client.Repository(destination.Target, plan.RepositoryAt(destination), RegistryAccess.Push);
            if (rules.Immutable)
            {
                foreach (var tag in rules.Fixed(plan.TagsAt(destination)))
                    await CheckAsync(repository, destination, tag, digest, cancellationToken).ConfigureAwait(false);
            }

            if (Floats(rules, destination))
                await ListAsync(repository, destination, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The tags to put at a destination, by those that are there now. To be called right before they are put: an upload takes
    /// time, in which another publish may come to its end.
    /// </summary>
    /// <exception cref="ContainerizeException">CTZ4xxx; CTZ5003 where a layout cannot be read.</exception>
    public async Task<IReadOnlyList<string>> TagsForAsync(ImagePlan plan, Destination destination, CancellationToken cancellationToken)
    {
        var tags = plan.TagsAt(destination);
        if (plan.TagRules is not { } rules || !Floats(rules, destination))
            return tags;
        var name = plan.RepositoryAt(destination);
        switch (destination.Kind)
        {
            case DestinationKind.Registry:
                var repository = _client.Repository(destination.Target, name, RegistryAccess.Push);
                return Decide(rules, tags, await ListAsync(repository, destination, cancellationToken).ConfigureAwait(false), $"{destination.Target}/{name}");
            case DestinationKind.OciLayout:
                return Decide(rules, tags, await new OciLayout(destination.Target).TagsAsync(name, cancellationToken).ConfigureAwait(false), $"{name} in {destination.Target}");
            default:
                // An archive holds this image alone. An engine is a developer's machine, where the last one built is the one that is meant.
                return tags;
        }
    }

    // Tags that a destination names itself are put there as they are.
    private static bool Floats(TagRules rules, Destination destination) => rules.Floating.Count > 0 && destination.Tags is null;

    private IReadOnlyList<string> Decide(TagRules rules, IReadOnlyList<string> tags, IReadOnlyList<string> existing, string place)
    {
        var decision = rules.Decide(tags, existing);
        foreach (var kept in decision.Kept.GroupBy(kept => kept.Because, kept => kept.Tag))
            _notice?.Invoke($"{place} keeps {string.Join(", ", kept)} as {(kept.Count() == 1 ? "it is" : "they are")}: {kept.Key} is there, which is higher than {rules.Version}");
        return decision.Moving;
    }

    private static async Task CheckAsync(RegistryRepository repository, Destination destination, string tag, Digest digest, CancellationToken cancellationToken)
    {
        var name = $"{destination.Target}/{repository.Name}:{tag}";
        Descriptor? existing;
        try
        {
            existing = await repository.HeadManifestAsync(tag, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPush(e, name);
        }

        RefuseOther(name, existing?.Digest, digest);
    }

    private static async Task CheckLayoutAsync(OciLayout layout, ImagePlan plan, Destination destination, TagRules rules, Digest digest, CancellationToken cancellationToken)
    {
        var repository = plan.RepositoryAt(destination);
        foreach (var tag in rules.Fixed(plan.TagsAt(destination)))
            RefuseOther($"{repository}:{tag} in {destination.Target}", await layout.FindAsync(repository, tag, cancellationToken).ConfigureAwait(false), digest);
    }

    private static void RefuseOther(string name, Digest? existing, Digest digest)
    {
        if (existing is { } other && other != digest)
        {
            throw new ContainerizeException(
                ErrorCodes.TagImmutable,
                $"The tag '{name}' names the image {other} already, and the one to be published is {digest}. ContainerImmutableTags keeps tags that are versions from moving; nothing was uploaded. Raise the version, or delete the tag there if it was published by mistake.");
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync(RegistryRepository repository, Destination destination, CancellationToken cancellationToken)
    {
        var name = $"{destination.Target}/{repository.Name}";
        try
        {
            return await repository.ListTagsAsync(cancellationToken).ConfigureAwait(false) ?? [];
        }
        catch (RegistryException e) when (IsNoList(e))
        {
            throw new ContainerizeException(
                ErrorCodes.TagsUnlisted,
                $"Which tags of '{name}' may move cannot be decided, because its tags cannot be listed. {e.Message} Log in as a user who may read there, or set ContainerTagPolicy to 'Version', which moves no tags.",
                e);
        }
        catch (RegistryException e)
        {
            throw RegistryErrors.OnPush(e, name);
        }
    }

    // What will not be another time. Other failures are those that any request may have.
    private static bool IsNoList(RegistryException e) => e.Failure switch
    {
        RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.NotFound
            or RegistryFailure.Misdirected or RegistryFailure.InvalidContent => true,
        RegistryFailure.Rejected => e.Status is null or HttpStatusCode.NotImplemented || (int)e.Status < 500 && e.Status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout),
        _ => false,
    };
}
