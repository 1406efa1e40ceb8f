namespace Containerize.Registries.Transport;

/// <summary>
/// Which hosts a registry may name: for redirects, upload sessions and token servers alike. A registry must not be able to send a client
/// where only the client can go (GHSA-jxpm-75mh-9fp7 and its kin).
/// </summary>
internal static class DestinationGuard
{
    /// <summary>Why an address is refused, as the end of a sentence; null where it is not.</summary>
    /// <param name="host">The registry that names it.</param>
    /// <param name="insecure">The hosts that may do without TLS.</param>
    /// <param name="from">The address that the registry answered at.</param>
    /// <param name="target">The address that it names.</param>
    public static string? Refuse(RegistryHost host, InsecureHosts insecure, Uri from, Uri target)
    {
        var named = CanonicalHost.Of(target);
        if (!named.IsValid)
            return "it has no host that can be relied on";
        var sameHost = named == host.Host;
        // A registry that is declared insecure, or runs on loopback, is in a private network.
        var trusted = insecure.Contains(host.Address("/"));
        if (target.Scheme != Uri.UriSchemeHttps && from.Scheme == Uri.UriSchemeHttps && !trusted && !insecure.Contains(target))
            return "it is not encrypted (https) while the registry is";
        if (!sameHost && named.IsMetadata)
            return Metadata;
        if (!sameHost && !trusted && named.IsPrivate && !host.Host.IsPrivate)
            return "it is an address of a private network";
        return null;
    }

    /// <summary>Why link-local addresses, and those where clouds serve a machine's own secrets, are refused.</summary>
    public const string Metadata = "it is a link-local address, or one where a cloud serves secrets of this machine";

    /// <summary>
    /// Whether a request goes to the host that the user has named. Only there may it end at a link-local address, or at one where a cloud
    /// serves secrets. A mirror is not chosen by the author of the image's name.
    /// </summary>
    public static bool IsNamed(RegistryCall call, Uri target) =>
        call.Access != RegistryAccess.Mirror && CanonicalHost.Of(target) == call.Host.Host;
}
