using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Containerize.Registries.Transport;

/// <summary>
/// Finds out whether a registry speaks http or https, and remembers it. Loopback: http first, since that is what a
/// registry on a developer's machine speaks. Hosts listed as insecure: https first. All others: https only.
/// </summary>
internal sealed class SchemeHandler(InsecureHosts insecure, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.Call.Host;
        var uri = request.RequestUri!;
        // Other hosts (storage, token servers) are addressed with their scheme.
        if (!host.Owns(uri))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        if (!_known.TryGetValue(host.Authority, out var scheme) && !insecure.Contains(uri))
            scheme = Uri.UriSchemeHttps;
        if (scheme is not null)
            return await SendAsync(request, host, scheme, cancellationToken).ConfigureAwait(false);

        var (response, spoken) = host.IsLoopback
            ? await HttpFirstAsync(request, host, cancellationToken).ConfigureAwait(false)
            : await HttpsFirstAsync(request, host, cancellationToken).ConfigureAwait(false);
        _known[host.Authority] = spoken;
        return response;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, RegistryHost host, string scheme, CancellationToken cancellationToken)
    {
        request.RequestUri = host.WithScheme(request.RequestUri!, scheme);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(HttpResponseMessage Response, string Scheme)> HttpFirstAsync(
        HttpRequestMessage request, RegistryHost host, CancellationToken cancellationToken)
    {
        HttpResponseMessage? plain = null;
        HttpRequestException? failure = null;
        try
        {
            plain = await SendAsync(request, host, Uri.UriSchemeHttp, cancellationToken).ConfigureAwait(false);
            if (!await WantsTlsAsync(plain, cancellationToken).ConfigureAwait(false))
                return (plain, Uri.UriSchemeHttp);
        }
        // A server that speaks TLS closes the connection, or answers with a TLS alert, which is no HTTP.
        // A port that is closed is closed for TLS, too.
        catch (HttpRequestException e) when (!(host.HasPort && IsRefused(e)))
        {
            failure = e;
        }

        try
        {
            var response = await SendAsync(request, host, Uri.UriSchemeHttps, cancellationToken).ConfigureAwait(false);
            plain?.Dispose();
            return (response, Uri.UriSchemeHttps);
        }
        catch (HttpRequestException) when (plain is not null)
        {
            return (plain, Uri.UriSchemeHttp);
        }
        catch (HttpRequestException) when (failure is not null)
        {
            request.RequestUri = host.WithScheme(request.RequestUri!, Uri.UriSchemeHttp);
            throw new HttpRequestException(failure.HttpRequestError, failure.Message, failure);
        }
    }

    private async Task<(HttpResponseMessage Response, string Scheme)> HttpsFirstAsync(
        HttpRequestMessage request, RegistryHost host, CancellationToken cancellationToken)
    {
        try
        {
            return (await SendAsync(request, host, Uri.UriSchemeHttps, cancellationToken).ConfigureAwait(false), Uri.UriSchemeHttps);
        }
        catch (HttpRequestException e) when (
            e.HttpRequestError is HttpRequestError.SecureConnectionError or HttpRequestError.ConnectionError)
        {
            try
            {
                return (await SendAsync(request, host, Uri.UriSchemeHttp, cancellationToken).ConfigureAwait(false), Uri.UriSchemeHttp);
            }
            catch (HttpRequestException)
            {
                // What went wrong with TLS is the better clue.
                throw new HttpRequestException(e.HttpRequestError, e.Message, e);
            }
        }
    }

    /// <summary>
    /// Go's server: "Client sent an HTTP request to an HTTPS server."; nginx: "The plain HTTP request was sent to HTTPS
    /// port"; Apache: "You're speaking plain HTTP to an SSL-enabled server port." All of them with 400.
    /// </summary>
    private static async Task<bool> WantsTlsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.BadRequest || response.Content.Headers.ContentLength > AnswerStart.Limit)
            return false;
        var text = Encoding.UTF8.GetString(await TakeStartAsync(response, cancellationToken).ConfigureAwait(false));
        return text.Contains("to an HTTPS server", StringComparison.Ordinal)
            || text.Contains("to HTTPS port", StringComparison.Ordinal)
            || text.Contains("SSL-enabled server port", StringComparison.Ordinal);
    }

    // The answer may be an error like any other. What was read of its body takes the body's place: it can be read only once, and when it
    // has been given up, the connection goes on reading it in the background.
    private static async Task<byte[]> TakeStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = response.Content;
        byte[] start = [];
        try
        {
            start = await AnswerStart.ReadAsync(body, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The status says enough.
        }

        response.Content = new ByteArrayContent(start);
        var headers = body.Headers.NonValidated.Where(header => !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase));
        foreach (var header in headers)
            response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        return start;
    }

    private static bool IsRefused(HttpRequestException exception) =>
        exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
}
