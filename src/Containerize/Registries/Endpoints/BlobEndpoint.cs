using System.Net;
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
            throw context.Invalid($"The blob {blob.Digest} of '{context.FullName}' has {blob.Size} bytes; at most {DocumentLimit} are accepted for a document.");
        using var request = context.Request(HttpMethod.Get, "blobs/" + blob.Digest, What(blob.Digest), bufferLimit: (int)blob.Size);
        using var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
            throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var actual = Digest.Of(content);
        if (content.Length != blob.Size || actual != blob.Digest)
        {
            throw context.Invalid(
                $"The registry '{context.Host}' sent {What(blob.Digest)} of '{context.Name}' with {content.Length} bytes and the digest {actual}, "
                + $"instead of {blob.Size} bytes and {blob.Digest}.");
        }

        return new ImageDocument(blob.MediaType, content);
    }

    /// <summary>The bytes, verified while they are read.</summary>
    public async Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        using var request = context.Request(HttpMethod.Get, "blobs/" + blob.Digest, What(blob.Digest));
        var response = await context.Caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            if (response.StatusCode != HttpStatusCode.OK)
                throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
            if (response.Content.Headers.ContentLength is { } length && length != blob.Size)
            {
                throw context.Invalid(
                    $"The registry '{context.Host}' offers {What(blob.Digest)} of '{context.Name}' with {length} bytes instead of {blob.Size}.");
            }

            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new VerifyingStream(
                new ResponseStream(response, stream, request.Call),
                blob.Digest,
                blob.Size,
                $"The blob {blob.Digest} from '{context.FullName}'");
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static string What(Digest digest) => $"the blob {digest}";
}
