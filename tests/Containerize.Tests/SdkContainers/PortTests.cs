using System.Text.Json.Nodes;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>Ports as the .NET SDK's own tests have them: their forms, those of a base, those of ASP.NET Core's variables.</summary>
public sealed class PortTests
{
    [Theory]
    [InlineData("80/tcp", "80/tcp")]
    [InlineData("80", "80/tcp")]
    public void A_port(string text, string port) => Assert.Equal(port, Ports.Parse(text, null));

    // The SDK tells these apart as flags of an enumeration; here the sentence does.
    [Theory]
    [InlineData("125/dup", "the type 'dup', which is neither tcp nor udp")]
    [InlineData("invalidNumber", "The ContainerPort 'invalidNumber' is not a port")]
    [InlineData(
        "welp/unknowntype",
        "The ContainerPort 'welp' is not a port: a whole number from 1 to 65535 is needed, and its type 'unknowntype' must be tcp or udp")]
    [InlineData(
        "a/b/c",
        "The ContainerPort 'a' is not a port: a whole number from 1 to 65535 is needed, and its type 'b/c' must be tcp or udp")]
    [InlineData("/tcp", "The ContainerPort '' is not a port")]
    public void No_port(string text, string why) => Failing.With(ErrorCodes.PortInvalid, () => Ports.Parse(text, null), why);

    // The SDK writes the type behind it; here what the base says stays as it is.
    [Fact]
    public void A_bases_port_without_a_type_is_tcp()
    {
        var runtime = new JsonObject { ["ExposedPorts"] = new JsonObject { ["6200"] = new JsonObject() } };

        Assert.Equal(["6200"], Configs.Ports(Configs.Build(runtime, Configs.Plan with { Ports = ["6200/tcp"] })));
        Assert.Equal(["6200", "6200/udp"], Configs.Ports(Configs.Build(runtime, Configs.Plan with { Ports = ["6200/udp"] })));
    }

    [Fact]
    public void Of_one_number_tcp_and_udp_stay_two()
    {
        var runtime = new JsonObject { ["ExposedPorts"] = new JsonObject { ["6100/udp"] = new JsonObject() } };

        Assert.Equal(["6100/udp", "6100/tcp"], Configs.Ports(Configs.Build(runtime, Configs.Plan with { Ports = ["6100/tcp"] })));
    }

    [Theory]
    [InlineData(
        "12345/tcp,1234/tcp,123/tcp,12/tcp",
        "ASPNETCORE_URLS=https://*:12345;http://+:1234;http://localhost:123;http://1.2.3.4:12")]
    [InlineData("999/tcp,666/tcp", "ASPNETCORE_HTTP_PORTS=999;666")]
    [InlineData("456/tcp,789/tcp", "ASPNETCORE_HTTPS_PORTS=456;789")]
    [InlineData(
        "12345/tcp,1234/tcp,123/tcp,12/tcp",
        "ASPNETCORE_URLS=https://*:12345;http://+:1234;http://localhost:123;http://1.2.3.4:12",
        "ASPNETCORE_HTTPS_PORTS=456")]
    public void Ports_of_variables_in_the_base_and_in_the_project(string ports, params string[] variables)
    {
        var runtime = new JsonObject { ["Env"] = new JsonArray([.. variables.Select(variable => JsonValue.Create(variable))]) };
        var own = variables.Select(variable => variable.Split('=', 2)).Select(pair => new NamedValue(pair[0], pair[1])).ToList();

        Assert.Equal(ports, string.Join(',', Configs.Ports(Configs.Build(runtime, Configs.Plan))));
        Assert.Equal(ports, string.Join(',', Configs.Ports(Configs.Build([], Configs.Plan with { EnvironmentVariables = own }))));
    }
}
