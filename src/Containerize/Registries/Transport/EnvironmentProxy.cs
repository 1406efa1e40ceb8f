using System.Globalization;
using System.Net;
using Containerize.Hosting;

namespace Containerize.Registries.Transport;

/// <summary>
/// The proxy that a build's environment names: <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>, in small
/// letters, too, which take precedence. .NET reads them once in a process (<c>HttpClient.DefaultProxy</c>), and MSBuild's processes build
/// for one user after another.
/// </summary>
/// <remarks>
/// <c>NO_PROXY</c> is read as Docker and podman read it (Go's <c>httpproxy</c>), whose settings it shares: a name stands for itself and
/// what is below it, <c>.name</c> for what is below it, <c>*</c> for all; addresses, networks (<c>10.0.0.0/8</c>) and ports are known.
/// .NET's own reading knows neither networks nor ports. Loopback is never asked of a proxy, where it means another machine.
/// </remarks>
internal sealed class EnvironmentProxy : IWebProxy
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly Exceptions _exceptions;

    private EnvironmentProxy(Uri? http, Uri? https, Exceptions exceptions)
    {
        _http = http;
        _https = https;
        _exceptions = exceptions;
        Credentials = new Logins([.. new[] { http, https }.OfType<Uri>()]);
    }

    /// <summary>The proxy; one that is asked for nothing where the environment names none, and the system has none.</summary>
    /// <param name="environment">The build's.</param>
    public static IWebProxy Of(IEnvironment environment)
    {
        // CGI: a request's header Proxy becomes HTTP_PROXY (CVE-2016-5385).
        var isCgi = environment.GetVariable("GATEWAY_INTERFACE") is not null;
        var all = Read(Variable("all_proxy"));
        var http = Read(environment.GetVariable("http_proxy") ?? (isCgi ? null : environment.GetVariable("HTTP_PROXY"))) ?? all;
        var https = Read(Variable("https_proxy")) ?? all;
        var exceptions = new Exceptions(Variable("no_proxy") ?? "");
        // Windows and macOS have settings of their own, which .NET reads.
        return http is null && https is null && !OperatingSystem.IsLinux()
            ? new ExceptForLoopback(HttpClient.DefaultProxy)
            : new EnvironmentProxy(http, https, exceptions);

        string? Variable(string name) => environment.GetVariable(name) ?? environment.GetVariable(name.ToUpperInvariant());
    }

    /// <summary>The logins in the proxies' addresses.</summary>
    public ICredentials? Credentials { get; set; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null || CanonicalHost.Of(host).IsLoopback || _exceptions.Contain(host);

    // Without a scheme it is http, as everywhere.
    private static Uri? Read(string? address)
    {
        if (string.IsNullOrWhiteSpace(address))
            return null;
        var whole = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        return Uri.TryCreate(whole.Trim(), UriKind.Absolute, out var uri) && CanonicalHost.Of(uri).IsValid && Schemes.Contains(uri.Scheme)
            ? uri
            : null;
    }

    private sealed class ExceptForLoopback(IWebProxy inner) : IWebProxy
    {
        public ICredentials? Credentials
        {
            get => inner.Credentials;
            set => inner.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => inner.GetProxy(destination);

        public bool IsBypassed(Uri host) => CanonicalHost.Of(host).IsLoopback || inner.IsBypassed(host);
    }

    private sealed class Logins(IReadOnlyList<Uri> proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            var info = proxies.FirstOrDefault(proxy =>
                CanonicalHost.Of(proxy) == CanonicalHost.Of(uri) && proxy.Port == uri.Port && proxy.UserInfo.Length > 0)?.UserInfo;
            if (info is null)
                return null;
            var colon = info.IndexOf(':', StringComparison.Ordinal);
            return colon < 0
                ? new NetworkCredential(Uri.UnescapeDataString(info), "")
                : new NetworkCredential(Uri.UnescapeDataString(info[..colon]), Uri.UnescapeDataString(info[(colon + 1)..]));
        }
    }

    private sealed class Exceptions
    {
        private readonly bool _all;
        private readonly List<IPNetwork> _networks = [];
        private readonly List<(CanonicalHost Name, int? Port, bool BelowOnly)> _hosts = [];

        public Exceptions(string list)
        {
            foreach (var entry in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (entry == "*")
                    _all = true;
                else if (IPNetwork.TryParse(entry, out var network))
                    _networks.Add(network);
                else
                    _hosts.Add(Host(entry));
            }
        }

        public bool Contain(Uri uri)
        {
            var host = CanonicalHost.Of(uri);
            return _all
                || _networks.Exists(host.IsIn)
                || _hosts.Exists(entry => (entry.Port is null || entry.Port == uri.Port)
                    && ((!entry.BelowOnly && host == entry.Name) || host.IsBelow(entry.Name.ToString())));
        }

        private static (CanonicalHost Name, int? Port, bool BelowOnly) Host(string entry)
        {
            var below = entry.StartsWith("*.", StringComparison.Ordinal) ? entry[1..] : entry;
            var authority = CanonicalHost.AuthorityOf(below.TrimStart('.'));
            int? port = null;
            if (authority.LastIndexOf(':') is var colon && colon > authority.LastIndexOf(']'))
                (port, authority) = (int.Parse(authority.AsSpan(colon + 1), CultureInfo.InvariantCulture), authority[..colon]);
            return (CanonicalHost.Of(authority), port, below.StartsWith('.'));
        }
    }
}
