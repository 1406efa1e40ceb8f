using System.Globalization;
using System.Net;
using System.Text.Json;
using Containerize.Images;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Endpoints;

/// <summary><c>/v2/&lt;name&gt;/tags/list</c> (distribution-spec end-8), page after page.</summary>
internal sealed class TagsEndpoint(RepositoryContext context)
{
    // What Amazon ECR gives at most; others refuse to be asked for more. A registry is free to give fewer, or all.
    private const int PageSize = 1000;

    // Far beyond what any repository holds, and no burden on a machine that builds.
    private const int MaximumPages = 2000;
    private const int MaximumTags = 500_000;
    private const int MaximumBytes = 32 * 1024 * 1024;

    private string What => $"the tags of '{context.Name}'";

    public async Task<IReadOnlyList<string>?> ListAsync(CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        var pages = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0;
        Uri? page = context.Host.Address(string.Create(CultureInfo.InvariantCulture, $"/v2/{context.Name}/tags/list?n={PageSize}"));
        while (page is not null)
        {
            // Scheme and host are always the registry's own, so path and query tell pages apart.
            if (!pages.Add(page.PathAndQuery))
                throw context.Invalid(
                    $"The registry '{context.Host}' lists {What} in a circle: after the last page it names one that it gave before.");
            if (pages.Count > MaximumPages)
                throw TooMany(MaximumPages, "pages");

            using var request = context.Request(HttpMethod.Get, page, What, bufferLimit: MaximumBytes);
            using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                var refusal = await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
                return pages.Count == 1 && IsUnknownRepository(refusal) ? null : throw refusal;
            }

            var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            bytes += content.Length;
            if (bytes > MaximumBytes)
                throw TooMany(MaximumBytes, "bytes");
            tags.AddRange(TagsOf(content));
            if (tags.Count > MaximumTags)
                throw TooMany(MaximumTags, "tags");
            page = NextPage(response);
        }

        return [.. tags.Distinct(StringComparer.Ordinal)];
    }

    // Harbor says NOT_FOUND where the specification has NAME_UNKNOWN. A 404 that says neither may come from something that
    // does not know this endpoint at all, and then there may well be tags.
    private static bool IsUnknownRepository(RegistryException refusal) =>
        refusal.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
            && refusal.Codes.Any(code => code is "NAME_UNKNOWN" or "NOT_FOUND");

    // "tags" is null where all tags were deleted (Nexus, registry 2), and Artifactory lists digests among them.
    private IEnumerable<string> TagsOf(byte[] content)
    {
        try
        {
            return Json.ParseObject(content).OptionalArray("tags")
                .Where(tag => tag.ValueKind == JsonValueKind.String)
                .Select(tag => tag.GetString())
                .Where(ImageReference.IsValidTag)!;
        }
        catch (FormatException e)
        {
            throw context.Invalid($"What the registry '{context.Host}' sent for {What} is no list of tags. {e.Message}", e);
        }
    }

    /// <summary>Where the list goes on. It goes on at the same registry: a list is no reason to talk to another host.</summary>
    private Uri? NextPage(HttpResponseMessage response)
    {
        string? link;
        try
        {
            link = LinkHeader.Next(response.Link);
        }
        catch (FormatException e)
        {
            throw context.Invalid(
                $"The registry '{context.Host}' lists {What} in pages, but does not say where the next one is. {e.Message}",
                e);
        }

        if (link is null)
            return null;
        if (Addresses.Resolve(response.RequestMessage!.RequestUri!, link) is not { } next)
            throw context.Invalid(
                $"The registry '{context.Host}' names '{ErrorText.Clean(link, 200)}' as the next page of {What}, which is no address.");
        return context.Host.Owns(next)
            ? next
            : throw context.Invalid(
                $"The registry '{context.Host}' wants the next page of {What} to be fetched from "
                    + $"'{ErrorText.Clean(CanonicalHost.AuthorityOf(next), 260)}', which is not done: it is another host.");
    }

    private RegistryException TooMany(int limit, string what) =>
        context.Invalid(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The registry '{context.Host}' lists {What} in more than the {limit} {what} that are accepted."));
}
