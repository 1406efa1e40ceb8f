using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Containerize.Registries.Transport;

/// <summary>
/// A host in the one form in which hosts are compared, connected to and shown: a name in ASCII and lower case (RFC 5891) without a dot at
/// its end, or an address as <see cref="IPAddress"/> writes it, IPv6 in brackets. All spellings of a host have the same form, and it is
/// what a connection is made to: so what is checked is what is connected to. No other type looks at the host of a <see cref="Uri"/>.
/// </summary>
/// <remarks>
/// The same form have: upper and lower case, Unicode and punycode, what compatibility decomposition makes the same (<c>¹69.254.169.254</c>,
/// full-width letters and dots), numbers in hexadecimal, octal or fewer parts than four (inet_aton(3)), IPv4 in IPv6 (RFC 4291, 2.5.5.2),
/// zones, brackets and dots at the end.
/// </remarks>
internal readonly record struct CanonicalHost
{
    private readonly string _text;

    private CanonicalHost(string text, IPAddress? address, bool isValid)
    {
        _text = text;
        Address = address;
        IsValid = isValid;
    }

    /// <summary>The address that it is; null for names.</summary>
    public IPAddress? Address { get; }

    /// <summary>
    /// Whether it can be told what a connection would be made to. It cannot for names that no mapping takes, and for those whose last part
    /// is a number but which are no address: resolvers differ in what they make of them (WHATWG URL, "ends in a number checker").
    /// </summary>
    public bool IsValid { get; }

    /// <summary>The host of an address.</summary>
    public static CanonicalHost Of(Uri uri) =>
        uri.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6 ? Of(uri.Host) : Invalid(uri.Host);

    /// <summary>A host as it is written, without a port.</summary>
    public static CanonicalHost Of(string host)
    {
        var name = host.TrimStart('[').TrimEnd(']');
        if (name.Contains(':', StringComparison.Ordinal))
            return Parse(name) is { } literal ? OfAddress(literal) : Invalid(host);
        if (ToAscii(name) is not { Length: > 0 } ascii)
            return Invalid(host);
        if (Parse(ascii) is { } number)
            return OfAddress(number);
        return new CanonicalHost(ascii, null, isValid: !EndsInNumber(ascii));
    }

    /// <summary>Host and port of an address, without the port that its scheme has anyway.</summary>
    public static string AuthorityOf(Uri uri) =>
        Of(uri) is var host && uri.IsDefaultPort ? host.ToString() : string.Create(CultureInfo.InvariantCulture, $"{host}:{uri.Port}");

    /// <summary>The same for a host that is written with or without a port, as in names of images and keys of files.</summary>
    public static string AuthorityOf(string authority)
    {
        var colon = authority.LastIndexOf(':');
        // IPv6 without brackets has no port.
        var mayHavePort = colon > authority.LastIndexOf(']') && (authority.StartsWith(
            '[') || authority.IndexOf(':', StringComparison.Ordinal) == colon);
        return mayHavePort && int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? string.Create(CultureInfo.InvariantCulture, $"{Of(authority[..colon])}:{port}")
            : Of(authority).ToString();
    }

    /// <summary>A name of an image, or the beginning of one, with its host in this form: <c>host[:port][/path]</c>.</summary>
    public static string NameOf(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? AuthorityOf(name) : AuthorityOf(name[..slash]) + name[slash..];
    }

    /// <summary>
    /// Such a name without the port that https has anyway: which registries speak unless the user declares them insecure.
    /// </summary>
    public static string WithoutPortOfHttps(string name)
    {
        var end = name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? slash : name.Length;
        return name.AsSpan(0, end).EndsWith(":443") ? name[..(end - 4)] + name[end..] : name;
    }

    /// <summary>
    /// Whether what was meant for one address may go to another: they have scheme, host and port in common (RFC 6454), or the other is the
    /// same host with TLS, where neither says a port. Another port is another server.
    /// </summary>
    public static bool Trusts(Uri one, Uri other) => Of(one) == Of(other)
        && (one.Scheme == other.Scheme
            ? one.Port == other.Port
            : other.Scheme == Uri.UriSchemeHttps && one.IsDefaultPort && other.IsDefaultPort);

    /// <summary>The address with its host in this form, and without user and password; null where there is none.</summary>
    public static string? Rewrite(Uri uri) => Of(uri) is { IsValid: true } ? $"{uri.Scheme}://{AuthorityOf(uri)}{uri.PathAndQuery}" : null;

    /// <summary>localhost, names below it (RFC 6761, 6.3), 127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => Address is { } address ? IPAddress.IsLoopback(address) : Is("localhost");

    /// <summary>Link-local, or where a cloud serves a machine's own secrets.</summary>
    public bool IsMetadata => Address is { } address ? HostNetworks.IsMetadata(address) : HostNetworks.MetadataNames.Any(Is);

    /// <summary>Whether it means something inside of a network alone.</summary>
    public bool IsPrivate => IsLoopback || IsMetadata || (Address is { } address ? HostNetworks.IsPrivate(address)
        // What Debian calls ::1, and the end of names below localhost.
        : Is("ip6-localhost") || IsBelow("localhost"));

    /// <summary>Whether it is a host below a domain.</summary>
    public bool IsBelow(string domain) => Address is null && ToString().EndsWith("." + Of(domain), StringComparison.Ordinal);

    /// <summary>Whether it is an address of a network. Names are not resolved: what they mean may change between two requests.</summary>
    public bool IsIn(IPNetwork network) => Address is { } address && network.Contains(address);

    /// <inheritdoc/>
    public bool Equals(CanonicalHost other) => IsValid == other.IsValid && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary>The form itself.</summary>
    public override string ToString() => _text ?? "";

    private bool Is(string name) => string.Equals(_text, name, StringComparison.Ordinal);

    private static CanonicalHost OfAddress(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        // A zone tells which of the machine's networks is meant, and no other machine can know that.
        if (plain.AddressFamily == AddressFamily.InterNetworkV6)
            plain = new IPAddress(plain.GetAddressBytes());
        return new CanonicalHost(
            plain.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{plain}]" : plain.ToString(), plain, isValid: true);
    }

    private static CanonicalHost Invalid(string host) => new(host.ToLowerInvariant(), null, isValid: false);

    // Of IPv4, all forms of inet_aton(3), which getaddrinfo(3) would read, too.
    private static IPAddress? Parse(string text) => IPAddress.TryParse(WithoutZone(text), out var address) ? address : null;

    private static string WithoutZone(string text) =>
        text.IndexOf('%', StringComparison.Ordinal) is >= 0 and var zone ? text[..zone] : text;

    private static string? ToAscii(string name)
    {
        try
        {
            var folded = Ascii.IsValid(name) ? name : Folded(name);
            var ascii = Ascii.IsValid(folded) ? folded : new IdnMapping().GetAscii(folded.TrimEnd('.'));
            return ascii.ToLowerInvariant().TrimEnd('.');
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // What compatibility decomposition makes ASCII of (UAX 15, NFKC). .NET does it as well, but not where it runs without ICU, as in small
    // containers with an SDK; there, the rest stays what it is, as a name in punycode.
    private static string Folded(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var c = rune.Value;
            if (c is 0xAD or 0x200B or 0x2060 or 0xFEFF)
                continue;
            _ = c switch
            {
                >= 0xFF01 and <= 0xFF5E => folded.Append((char)(c - 0xFEE0)),
                0x3002 or 0xFF61 => folded.Append('.'),
                0xB9 or 0xB2 or 0xB3 => folded.Append(c == 0xB9 ? '1' : (char)(c - 0x80)),
                0x2070 or (>= 0x2074 and <= 0x2079) => folded.Append((char)('0' + c - 0x2070)),
                >= 0x2080 and <= 0x2089 => folded.Append((char)('0' + c - 0x2080)),
                >= 0x2460 and <= 0x2468 => folded.Append((char)('1' + c - 0x2460)),
                0x24EA => folded.Append('0'),
                >= 0x24B6 and <= 0x24E9 => folded.Append((char)('a' + ((c - 0x24B6) % 26))),
                >= 0x1D400 and <= 0x1D6A3 => folded.Append((char)('a' + ((c - 0x1D400) % 26))),
                >= 0x1D7CE and <= 0x1D7FF => folded.Append((char)('0' + ((c - 0x1D7CE) % 10))),
                _ => folded.Append(rune),
            };
        }

        return folded.ToString();
    }

    private static bool EndsInNumber(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.Length > 0 && (last.All(char.IsAsciiDigit)
            || (last.StartsWith("0x", StringComparison.Ordinal) && last.AsSpan(2).IndexOfAnyExcept("0123456789abcdef") < 0));
    }
}
