using Containerize.Registries.Transport;
using Containerize.Tests.Registries;

namespace Containerize.Tests.SdkContainers;

/// <summary>Registries without TLS, as the .NET SDK's own tests have them.</summary>
public sealed class InsecureTests
{
    [Theory]
    [InlineData("", "localhost", true)]
    [InlineData("", "localhost:5000", true)]
    [InlineData("", "public.ecr.aws", false)]
    [InlineData("myregistry.azurecr.io", "myregistry.azurecr.io", true)]
    [InlineData("MyRegistry.AzureCR.io", "myregistry.azurecr.io", true)]
    [InlineData("myregistry.azurecr.io", "MYREGISTRY.AZURECR.IO", true)]
    [InlineData("first.example; myregistry.azurecr.io ;last.example", "myregistry.azurecr.io", true)]
    [InlineData("myregistry.azurecr.io", "other.azurecr.io", false)]
    [InlineData("azurecr.io", "myregistry.azurecr.io", false)]
    [InlineData("registry.azurecr.io", "myregistry.azurecr.io", false)]
    [InlineData("myregistry.azurecr.io", "myregistry.azurecr.io.evil.example", false)]
    [InlineData("myregistry.azurecr.io:5000", "myregistry.azurecr.io", false)]
    public void An_insecure_registry(string variable, string host, bool insecure) =>
        Assert.Equal(insecure, new InsecureHosts([], variable).Contains(new Uri($"https://{host}/v2/")));

    [Theory]
    [InlineData("registry.example", 80)]
    [InlineData("registry.example:443", 443)]
    [InlineData("registry.example:80", 80)]
    [InlineData("registry.example:5555", 5555)]
    [InlineData("[2408:8120:245:49a0:f041:d7bb:bb13:cfe]", 80)]
    [InlineData("[2408:8120:245:49a0:f041:d7bb:bb13:cfe]:443", 443)]
    [InlineData("[2408:8120:245:49a0:f041:d7bb:bb13:cfe]:80", 80)]
    [InlineData("[2408:8120:245:49a0:f041:d7bb:bb13:cfe]:5555", 5555)]
    public async Task The_port_of_http_is_the_one_that_was_named(string host, int port)
    {
        var network = new FakeNetwork(request => request.RequestUri!.Scheme == Uri.UriSchemeHttps
            ? throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no TLS")
            : Harness.Manifest(Harness.Index));
        using var harness = new Harness(network, host);

        Assert.NotNull(await harness.Client.Repository(host, "app").GetManifestAsync("latest", default));

        var sent = new Uri(network.Sent[^1].Split(' ')[1]);
        Assert.Equal((Uri.UriSchemeHttp, port), (sent.Scheme, sent.Port));
    }
}
