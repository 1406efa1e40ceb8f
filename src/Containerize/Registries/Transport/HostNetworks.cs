using System.Net;

namespace Containerize.Registries.Transport;

/// <summary>The networks that an address tells of itself. An address that leads to one of IPv4 is looked at as that one, too.</summary>
internal static class HostNetworks
{
    /// <summary>Under which names clouds serve a machine's own secrets: for proxies, which resolve them in our place.</summary>
    public static IReadOnlyList<string> MetadataNames { get; } =
    [
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal", "metadata.azure.internal",
        "metadata.azure.com", "metadata.tencentyun.com", "metadata.packet.net", "metadata.platformequinix.com", "metadata.oraclecloud.com",
    ];

    // Where IPv6 holds an address of IPv4, and by how much each of its bytes is turned: IPv4-compatible (RFC 4291, 2.5.5.1),
    // IPv4-translated (RFC 2765), NAT64 (RFC 6052 and 8215), 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214).
    private static readonly (IPNetwork Network, int At, byte Turned)[] Carriers =
    [
        (IPNetwork.Parse("::/96"), 12, 0),
        (IPNetwork.Parse("::ffff:0:0/96"), 12, 0),
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12, 0),
        (IPNetwork.Parse("64:ff9b::/96"), 12, 0),
        (IPNetwork.Parse("64:ff9b:1::/48"), 12, 0),
        (IPNetwork.Parse("2002::/16"), 2, 0),
        (IPNetwork.Parse("2001::/32"), 12, 0xff),
    ];

    // Link-local (RFC 3927 and 4291), where clouds serve a machine's own secrets, and where they do it elsewhere: Amazon, Google, Alibaba,
    // Azure, Oracle.
    private static readonly IPNetwork[] Metadata =
    [
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("fd00:ec2::/32"),
        IPNetwork.Parse("fd20:ce::/32"),
        IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("192.0.0.192/32"),
    ];

    // Loopback, RFC 1918, unique local, site-local, carriers' (RFC 6598), benchmarks' (RFC 2544), unspecified.
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("::/127"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fec0::/10"),
    ];

    /// <summary>Link-local, or where a cloud serves a machine's own secrets.</summary>
    public static bool IsMetadata(IPAddress address) => IsIn(Metadata, address);

    /// <summary>An address that only means something inside of a network.</summary>
    public static bool IsPrivate(IPAddress address) => IsIn(Private, address);

    private static bool IsIn(IPNetwork[] networks, IPAddress address) =>
        Readings(address).Any(reading => Array.Exists(networks, network => network.Contains(reading)));

    private static IEnumerable<IPAddress> Readings(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        yield return new IPAddress(bytes);
        if (bytes.Length < 16)
            yield break;
        foreach (var (network, at, turned) in Carriers)
        {
            if (network.Contains(new IPAddress(bytes)))
                yield return Carried(at, turned);
        }

        // ::0:5efe:a.b.c.d below any network.
        if (bytes is [_, _, _, _, _, _, _, _, 0 or 2, 0, 0x5e, 0xfe, ..])
            yield return Carried(12, 0);

        IPAddress Carried(int at, byte turned) => new([.. bytes.AsSpan(at, 4).ToArray().Select(part => (byte)(part ^ turned))]);
    }
}
