using Containerize.Registries;
using Containerize.Registries.Transport;

namespace Containerize.Tests.Registries;

public sealed class AddressTests
{
    [Theory]
    [InlineData("/v2/a/blobs/uploads/1?_state=a%2Fb%3D", "https://r.example/v2/a/blobs/uploads/1?_state=a%2Fb%3D")]
    [InlineData("https://s3.example/x%41%2f?X-Sig=%2B%3d", "https://s3.example/x%41%2f?X-Sig=%2B%3d")]
    [InlineData("//other.example/x", "https://other.example/x")]
    [InlineData("uploads/2", "https://r.example/v2/app/uploads/2")]
    [InlineData("?digest=x", "https://r.example/v2/app/begin?digest=x")]
    [InlineData("/a#fragment", "https://r.example/a")]
    [InlineData("/a b", "https://r.example/a%20b")]
    [InlineData("ftp://r.example/x", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Resolves_a_location_and_keeps_its_escaping(string? location, string? expected) =>
        Assert.Equal(expected, Addresses.Resolve(new Uri("https://r.example/v2/app/begin"), location)?.AbsoluteUri);

    [Theory]
    [InlineData("localhost", "loopback")]
    [InlineData("127.8.9.10", "loopback")]
    [InlineData("[::1]", "loopback")]
    [InlineData("[::ffff:127.0.0.1]", "loopback")]
    [InlineData("10.1.2.3", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.32.0.1", "public")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("100.64.0.1", "private")]
    [InlineData("0.0.0.0", "private")]
    [InlineData("[fd00::1]", "private")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("[::ffff:169.254.169.254]", "link-local")]
    [InlineData("[fe80::1]", "link-local")]
    // Other ways of writing 127.0.0.1 and 169.254.169.254, which Uri turns into the usual one.
    [InlineData("2130706433", "loopback")]
    [InlineData("0xa9fea9fe", "link-local")]
    [InlineData("8.8.8.8", "public")]
    [InlineData("localhost.example", "public")]
    [InlineData("10.example", "public")]
    [InlineData("localhost.", "loopback")]
    [InlineData("foo.localhost", "private")]
    [InlineData("ip6-localhost", "private")]
    [InlineData("10.0.0.1.", "private")]
    [InlineData("metadata.google.internal", "link-local")]
    [InlineData("metadata.goog.", "link-local")]
    [InlineData("100.100.100.200", "link-local")]
    [InlineData("[fd00:ec2::254]", "link-local")]
    [InlineData("[fd20:ce::254]", "link-local")]
    [InlineData("auth.corp.internal", "public")]
    [InlineData("[::127.0.0.1]", "private")]
    [InlineData("[64:ff9b::a9fe:a9fe]", "link-local")]
    [InlineData("[64:ff9b::a00:1]", "private")]
    [InlineData("[2002:7f00:1::]", "private")]
    [InlineData("[2002:808:808::]", "public")]
    [InlineData("[2606:4700::1]", "public")]
    [InlineData("198.18.0.1", "private")]
    public void Knows_what_an_address_says_of_itself(string host, string expected)
    {
        var canonical = CanonicalHost.Of(new Uri($"https://{host}/"));
        Assert.True(canonical.IsValid);
        Assert.Equal(
            expected,
            canonical.IsLoopback ? "loopback" : canonical.IsMetadata ? "link-local" : canonical.IsPrivate ? "private" : "public");
    }

    [Theory]
    [InlineData("docker.io", "docker.io", "registry-1.docker.io")]
    [InlineData("index.docker.io", "docker.io", "registry-1.docker.io")]
    [InlineData("GHCR.io", "GHCR.io", "ghcr.io")]
    [InlineData("localhost:5000", "localhost:5000", "localhost:5000")]
    [InlineData("[::1]:5000", "[::1]:5000", "[::1]:5000")]
    public void Maps_names_to_authorities(string name, string shown, string authority)
    {
        var host = new RegistryHost(name);
        Assert.Equal((shown, authority), (host.Name, host.Authority));
        Assert.Equal($"https://{authority}/v2/", host.Address("/v2/").AbsoluteUri);
    }

    [Theory]
    [InlineData("r.example", "https://r.example/x", true)]
    [InlineData("r.example", "http://R.example/x", true)]
    [InlineData("r.example", "https://r.example:8443/x", false)]
    [InlineData("r.example", "https://r.example.evil/x", false)]
    [InlineData("r.example:443", "https://r.example/x", true)]
    [InlineData("r.example:443", "http://r.example/x", false)]
    [InlineData("r.example:5000", "http://r.example:5000/x", true)]
    [InlineData("r.example:5000", "https://r.example/x", false)]
    [InlineData("[::1]:5000", "http://[::1]:5000/x", true)]
    public void Knows_its_own_addresses(string name, string address, bool expected) =>
        Assert.Equal(expected, new RegistryHost(name).Owns(new Uri(address)));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("http://r.example")]
    [InlineData("r.example/x")]
    [InlineData("user@r.example")]
    public void Refuses_what_is_no_host(string name) => Assert.Throws<ArgumentException>(() => new RegistryHost(name));

    [Theory]
    [InlineData(
        "https://u:p@r.example/v2/a?digest=sha256:1&_state=secret&X-Amz-Signature=secret",
        "https://r.example/v2/a?digest=sha256:1&_state=…&X-Amz-Signature=…")]
    [InlineData("http://r.example:5000/v2/", "http://r.example:5000/v2/")]
    public void Redacts_what_is_traced(string address, string expected) => Assert.Equal(expected, TraceHandler.Redact(new Uri(address)));

    [Theory]
    [InlineData("a\u001b[31mred\u0007", 99, "a[31mred")]
    [InlineData("  two \r\n\t lines ", 99, "two lines")]
    [InlineData("abcdef", 3, "abc…")]
    [InlineData("abc\u202Edef", 99, "abcdef")]
    [InlineData("a ##vso[task.setvariable variable=PATH]b, ##[command]", 99, "a # #vso[task.setvariable variable=PATH]b, # #[command]")]
    [InlineData(
        "proxy 'http://user:p@ss@127.0.0.1:1/' failed, ask a@b.example", 99, "proxy 'http://…@127.0.0.1:1/' failed, ask a@b.example")]
    public void Cleans_what_others_say(string text, int limit, string expected) => Assert.Equal(expected, ErrorText.Clean(text, limit));

    [Theory]
    [InlineData("a.example;b.example:5000", "https://b.example:5000/", true)]
    [InlineData("a.example, b.example:5000", "https://a.example/", true)]
    [InlineData("a.example", "https://a.example:5000/", false)]
    [InlineData("http://a.example/", "https://a.example/", true)]
    [InlineData("10.0.0.0/8", "https://10.0.0.1/", true)]
    [InlineData("", "https://localhost:1/", true)]
    [InlineData(null, "https://a.example/", false)]
    public void Knows_insecure_hosts(string? variable, string address, bool expected) =>
        Assert.Equal(expected, new InsecureHosts([], variable).Contains(new Uri(address)));
}
