using System.Net;

namespace Containerize.Registries.Transport;

/// <summary>What can be told of an address without resolving it, and how a Location is read.</summary>
internal static class Addresses
{
    /// <summary>localhost, 127.0.0.0/8 and ::1.</summary>
    public static bool IsLoopback(Uri uri) =>
        uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (Literal(uri) is { } address && IPAddress.IsLoopback(address));

    /// <summary>169.254.0.0/16 and fe80::/10: where clouds serve a machine's own secrets.</summary>
    public static bool IsLinkLocal(Uri uri) =>
        Literal(uri) is { } address
        && (address.IsIPv6LinkLocal || (address.GetAddressBytes() is [169, 254, _, _]));

    /// <summary>An address that only means something inside a network: loopback, RFC 1918, unique local, unspecified.</summary>
    public static bool IsPrivate(Uri uri)
    {
        var host = uri.Host.TrimEnd('.');
        if (IsLoopback(uri) || IsLinkLocal(uri) || IsPrivateName(host))
            return true;
        if ((Literal(uri) ?? (IPAddress.TryParse(host, out var named) ? named : null)) is not { } outer)
            return false;
        var address = Inner(outer);
        return IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal || address.Equals(IPAddress.IPv6Any)
            || address.GetAddressBytes() is [10, _, _, _] or [192, 168, _, _] or [172, >= 16 and <= 31, _, _] or [100, >= 64 and <= 127, _, _] or [198, 18 or 19, _, _] or [169, 254, _, _] or [0, _, _, _];
    }

    // RFC 6761, 6.3; what Debian calls ::1; where Google's machines ask for their own secrets. Other names are not resolved: what they mean
    // may change between two requests.
    private static bool IsPrivateName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals("ip6-localhost", StringComparison.OrdinalIgnoreCase) || host.Equals("metadata.google.internal", StringComparison.OrdinalIgnoreCase);

    // IPv6 addresses that lead to one of IPv4: ::a.b.c.d, NAT64 (RFC 6052), 6to4 (RFC 3056).
    private static IPAddress Inner(IPAddress address) => address.GetAddressBytes() switch
    {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, var a, var b, var c, var d] when a != 0 => new IPAddress([a, b, c, d]),
        [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, var a, var b, var c, var d] => new IPAddress([a, b, c, d]),
        [0x20, 0x02, var a, var b, var c, var d, ..] and { Length: 16 } => new IPAddress([a, b, c, d]),
        _ => address,
    };

    /// <summary>
    /// A Location, resolved against the address of the request that it answers. Its escaping is kept: it may carry a
    /// signature or a state that only the sender understands.
    /// </summary>
    public static Uri? Resolve(Uri request, string? location)
    {
        if (string.IsNullOrEmpty(location))
            return null;
        var fragment = location.IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0)
            location = location[..fragment];
        var absolute =
            location.StartsWith("//", StringComparison.Ordinal) ? $"{request.Scheme}:{location}"
            : location.StartsWith('/') ? request.GetLeftPart(UriPartial.Authority) + location
            : location;
        if (absolute.Contains("://", StringComparison.Ordinal) && !absolute.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Uri.TryCreate(absolute, Exact, out var exact) && IsHttp(exact) ? exact : null;
        return Uri.TryCreate(request, location, out var resolved) && IsHttp(resolved) ? resolved : null;
    }

    /// <summary>Host, port and path of what may be written as an address or as a name, without a slash at its end.</summary>
    public static string WithoutScheme(string name)
    {
        var scheme = name.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? name : name[(scheme + 3)..]).TrimEnd('/');
    }

    /// <summary>An address that is sent as it is written.</summary>
    public static Uri Exactly(string address) => new(address, Exact);

    private static UriCreationOptions Exact => new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;

    private static IPAddress? Literal(Uri uri) =>
        uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && IPAddress.TryParse(uri.Host, out var address)
            ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
            : null;
}
