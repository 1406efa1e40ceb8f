using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Containerize.Hosting;

namespace Containerize.Registries.Transport;

/// <summary>
/// The bottom of the pipeline: two connection pools, one that checks certificates and one for insecure hosts that does
/// not, and one more for each registry with certificates of its own. Because .NET's certificate callback knows the host but not the port.
/// </summary>
internal sealed class TransportHandler : HttpMessageHandler
{
    private readonly InsecureHosts _insecure;
    private readonly string _userAgent;
    private readonly HttpMessageInvoker _strict;
    private readonly Lazy<HttpMessageInvoker> _lax;
    private readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> _own = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeSpan _connectTimeout;
    private readonly Func<string, string?> _certificatesOf;
    private readonly IWebProxy _proxy;
    private readonly NamedAuthorities _authorities;

    /// <summary>Makes the pools; nothing is connected yet.</summary>
    /// <param name="insecure">The hosts whose certificates do not matter.</param>
    /// <param name="userAgent">Sent with every request.</param>
    /// <param name="connectTimeout">How long a connection may take to come about.</param>
    /// <param name="certificatesOf">The folder with a registry's certificates; null for none.</param>
    /// <param name="environment">Names proxies and authorities.</param>
    public TransportHandler(
        InsecureHosts insecure, string userAgent, TimeSpan connectTimeout, Func<string, string?> certificatesOf, IEnvironment environment)
    {
        _proxy = EnvironmentProxy.Of(environment);
        _authorities = new NamedAuthorities(environment);
        _insecure = insecure;
        _connectTimeout = connectTimeout;
        _certificatesOf = certificatesOf;
        _userAgent = userAgent;
        _strict = new HttpMessageInvoker(WithNamedAuthorities(Create()));
        _lax = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(WithoutCertificateCheck(Create())));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        var uri = request.RequestUri!;
        var pool = uri.Scheme != Uri.UriSchemeHttps ? _strict : _insecure.Contains(uri) ? _lax.Value : PoolOf(request);
        return await pool.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _strict.Dispose();
            if (_lax.IsValueCreated)
                _lax.Value.Dispose();
            foreach (var own in _own.Values.Where(own => own.IsValueCreated && own.Value != _strict))
                own.Value.Dispose();
        }

        base.Dispose(disposing);
    }

    // By the name that users and folders have for it: with its port where that was given.
    private HttpMessageInvoker PoolOf(HttpRequestMessage request)
    {
        var host = request.Call.Host;
        var authority = host.Owns(request.RequestUri!) ? host.Authority : request.RequestUri!.Authority;
        try
        {
            return _own.GetOrAdd(authority, name => new(() => _certificatesOf(name) is { } folder ? WithCertificates(folder) : _strict)).Value;
        }
        catch (IOException e)
        {
            throw new RegistryException(RegistryFailure.Credentials, $"The certificates for '{authority}' cannot be read: {e.Message.TrimEnd('.')}.", host.Name, request.Call.Repository, inner: e);
        }
    }

    private HttpMessageInvoker WithCertificates(string folder)
    {
        var handler = WithNamedAuthorities(Create());
        try
        {
            Certificates.Read(folder).ApplyTo(handler.SslOptions, _authorities);
            return new HttpMessageInvoker(handler);
        }
        catch
        {
            handler.Dispose();
            throw;
        }
    }

    private SocketsHttpHandler Create() => new()
    {
        // .NET would drop Authorization on every redirect and turn POST into GET; see RedirectHandler.
        AllowAutoRedirect = false,
        // Digests are of the bytes as they are served.
        AutomaticDecompression = DecompressionMethods.None,
        // Harbor: a session cookie makes its CSRF check refuse the push.
        UseCookies = false,
        ConnectTimeout = _connectTimeout,
        Proxy = _proxy,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    private SocketsHttpHandler WithNamedAuthorities(SocketsHttpHandler handler)
    {
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => _authorities.AreTrusting(certificate, chain, errors);
        return handler;
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only for hosts that the user declares insecure, and loopback.")]
    private static SocketsHttpHandler WithoutCertificateCheck(SocketsHttpHandler handler)
    {
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return handler;
    }
}
