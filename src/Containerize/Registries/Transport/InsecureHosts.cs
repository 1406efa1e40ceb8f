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
        _listed = new Names(options.Concat((variable ?? "").Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        _machine = new(() => new Names(machine?.Invoke() ?? []));
    }

    public bool Contains(Uri uri) => Addresses.IsLoopback(uri) || _listed.Contains(uri) || _machine.Value.Contains(uri);

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
                else if (Images.ImageReference.IsValidRegistry(name))
                    _hosts.Add(new RegistryHost(name));
                // containers-registries.conf(5), "prefix": *.example.com is every host below example.com.
                else if (name.StartsWith("*.", StringComparison.Ordinal) && Images.ImageReference.IsValidRegistry(name[2..]))
                    _domains.Add(name[1..]);
            }
        }

        // A network takes in what is written as an address. Names are not resolved: what they mean may change between two requests.
        public bool Contains(Uri uri) => _hosts.Exists(host => host.Owns(uri))
            || _domains.Exists(domain => uri.Host.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
            || (_networks.Count > 0 && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && _networks.Exists(network => network.Contains(address)));
    }
}
