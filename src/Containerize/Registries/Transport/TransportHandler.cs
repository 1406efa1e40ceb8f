using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Containerize.Registries.Transport;

/// <summary>
/// The bottom of the pipeline: two connection pools, one that checks certificates and one for insecure hosts that does
/// not. Two, because .NET's certificate callback knows the host but not the port.
/// </summary>
internal sealed class TransportHandler : HttpMessageHandler
{
    private readonly InsecureHosts _insecure;
    private readonly string _userAgent;
    private readonly HttpMessageInvoker _strict;
    private readonly Lazy<HttpMessageInvoker> _lax;

    public TransportHandler(InsecureHosts insecure, string userAgent, TimeSpan connectTimeout)
    {
        _insecure = insecure;
        _userAgent = userAgent;
        _strict = new HttpMessageInvoker(Create(connectTimeout));
        _lax = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(WithoutCertificateCheck(Create(connectTimeout))));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        var uri = request.RequestUri!;
        var pool = uri.Scheme == Uri.UriSchemeHttps && _insecure.Contains(uri) ? _lax.Value : _strict;
        return await pool.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _strict.Dispose();
            if (_lax.IsValueCreated)
                _lax.Value.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SocketsHttpHandler Create(TimeSpan connectTimeout) => new()
    {
        // .NET would drop Authorization on every redirect and turn POST into GET; see RedirectHandler.
        AllowAutoRedirect = false,
        // Digests are of the bytes as they are served.
        AutomaticDecompression = DecompressionMethods.None,
        // Harbor: a session cookie makes its CSRF check refuse the push.
        UseCookies = false,
        ConnectTimeout = connectTimeout,
        Proxy = new ProxyExceptForLoopback(HttpClient.DefaultProxy),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    /// <summary>
    /// .NET sends even loopback addresses to the proxy of the environment, where they mean another machine. Docker (Go's
    /// net/http) never does.
    /// </summary>
    private sealed class ProxyExceptForLoopback(IWebProxy inner) : IWebProxy
    {
        public ICredentials? Credentials
        {
            get => inner.Credentials;
            set => inner.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => inner.GetProxy(destination);

        public bool IsBypassed(Uri host) => Addresses.IsLoopback(host) || inner.IsBypassed(host);
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only for hosts that the user declares insecure, and loopback.")]
    private static SocketsHttpHandler WithoutCertificateCheck(SocketsHttpHandler handler)
    {
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return handler;
    }
}
