using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Containerize.Hosting;

namespace Containerize.Registries.Transport;

/// <summary>
/// The bottom of the pipeline: two connection pools, one that checks certificates and one for insecure hosts that does
/// not, and one more for each registry with certificates of its own. Because .NET's certificate callback knows the host but not the port.
/// Each of them once for hosts that the user names and once for those that servers name, whose addresses are looked at.
/// </summary>
internal sealed class TransportHandler : HttpMessageHandler
{
    private readonly InsecureHosts _insecure;
    private readonly string _userAgent;
    private readonly ConcurrentDictionary<Trust, Lazy<HttpMessageInvoker>> _pools = new();
    private readonly ConcurrentDictionary<string, string?> _folders = new(StringComparer.Ordinal);
    private readonly TimeSpan _connectTimeout;
    private readonly Func<string, string?> _certificatesOf;
    private readonly IWebProxy _proxy;
    private readonly NamedAuthorities _authorities;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <summary>Makes the pools; nothing is connected yet.</summary>
    /// <param name="insecure">The hosts whose certificates do not matter.</param>
    /// <param name="userAgent">Sent with every request.</param>
    /// <param name="connectTimeout">How long a connection may take to come about.</param>
    /// <param name="certificatesOf">The folder with a registry's certificates; null for none.</param>
    /// <param name="environment">Names proxies and authorities.</param>
    /// <param name="resolve">Asks what a name means, for hosts that servers name; null for the system.</param>
    public TransportHandler(
        InsecureHosts insecure,
        string userAgent,
        TimeSpan connectTimeout,
        Func<string, string?> certificatesOf,
        IEnvironment environment,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _proxy = EnvironmentProxy.Of(environment);
        _authorities = new NamedAuthorities(environment);
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
        _insecure = insecure;
        _connectTimeout = connectTimeout;
        _certificatesOf = certificatesOf;
        _userAgent = userAgent;
        // The first request needs it, and there is time while the client is made.
        PoolOf(new Trust(ChecksCertificates: true, Folder: null, IsNamed: true));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        var uri = request.RequestUri!;
        return await PoolOf(request, TrustIn(request, uri)).SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var pool in _pools.Values.Where(pool => pool.IsValueCreated))
                pool.Value.Dispose();
        }

        base.Dispose(disposing);
    }

    // Certificates by the name that users and folders have for a registry: with its port where that was given.
    private Trust TrustIn(HttpRequestMessage request, Uri uri)
    {
        var named = DestinationGuard.IsNamed(request.Call, uri);
        if (uri.Scheme != Uri.UriSchemeHttps)
            return new Trust(ChecksCertificates: true, Folder: null, named);
        return _insecure.Contains(uri)
            ? new Trust(ChecksCertificates: false, Folder: null, named)
            : new Trust(ChecksCertificates: true, _folders.GetOrAdd(AuthorityOf(request, uri), _certificatesOf), named);
    }

    private static string AuthorityOf(HttpRequestMessage request, Uri uri) =>
        request.Call.Host is var host && host.Owns(uri) ? host.Authority : CanonicalHost.AuthorityOf(uri);

    private HttpMessageInvoker PoolOf(HttpRequestMessage request, Trust trust)
    {
        try
        {
            return PoolOf(trust);
        }
        catch (IOException e)
        {
            throw new RegistryException(
                RegistryFailure.Credentials,
                $"The certificates for '{AuthorityOf(request, request.RequestUri!)}' cannot be read: {e.Message.TrimEnd('.')}.",
                request.Call.Host.Name,
                request.Call.Repository,
                inner: e);
        }
    }

    private HttpMessageInvoker PoolOf(Trust trust) =>
        _pools.GetOrAdd(trust, wanted => new(() => new HttpMessageInvoker(Create(wanted)))).Value;

    private SocketsHttpHandler Create(Trust trust)
    {
        var handler = WithNamedAuthorities(Create());
        try
        {
            if (!trust.IsNamed)
                handler.ConnectCallback = new CheckedConnection(_resolve, _proxy).ConnectAsync;
            if (trust.Folder is { } folder)
                Certificates.Read(folder).ApplyTo(handler.SslOptions, _authorities);
            return trust.ChecksCertificates ? handler : WithoutCertificateCheck(handler);
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
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            _authorities.AreTrusting(certificate, chain, errors);
        return handler;
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only for hosts that the user declares insecure, and loopback.")]
    private static SocketsHttpHandler WithoutCertificateCheck(SocketsHttpHandler handler)
    {
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return handler;
    }

    /// <summary>How much is demanded of a connection.</summary>
    /// <param name="ChecksCertificates">False for hosts that the user declares insecure.</param>
    /// <param name="Folder">The registry's own certificates; null for the system's authorities alone.</param>
    /// <param name="IsNamed">Whether the user names the host; where a server does, it must not be just any.</param>
    private sealed record Trust(bool ChecksCertificates, string? Folder, bool IsNamed);
}
