using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Containerize.Registries;
using Containerize.Registries.Transport;
using CsCheck;

namespace Containerize.Tests.Registries;

/// <summary>One host, however it is written: what is compared, what is checked, and what is connected to.</summary>
public sealed class CanonicalHostProperties
{
    private static readonly InsecureHosts None = new([], null);

    // Addresses with something to be told of them, and any others.
    private static readonly Gen<byte[]> Addresses4 = Gen.OneOf(
        Gen.OneOf<byte[]>(
            [169, 254, 169, 254], [127, 0, 0, 1], [10, 0, 0, 1], [100, 100, 100, 200], [192, 168, 1, 1], [8, 8, 8, 8], [0, 0, 0, 0]),
        Gen.Byte.Array[4]);

    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.OneOf("metadata.google.internal", "metadata.goog", "localhost", "registry.example", "xn--bcher-kva.example"),
        Gen.String[Gen.Char['a', 'z'], 1, 12].Select(label => label + ".example"));

    [Fact]
    public void All_spellings_of_an_address_are_one_host() =>
        Addresses4.SelectMany(bytes => Spelling4(bytes).Select(text => (Bytes: bytes, Text: text))).Sample(
        sample => Same(new IPAddress(sample.Bytes).ToString(), sample.Text), iter: 5000);

    [Fact]
    public void All_spellings_of_a_name_are_one_host() =>
        Names.SelectMany(name => SpellingOf(name).Select(text => (Name: name, Text: text))).Sample(
        sample => Same(sample.Name, sample.Text), iter: 5000);

    [Fact]
    public void An_address_of_IPv6_that_leads_to_one_of_IPv4_is_refused_where_that_one_is() =>
        Addresses4.SelectMany(bytes => Carrier(bytes).Select(text => (Bytes: bytes, Text: text))).Sample(sample =>
        {
            var (plain, carried) = (CanonicalHost.Of(new IPAddress(sample.Bytes).ToString()), Host(sample.Text));
            Assert.True(carried.IsMetadata || !plain.IsMetadata, sample.Text);
            Assert.True(carried.IsPrivate || !plain.IsPrivate, sample.Text);
        }, iter: 5000);

    [Fact]
    public void What_has_a_canonical_form_keeps_it() =>
        Gen.OneOf(
            Names,
            Addresses4.Select(bytes => new IPAddress(bytes).ToString()),
            Gen.Byte.Array[16].Select(bytes => $"[{new IPAddress(bytes)}]")).Sample(text =>
    {
        var host = CanonicalHost.Of(text);
        Assert.Equal(host, CanonicalHost.Of(host.ToString()));
        Assert.Equal(host, CanonicalHost.Of(new Uri($"https://{host}:5000/")));
        Assert.Equal($"{host}:5000", CanonicalHost.AuthorityOf($"{host}:5000"));
    });

    // Whatever it is: an address that cannot be read the same way by all is no host.
    [Fact]
    public void What_is_asked_is_what_was_looked_at() =>
        Gen.String[Gen.OneOf(Gen.Char["0123456789abcdefx.:%[]-"], Gen.Char), 1, 20].Sample(text =>
    {
        if (Addresses.Resolve(new Uri("https://registry.example/"), $"https://{text}/x") is not { } resolved)
            return;
        var host = CanonicalHost.Of(resolved);
        Assert.True(host.IsValid);
        // What SocketsHttpHandler connects to.
        Assert.Equal(host.ToString().Trim('[', ']'), resolved.IdnHost);
        Assert.Equal(host.Address is not null, IPAddress.TryParse(resolved.IdnHost, out _));
    }, iter: 20_000);

    private static void Same(string canonical, string spelled)
    {
        var (host, other) = (CanonicalHost.Of(canonical), Host(spelled));
        Assert.True(host == other, $"{spelled} is {other}, not {host}.");
        Assert.Equal(host.ToString(), other.ToString());
        Assert.Equal((host.IsLoopback, host.IsMetadata, host.IsPrivate), (other.IsLoopback, other.IsMetadata, other.IsPrivate));
        foreach (var registry in new[] { "public.example", "10.9.8.7", canonical })
        {
            var from = new Uri($"https://{registry}/v2/");
            Assert.Equal(
                DestinationGuard.Refuse(new RegistryHost(registry), None, from, new Uri($"https://{canonical}/x")),
                DestinationGuard.Refuse(new RegistryHost(registry), None, from, new Uri($"https://{spelled}/x")));
        }

        Assert.True(new RegistryHost(canonical).Owns(new Uri($"https://{spelled}/")));
        Assert.True(new InsecureHosts([canonical], null).Contains(new Uri($"https://{spelled}/")));
        Assert.Equal(
            $"https://{host}/x?y=%2F", Addresses.Resolve(new Uri("https://r.example/"), $"https://{spelled}/x?y=%2F")?.AbsoluteUri);
    }

    private static CanonicalHost Host(string text) => CanonicalHost.Of(new Uri($"https://{text}/"));

    // inet_aton(3): one to four parts, each in any base; then as text.
    private static Gen<string> Spelling4(byte[] bytes) => Gen.OneOf(
        Gen.Int[1, 4].SelectMany(parts => Gen.Int[0, 2].Array[parts].Select(bases => Number(bytes, parts, bases))).SelectMany(SpellingOf),
        Gen.Const($"[::ffff:{new IPAddress(bytes)}]"),
        Gen.Const($"[0:0:0:0:0:FFFF:{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}]"));

    private static string Number(byte[] bytes, int parts, int[] bases)
    {
        var value = bytes.Aggregate(0u, (sum, part) => (sum << 8) | part);
        return string.Join('.', Enumerable.Range(0, parts).Select(i =>
        {
            var number = i < parts - 1 ? bytes[i] : value & (uint.MaxValue >> (8 * (parts - 1)));
            return bases[i] switch { 0 => $"{number}", 1 => $"0x{number:x}", _ => "0" + Convert.ToString(number, 8) };
        }));
    }

    // Upper case; another character that compatibility decomposition makes this one (UAX 15); a dot at the end.
    private static Gen<string> SpellingOf(string text) => Gen.Int[0, 3].Array[text.Length].Select(Gen.Bool).Select((ways, dot) =>
        string.Concat(text.Zip(ways, Written)) + (dot ? "." : ""));

    private static string Written(char c, int way) => way switch
    {
        1 => char.ToUpperInvariant(c).ToString(),
        2 when c is '.' => "\u3002",
        2 when c is not '-' => ((char)(c + 0xFEE0)).ToString(),
        3 when char.IsAsciiDigit(c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0'].ToString(),
        3 when char.IsAsciiLetterLower(c) => ((char)(0x24D0 + c - 'a')).ToString(),
        _ => c.ToString(),
    };

    private static Gen<string> Carrier(byte[] bytes) => Gen.Byte.Array[16].SelectMany(random => Gen.OneOf(
        Over("::", 12, bytes),
        Over("64:ff9b::", 12, bytes),
        Over("64:ff9b:1::", 12, bytes),
        Over("::ffff:0:0:0", 12, bytes),
        Over("2002::", 2, bytes),
        Over("2001::", 12, [.. bytes.Select(part => (byte)~part)]),
        Over("2600::5efe:0:0", 12, bytes)));

    private static string Over(string network, int at, byte[] bytes)
    {
        var address = IPAddress.Parse(network).GetAddressBytes();
        bytes.CopyTo(address, at);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[{string.Join(':', address.Chunk(2).Select(two => $"{two[0]:x2}{two[1]:x2}"))}]");
    }
}
