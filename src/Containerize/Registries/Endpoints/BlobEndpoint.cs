using System.Net;
using System.Net.Http.Headers;
using Containerize.Images;

namespace Containerize.Registries.Endpoints;

/// <summary><c>/v2/&lt;name&gt;/blobs/&lt;digest&gt;</c> (distribution-spec end-2).</summary>
internal sealed class BlobEndpoint(RepositoryContext context)
{
    private const int DocumentLimit = 8 * 1024 * 1024;

    public async Task<bool> ExistsAsync(Digest digest, CancellationToken cancellationToken)
    {
        using var request = context.Request(HttpMethod.Head, "blobs/" + digest, What(digest));
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => true,
            // An existence check saves work and decides nothing: proxies that do not allow HEAD (405) and storages that do
            // not tell what is absent from what is forbidden (403) cost an upload, which then tells.
            HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed => false,
            _ => throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>A small blob, whole and verified.</summary>
    public async Task<ImageDocument> GetDocumentAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (blob.Size > DocumentLimit)
            throw context.Invalid(
                $"The blob {blob.Digest} of '{context.FullName}' has {blob.Size} bytes; "
                    + $"at most {DocumentLimit} are accepted for a document.");
        if (context.Documents.Find(blob.Digest) is { } known && known.Length == blob.Size)
            return new ImageDocument(blob.MediaType, known);
        using var request = context.Request(HttpMethod.Get, "blobs/" + blob.Digest, What(blob.Digest), bufferLimit: (int)blob.Size);
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var actual = Digest.Of(content);
        if (content.Length != blob.Size || actual != blob.Digest)
        {
            throw context.Invalid(
                $"The registry '{context.Host}' sent {What(blob.Digest)} of '{context.Name}' with {content.Length} bytes and the "
                    + $"digest {actual}, "
                + $"instead of {blob.Size} bytes and {blob.Digest}.");
        }

        await context.Documents.AddAsync(blob.Digest, content, cancellationToken).ConfigureAwait(false);
        return new ImageDocument(blob.MediaType, content);
    }

    /// <summary>The bytes, verified while they are read.</summary>
    public async Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var body = await BodyFromAsync(blob, 0, cancellationToken).ConfigureAwait(false);
        if (body.Response.Content.Headers.ContentLength is { } length && length != blob.Size)
        {
            body.Dispose();
            throw context.Invalid(
                $"The registry '{context.Host}' offers {What(blob.Digest)} of '{context.Name}' with {length} bytes instead of "
                    + $"{blob.Size}.");
        }

        return new VerifyingStream(
            new ResponseStream(body, (position, token) => BodyFromAsync(blob, position, token)),
            blob.Digest,
            blob.Size,
            $"The blob {blob.Digest} from '{context.FullName}'");
    }

    /// <summary>The body from a position on, or from its beginning where the server does not know ranges (RFC 9110 §14.2).</summary>
    private async Task<BodyPart> BodyFromAsync(Descriptor blob, long position, CancellationToken cancellationToken)
    {
        using var request = context.Request(HttpMethod.Get, "blobs/" + blob.Digest, What(blob.Digest));
        if (position > 0)
            request.Headers.Range = new RangeHeaderValue(position, null);
        var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            var continues = position > 0 && response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange?.From == position;
            if (!continues && response.StatusCode != HttpStatusCode.OK)
                throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
            return new BodyPart(
                response, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), continues ? position : 0);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static string What(Digest digest) => $"the blob {digest}";
}
