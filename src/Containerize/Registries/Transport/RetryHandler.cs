namespace Containerize.Registries.Transport;

/// <summary>Repeats single requests. Outermost, so that every attempt starts at the registry and not at a stale redirect.</summary>
internal sealed class RetryHandler(RetryPolicy policy, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Call.RetriedByCaller)
            return await AttemptAsync(request, cancellationToken).ConfigureAwait(false);

        var (method, uri, content, authorization) = (request.Method, request.RequestUri, request.Content, request.Headers.Authorization);
        return await policy.ExecuteAsync(
            request.Call,
            token =>
            {
                // The handlers below change all four on their way.
                (request.Method, request.RequestUri, request.Content) = (method, uri, content);
                request.Headers.Authorization = authorization;
                (request.Call.RedirectedTo, request.Call.LostCredentials) = (null, false);
                return AttemptAsync(request, token);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> AttemptAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Call.BufferLimit is not { } limit || !response.IsSuccessStatusCode)
            return response;
        try
        {
            await response.Content.LoadIntoBufferAsync(limit, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
