using System.Net;

namespace Containerize.Registries.Transport;

/// <summary>
/// Ends an exchange in which nothing moves. A limit on the whole, as HttpClient has it, would be too short for a large
/// layer on a slow line and far too long for a server that hangs. Throws <see cref="TimeoutException"/>.
/// </summary>
internal sealed class SilenceHandler(TimeProvider clock, TimeSpan limit, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var watchdog = new Watchdog(clock, limit);
        var content = request.Content;
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watchdog.Token);
            if (content is not null)
                request.Content = new WatchedRequest(content, watchdog);
            watchdog.Touch();
            var response = await base.SendAsync(request, linked.Token).ConfigureAwait(false);
            watchdog.Pause();
            // What is read whole is small. Layers may take as long as they come.
            var total = request.Call.BufferLimit is not null || !response.IsSuccessStatusCode ? limit * 3 : Timeout.InfiniteTimeSpan;
            response.Content = new WatchedResponse(response.Content, watchdog, total);
            return response;
        }
        catch (Exception e)
        {
            watchdog.Dispose();
            if (watchdog.Expired && !cancellationToken.IsCancellationRequested)
                throw watchdog.Silence(e);
            throw;
        }
        finally
        {
            request.Content = content;
        }
    }

    private static void CopyHeaders(HttpContent from, HttpContent to)
    {
        foreach (var header in from.Headers.NonValidated)
            to.Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    /// <summary>A body on its way out: every piece that the connection takes is a sign of life.</summary>
    private sealed class WatchedRequest : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Watchdog _watchdog;

        public WatchedRequest(HttpContent inner, Watchdog watchdog)
        {
            _inner = inner;
            _watchdog = watchdog;
            CopyHeaders(inner, this);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            _inner.CopyToAsync(new WatchedStream(stream, _watchdog, Timeout.InfiniteTimeSpan), context, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? -1;
            return length >= 0;
        }
    }

    /// <summary>A body on its way in.</summary>
    private sealed class WatchedResponse : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Watchdog _watchdog;
        private readonly TimeSpan _total;

        public WatchedResponse(HttpContent inner, Watchdog watchdog, TimeSpan total)
        {
            _total = total;
            _inner = inner;
            _watchdog = watchdog;
            CopyHeaders(inner, this);
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new WatchedStream(await _inner.ReadAsStreamAsync().ConfigureAwait(false), _watchdog, _total);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            using var source = new WatchedStream(
                await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _watchdog, _total);
            await source.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
                _watchdog.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
