using System.Net;

namespace Containerize.Registries.Transport;

/// <summary>
/// The hosts that may speak plain HTTP and show any certificate: those that the user names, here or in Docker's and podman's files,
/// and loopback addresses, as in Docker Engine (127.0.0.0/8 is an insecure registry there without being listed).
/// </summary>
internal sealed class InsecureHosts
{
    private readonly Names _listed;
    private readonly Lazy<Names> _machine;

    /// <summary>Makes the list.</summary>
    /// <param name="options">Hosts with or without a port, or networks.</param>
    /// <param name="variable">What the variable of the SDK holds.</param>
    /// <param name="machine">Those of the machine's files, which are read when they are needed.</param>
    public InsecureHosts(IEnumerable<string> options, string? variable, Func<IEnumerable<string>>? machine = null)
    {
        // The SDK splits the variable at ';' while its documentation shows ',': both are in use.
        _listed = new Names(
            options.Concat((variable ?? "").Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        _machine = new(() => new Names(machine?.Invoke() ?? []));
    }

    public bool Contains(Uri uri) => CanonicalHost.Of(uri).IsLoopback || _listed.Contains(uri) || _machine.Value.Contains(uri);

    private sealed class Names
    {
        private readonly List<RegistryHost> _hosts = [];
        private readonly List<IPNetwork> _networks = [];
        private readonly List<string> _domains = [];

        public Names(IEnumerable<string> names)
        {
            foreach (var name in names.Select(Addresses.WithoutScheme))
            {
                if (IPNetwork.TryParse(name, out var network))
                    _networks.Add(network);
                else if (CanonicalHost.AuthorityOf(name) is var host && Images.ImageReference.IsValidRegistry(host))
                    _hosts.Add(new RegistryHost(host));
                // containers-registries.conf(5), "prefix": *.example.com is every host below example.com.
                else if (name.StartsWith("*.", StringComparison.Ordinal) && CanonicalHost.Of(name[2..]).IsValid)
                    _domains.Add(name[2..]);
            }
        }

        public bool Contains(Uri uri) => _hosts.Exists(host => host.Owns(uri))
            || (CanonicalHost.Of(uri) is var named && (_domains.Exists(named.IsBelow) || _networks.Exists(named.IsIn)));
    }
}
