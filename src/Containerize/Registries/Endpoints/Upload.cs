using System.Net;
using System.Runtime.ExceptionServices;
using Containerize.Images;

namespace Containerize.Registries.Endpoints;

/// <summary>One blob on its way: POST and PUT, begun anew by every attempt.</summary>
/// <param name="context">The repository.</param>
/// <param name="locationOf">Reads the session's address from an answer.</param>
/// <param name="blob">What is sent.</param>
/// <param name="open">Opens its bytes, once for every time they are sent.</param>
/// <param name="opened">A session that is open already, for the first attempt; or null.</param>
internal sealed class Upload(
    RepositoryContext context,
    Func<HttpResponseMessage, Uri?> locationOf,
    Descriptor blob,
    Func<CancellationToken, Task<Stream>> open,
    Uri? opened)
{
    private bool _repeated;

    /// <summary>The upload as a whole, for messages.</summary>
    public RegistryCall Call { get; } = context.Call(HttpMethod.Put, $"the upload of the blob {blob.Digest} to '{context.Name}'");

    /// <summary>The session that is open at the registry, if any.</summary>
    public Uri? Session { get; set; } = opened;

    /// <summary>One attempt; the answer is the last one that came, or that of the request that failed.</summary>
    public async Task<HttpResponseMessage> AttemptAsync(CancellationToken cancellationToken)
    {
        if (_repeated)
        {
            // The answer to the last attempt may have been lost, not the blob: asking is cheaper than sending.
            var exists = await ExistsAsync(cancellationToken).ConfigureAwait(false);
            if (exists is not null)
                return exists;
        }
        else
        {
            _repeated = true;
            if (Session is { } opened)
            {
                var answer = await PutAsync(opened, cancellationToken).ConfigureAwait(false);
                // 404: the session that came with a mount's refusal has expired.
                if (answer.StatusCode != HttpStatusCode.NotFound)
                    return answer;
                answer.Dispose();
            }
        }

        // A session whose PUT failed is in an unknown state; there is no going on with it.
        Session = null;
        using var request = context.Request(HttpMethod.Post, "blobs/uploads/", Call.What, retriedByCaller: true);
        request.Content = new ByteArrayContent([]);
        var started = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!started.IsSuccessStatusCode)
            return started;
        using (started)
            Session = locationOf(started) ?? throw context.Invalid($"The registry '{context.Host}' accepted {Call.What} but gave no address for it.");
        return await PutAsync(Session, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> PutAsync(Uri session, CancellationToken cancellationToken)
    {
        var separator = session.Query.Length == 0 ? '?' : '&';
        var address = Transport.Addresses.Exactly($"{session.AbsoluteUri}{separator}digest={Uri.EscapeDataString(blob.Digest.ToString())}");
        using var request = context.Request(HttpMethod.Put, address, Call.What, retriedByCaller: true);
        var content = new BlobContent(open, blob.Size);
        request.Content = content;
        try
        {
            return await SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (content.SourceFailure is not null)
        {
            throw new SourceFailedException(content.SourceFailure);
        }
    }

    private async Task<HttpResponseMessage?> ExistsAsync(CancellationToken cancellationToken)
    {
        using var request = context.Request(HttpMethod.Head, "blobs/" + blob.Digest, Call.What, retriedByCaller: true);
        var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
            return response;
        response.Dispose();
        return null;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await context.Caller.SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        Call.Authentication = request.Call.Authentication;
        return response;
    }
}

/// <summary>Carries a failure of the source past everything that would take it for one of the connection.</summary>
internal sealed class SourceFailedException(ExceptionDispatchInfo failure) : Exception(failure.SourceException.Message, failure.SourceException)
{
    public ExceptionDispatchInfo Failure { get; } = failure;
}
