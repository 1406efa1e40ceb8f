using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerize.Registries;
using Containerize.Registries.Transport;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>Proxies, which each build names for itself.</summary>
public sealed class EnvironmentProxyTests
{
    [Theory]
    [InlineData("HTTPS_PROXY=http://p:1", "https://r.example/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1", "http://r.example/", null)]
    [InlineData("HTTP_PROXY=p:1", "http://r.example/", "http://p:1/")]
    [InlineData("HTTP_PROXY=p:1", "https://r.example/", null)]
    [InlineData("HTTP_PROXY=http://p:1 GATEWAY_INTERFACE=CGI/1.1", "http://r.example/", null)]
    [InlineData("http_proxy=http://q:2 HTTP_PROXY=http://p:1", "http://r.example/", "http://q:2/")]
    [InlineData("https_proxy=http://q:2 HTTPS_PROXY=http://p:1", "https://r.example/", "http://q:2/")]
    [InlineData("ALL_PROXY=socks5://p:1", "https://r.example/", "socks5://p:1/")]
    [InlineData("ALL_PROXY=socks5://p:1 HTTPS_PROXY=http://q:2", "https://r.example/", "http://q:2/")]
    [InlineData("HTTPS_PROXY=ftp://p:1", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1", "https://127.0.0.1:5000/", null)]
    [InlineData("HTTPS_PROXY=http://p:1", "https://localhost/", null)]
    [InlineData("HTTPS_PROXY=http://p:1", "https://[::1]:5000/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=*", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=example", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=r.example", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=R.Example,x", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=.r.example", "https://r.example/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=.example", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=*.example", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=xample", "https://r.example/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=r.example:443", "https://r.example/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=r.example:5000", "https://r.example/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=10.0.0.0/8", "https://10.1.2.3/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=10.0.0.0/8", "https://11.1.2.3/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=10.1.2.3", "https://10.1.2.3/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=10.1.2.3:5000", "https://10.1.2.3:5000/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=fd00::1", "https://[fd00::1]/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=[fd00::1]:5000", "https://[fd00::1]:5000/", null)]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=[fd00::1]:5000", "https://[fd00::1]/", "http://p:1/")]
    [InlineData("HTTPS_PROXY=http://p:1 NO_PROXY=fd00::/8", "https://[fd00::1]/", null)]
    [InlineData("", "https://r.example/", null)]
    public void It_is_the_one_that_the_environment_names(string variables, string destination, string? expected)
    {
        if (!OperatingSystem.IsLinux() && variables.Length == 0)
            return;
        var proxy = EnvironmentProxy.Of(Environment(variables));
        var uri = new Uri(destination);

        Assert.Equal(expected, proxy.IsBypassed(uri) ? null : proxy.GetProxy(uri)?.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://ada:s%3Acret@p:1", "ada", "s:cret")]
    [InlineData("http://ada@p:1", "ada", "")]
    [InlineData("http://p:1", null, null)]
    public void A_login_is_for_its_proxy_alone(string address, string? user, string? password)
    {
        var proxy = EnvironmentProxy.Of(Environment("HTTPS_PROXY=" + address));

        var login = proxy.Credentials!.GetCredential(new Uri("http://p:1"), "Basic");
        Assert.Equal((user, password), (login?.UserName, login?.Password));
        Assert.Null(proxy.Credentials.GetCredential(new Uri("http://q:1"), "Basic"));
        Assert.Null(proxy.Credentials.GetCredential(new Uri("http://p:2"), "Basic"));
    }

    // HttpClient.DefaultProxy is made once in a process; an MSBuild node builds many times.
    [Fact]
    public async Task Two_builds_of_one_process_have_each_its_own()
    {
        foreach (var _ in new[] { "first", "second" })
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            var asked = FirstLineAsync(listener);
            using var client = Clients.Anonymous(Environment($"HTTPS_PROXY=http://127.0.0.1:{port}"));

            await Assert.ThrowsAsync<RegistryException>(() => client.Repository("registry.example", "app").GetManifestAsync("1", default));

            Assert.StartsWith("CONNECT registry.example:443 ", await asked, StringComparison.Ordinal);
        }
    }

    private static async Task<string> FirstLineAsync(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII);
        var line = await reader.ReadLineAsync();
        await connection.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        return line ?? "";
    }

    private static EmptyEnvironment Environment(string variables)
    {
        var environment = new EmptyEnvironment();
        foreach (var variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            environment[variable.Split('=', 2)[0]] = variable.Split('=', 2)[1];
        return environment;
    }
}
