using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

/// <summary>Ports; the .NET SDK's own cases are in SdkContainers/PortTests.</summary>
public sealed class PortsTests
{
    [Theory]
    [InlineData("80", "", "80/tcp")]
    [InlineData("80", "tcp", "80/tcp")]
    [InlineData("53", "udp", "53/udp")]
    [InlineData("53/udp", "", "53/udp")]
    [InlineData("1", null, "1/tcp")]
    [InlineData("65535", null, "65535/tcp")]
    [InlineData("0080", null, "80/tcp")]
    public void A_port_is_a_number_and_a_type(string number, string? type, string port) => Assert.Equal(port, Ports.Parse(number, type));

    [Theory]
    [InlineData("125", "dup", "'dup'")]
    [InlineData("125", "TCP", "'TCP'")]
    [InlineData("80/tcp", "udp", "'80/tcp'")]
    [InlineData("", null, "''")]
    [InlineData("0", null, "'0'")]
    [InlineData("65536", null, "'65536'")]
    [InlineData("-1", null, "'-1'")]
    [InlineData("+80", null, "'+80'")]
    [InlineData(" 80", null, "' 80'")]
    [InlineData("8080.0", null, "'8080.0'")]
    [InlineData("8000-8010", null, "'8000-8010'")]
    [InlineData("٨٠", null, "'٨٠'")]
    [InlineData("99999999999999999999", null, "99999999999999999999")]
    public void Anything_else_is_refused(string number, string? type, string mention) =>
        Failing.With(ErrorCodes.PortInvalid, () => Ports.Parse(number, type), mention);

    [Theory]
    [InlineData("http://[::]:8080;https://[::1]:8443/path", "8080/tcp,8443/tcp")]
    [InlineData(" http://*:80 ; https://*:443 ", "80/tcp,443/tcp")]
    [InlineData("http://*", "")]
    [InlineData("http://unix:/run/app.sock;http://*:99999;nonsense;http://*:0", "")]
    public void Urls_tell_their_ports(string urls, string ports) => Assert.Equal(ports, From(("ASPNETCORE_URLS", urls)));

    [Fact]
    public void Without_urls_the_lists_of_ports_tell()
    {
        Assert.Equal("1/tcp,2/tcp", From(("ASPNETCORE_HTTPS_PORTS", "2"), ("ASPNETCORE_HTTP_PORTS", " 1 ;x;;-1")));
        Assert.Equal("", From(("OTHER", "http://*:1")));
    }

    [Fact]
    public void Urls_go_before_the_lists_of_ports()
    {
        Assert.Equal(
            "12345/tcp",
            From(("ASPNETCORE_URLS", "https://*:12345"), ("ASPNETCORE_HTTPS_PORTS", "456;789"), ("ASPNETCORE_HTTP_PORTS", "1")));
        // An empty variable counts as unset for ASP.NET Core (GenericWebHostService asks string.IsNullOrEmpty).
        Assert.Equal("456/tcp", From(("ASPNETCORE_URLS", ""), ("ASPNETCORE_HTTPS_PORTS", "456")));
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080;abc", "abc")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "http://+:8080", "http://+:8080")]
    [InlineData("ASPNETCORE_HTTPS_PORTS", "70000;-1", "70000,-1")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080; 8081;;0;", "")]
    [InlineData("ASPNETCORE_URLS", "http://+:abc", "http://+:abc")]
    [InlineData("ASPNETCORE_URLS", "http://[::1]:99999/x;https://*:443", "http://[::1]:99999/x")]
    [InlineData("ASPNETCORE_URLS", "http://*:0;http://[::];http://localhost/;http://unix:/run/app.sock;http://pipe:/app;nonsense", "")]
    [InlineData("OTHER_PORTS", "abc", "")]
    public void What_is_no_port_is_told(string name, string value, string expected) =>
        Assert.Equal(
            expected,
            string.Join(
                ',',
                Ports.Invalid(new Dictionary<string, string> { [name] = value })
                    .Select(found => found.Variable == name ? found.Value : "?")));

    [Fact]
    public void Lists_that_urls_go_before_are_nobodys_mistake() =>
        Assert.Empty(
            Ports.Invalid(new Dictionary<string, string> { ["ASPNETCORE_URLS"] = "http://*:80", ["ASPNETCORE_HTTP_PORTS"] = "abc" }));

    private static string From(params (string Name, string Value)[] variables) =>
        string.Join(',', Ports.FromEnvironment(variables.ToDictionary(v => v.Name, v => v.Value)));
}
