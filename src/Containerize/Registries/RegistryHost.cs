using System.Globalization;
using Containerize.Images;
using Containerize.Registries.Transport;

namespace Containerize.Registries;

/// <summary>A registry's name in references, and where its API answers.</summary>
internal sealed class RegistryHost
{
    // Docker Hub's name is not the name of its API (distribution: reference/normalize.go and registry/config.go).
    private const string DockerHubApi = "registry-1.docker.io";

    private readonly int? _port;

    public RegistryHost(string name)
    {
        if (!ImageReference.IsValidRegistry(name))
            throw new ArgumentException($"'{name}' is not the name of a registry.", nameof(name));
        var authority = CanonicalHost.AuthorityOf(name);
        IsDockerHub = authority is ImageReference.DockerHub or "index.docker.io" or DockerHubApi or "registry.hub.docker.com";
        Name = IsDockerHub ? ImageReference.DockerHub : name;
        Authority = IsDockerHub ? DockerHubApi : authority;
        // Uri drops a port that is the scheme's default, but "host:443" must not fall back to port 80.
        var colon = Authority.LastIndexOf(':');
        _port = colon > Authority.LastIndexOf(']') ? int.Parse(Authority.AsSpan(colon + 1), CultureInfo.InvariantCulture) : null;
        Host = CanonicalHost.Of(_port is null ? Authority : Authority[..colon]);
    }

    /// <summary>As it is named in references: <c>docker.io</c>, <c>localhost:5000</c>.</summary>
    public string Name { get; }

    /// <summary>Host and port of the API, the host in its canonical form.</summary>
    public string Authority { get; }

    public bool IsDockerHub { get; }

    /// <summary>Whether the name says a port; without one, http and https mean different ports.</summary>
    public bool HasPort => _port is not null;

    public bool IsLoopback => Host.IsLoopback;

    /// <summary>The host without its port.</summary>
    public CanonicalHost Host { get; }

    /// <summary>An address of the API. Whether it is really https is the scheme handler's business.</summary>
    public Uri Address(string pathAndQuery) => new($"https://{Authority}{pathAndQuery}");

    /// <summary>
    /// Whether an address is this registry's own, whatever its scheme: registries behind a proxy that terminates TLS
    /// often send a Location with http and their own name.
    /// </summary>
    public bool Owns(Uri uri)
    {
        if (CanonicalHost.Of(uri) != Host)
            return false;
        return uri.IsDefaultPort ? _port is null || _port == uri.Port : uri.Port == _port;
    }

    /// <summary>The same resource under another scheme.</summary>
    public Uri WithScheme(Uri uri, string scheme) => Addresses.Exactly($"{scheme}://{Authority}{uri.PathAndQuery}");

    public override string ToString() => Name;
}
