namespace Containerize.Registries.Transport;

/// <summary>Which other hosts a registry may name: for redirects, upload sessions and token servers alike.</summary>
internal static class DestinationGuard
{
    /// <summary>Why an address is refused, as the end of a sentence; null where it is not.</summary>
    /// <param name="host">The registry that names it.</param>
    /// <param name="insecure">The hosts that may do without TLS.</param>
    /// <param name="from">The address that the registry answered at.</param>
    /// <param name="target">The address that it names.</param>
    public static string? Refuse(RegistryHost host, InsecureHosts insecure, Uri from, Uri target)
    {
        var sameHost = string.Equals(target.Host, host.Host, StringComparison.OrdinalIgnoreCase);
        // Whoever declares a registry insecure, or runs it on loopback, has a network of their own behind it.
        var trusted = insecure.Contains(host.Address("/"));
        if (target.Scheme != Uri.UriSchemeHttps && from.Scheme == Uri.UriSchemeHttps && !trusted && !insecure.Contains(target))
            return "it is not encrypted (https) while the registry is";
        if (!sameHost && Addresses.IsLinkLocal(target))
            return "it is a link-local address";
        if (!sameHost && !trusted && Addresses.IsPrivate(target) && !Addresses.IsPrivate(host.Address("/")))
            return "it is an address of a private network";
        return null;
    }
}
