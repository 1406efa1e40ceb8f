using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Containerize.Images;

namespace Containerize.Registries.Endpoints;

/// <summary><c>/v2/&lt;name&gt;/manifests/&lt;reference&gt;</c> (distribution-spec end-3 and end-7).</summary>
internal sealed class ManifestEndpoint(RepositoryContext context)
{
    // The specification wants at least 4 MiB to be accepted; twice that is still no burden.
    private const int Limit = 8 * 1024 * 1024;

    public async Task<ImageDocument?> GetAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        if (Digest.TryParse(tagOrDigest, out var asked) && context.Documents.Find(asked) is { } known)
            return new ImageDocument(MediaTypeOf(tagOrDigest, null, known), known);
        var document = await FetchAsync(tagOrDigest, cancellationToken).ConfigureAwait(false);
        if (document is not null && asked != default)
            await context.Documents.AddAsync(asked, document.Content, cancellationToken).ConfigureAwait(false);
        return document;
    }

    private async Task<ImageDocument?> FetchAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, tagOrDigest);
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (response.StatusCode != HttpStatusCode.OK)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        CheckDigest(tagOrDigest, response, content);
        return new ImageDocument(MediaTypeOf(tagOrDigest, response.MediaType, content), content);
    }

    public async Task<Descriptor?> HeadAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Head, tagOrDigest);
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (response.StatusCode == HttpStatusCode.OK
            && DigestOf(tagOrDigest, response) is { } digest
            && response.Content.Headers.ContentLength is { } size
            && response.MediaType is { } mediaType && MediaTypes.ManifestsAndIndexes.Contains(mediaType))
        {
            return new Descriptor(mediaType, digest, size);
        }

        // Those have been tried again already.
        if (response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        // Some registries do not know HEAD (405), some leave one of the three headers out, and errors of HEAD have no text.
        return (await FetchAsync(tagOrDigest, cancellationToken).ConfigureAwait(false))?.Descriptor;
    }

    public Task PutAsync(string tagOrDigest, ImageDocument document, CancellationToken cancellationToken) =>
        PutAsync(tagOrDigest, "", document, cancellationToken);

    /// <summary>
    /// By digest, with tags (distribution-spec after 1.1, "Pushing Manifests"); the tags that the registry says it has put.
    /// </summary>
    public async Task<IReadOnlyList<string>> PutAsync(
        IReadOnlyList<string> tags, ImageDocument document, CancellationToken cancellationToken)
    {
        var query = string.Join('&', tags.Select(tag => $"tag={tag}"));
        var put = await PutAsync(document.Descriptor.Digest.ToString(), "?" + query, document, cancellationToken).ConfigureAwait(false);
        return [.. tags.Intersect(put, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<string>> PutAsync(
        string tagOrDigest, string query, ImageDocument document, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Put, tagOrDigest, query);
        request.Content = new ReadOnlyMemoryContent(document.Content);
        // The very media type, without a charset: registries compare it with the document's own.
        request.Content.Headers.TryAddWithoutValidation("Content-Type", document.MediaType);
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Created)
            return await ConfirmAsync(tagOrDigest, document, response, cancellationToken).ConfigureAwait(false);
        return response.ContentDigest is not { } stored || stored == document.Descriptor.Digest ? response.Tags : throw context.Invalid(
            $"The registry '{context.Host}' stored {What(tagOrDigest)} as {stored}, but it was sent as {document.Descriptor.Digest}.");
    }

    // distribution-spec, "Pushing Manifests": 201. registry before 2.1 and Quay for years said 202 of what they had stored
    // (distribution#744, containers/image#381); elsewhere it means that something will be done, or perhaps will. Of tags that were put
    // along nothing is known.
    private async Task<IReadOnlyList<string>> ConfirmAsync(
        string tagOrDigest, ImageDocument document, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var served = await FetchAsync(tagOrDigest, cancellationToken).ConfigureAwait(false);
        return served?.Descriptor.Digest == document.Descriptor.Digest ? [] : throw new RegistryException(
            RegistryFailure.Rejected,
            $"The registry '{context.Host}' answered the push of {What(tagOrDigest)} with {(int)answer.StatusCode} instead of 201, and "
                + (served is null ? "does not serve it." : $"serves {served.Descriptor.Digest} there."),
            context.Host.Name,
            context.Name,
            answer.StatusCode);
    }

    private HttpRequestMessage Request(HttpMethod method, string tagOrDigest, string query = "")
    {
        if (!ImageReference.IsValidTag(tagOrDigest) && !Digest.TryParse(tagOrDigest, out _))
            throw new ArgumentException($"'{tagOrDigest}' is neither a tag nor a digest.", nameof(tagOrDigest));
        var reads = method != HttpMethod.Put;
        var request = context.Request(
            method,
            "manifests/" + tagOrDigest + query,
            (reads ? "" : "the push of ") + What(tagOrDigest),
            method == HttpMethod.Get ? Limit : null);
        // Only where something is read: Artifactory refused pushes with Accept. Registry 2.8 answers 404 for an OCI manifest
        // whose type is not among them.
        if (reads)
        {
            foreach (var mediaType in MediaTypes.ManifestsAndIndexes)
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        }

        return request;
    }

    private string What(string tagOrDigest) =>
        $"the manifest '{context.Name}{(tagOrDigest.Contains(':', StringComparison.Ordinal) ? '@' : ':')}{tagOrDigest}'";

    private void CheckDigest(string tagOrDigest, HttpResponseMessage response, ReadOnlySpan<byte> content)
    {
        var expected = DigestOf(tagOrDigest, response);
        var actual = Digest.Of(content);
        if (expected is { } digest && actual != digest)
            throw context.Invalid($"The registry '{context.Host}' sent {What(tagOrDigest)} with the digest {actual} instead of {digest}.");
    }

    /// <summary>
    /// The type that the server names, or where that is none of an image (text/plain, octet-stream), the document's own.
    /// Two that contradict each other are an attack or a defect (CVE-2021-41190: one document read as two things).
    /// </summary>
    private string MediaTypeOf(string tagOrDigest, string? served, ReadOnlyMemory<byte> content)
    {
        try
        {
            var root = Json.ParseObject(content);
            var own = root.OptionalString("mediaType");
            if (served is not null && MediaTypes.ManifestsAndIndexes.Contains(served))
            {
                return own is null || own == served ? served : throw context.Invalid(
                    $"The registry '{context.Host}' serves {What(tagOrDigest)} as '{served}', but it calls itself "
                        + $"'{ErrorText.Clean(own, 100)}'.");
            }

            // mediaType is optional in OCI documents.
            return own
                ?? (root.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex
                : root.TryGetProperty("config", out _) && root.TryGetProperty("layers", out _) ? MediaTypes.OciManifest
                : served ?? throw new FormatException("Its type is unknown."));
        }
        catch (FormatException e)
        {
            throw context.Invalid($"What the registry '{context.Host}' sent for {What(tagOrDigest)} is no manifest. {e.Message}", e);
        }
    }

    private static Digest? DigestOf(string tagOrDigest, HttpResponseMessage response) =>
        Digest.TryParse(tagOrDigest, out var asked) ? asked : response.ContentDigest;
}
