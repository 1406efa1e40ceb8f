using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>
/// A registry as companies have it: behind a proxy, with certificates of their own authority, and for clients that have one, too.
/// </summary>
public sealed class PrivateNetworkTests
{
    private const string Name = "registry.company.test";

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Its_authority_and_the_clients_certificate_come_from_certs_d()
    {
        using var workspace = await Workspace.CreateAsync("private");
        using var authority = new PrivateAuthority();
        authority.Issue(Name, workspace.PathOf("server.crt"), workspace.PathOf("server.key"));
        using var registry = new OwnRegistry(
            workspace.PathOf("registry"),
            $"tls: {{certificate: \"{workspace.PathOf("server.crt")}\", key: \"{workspace.PathOf("server.key")}\", clientcas: "
                + $"[\"{authority.WriteTo(workspace.PathOf("clients.crt"))}\"]}}");
        await registry.StartAsync();
        using var proxy = new ConnectProxy();
        var host = $"{Name}:{registry.Host.Split(':')[1]}";
        var home = new Home(workspace);
        home.Environment["HTTPS_PROXY"] = proxy.Address;
        var folder = Directory.CreateDirectory(home.PathOf($".config/containers/certs.d/{host}")).FullName;
        home.WriteItems("");

        var unknown = (await home.TryPublishAsync(Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime), "1"))).EnsureFailure();
        Assert.Contains("error CTZ4001: ", unknown.Output, StringComparison.Ordinal);
        Assert.Contains("certificate", unknown.Output, StringComparison.Ordinal);

        // The registry is no proxy, and whoever asks it as one has a password in the variable.
        home.Environment["HTTPS_PROXY"] = $"http://ada:s3cret@{registry.Host}";
        var noProxy = (await home.TryPublishAsync(["-v:detailed", .. Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime), "1")]))
            .EnsureFailure();
        Assert.Contains("error CTZ4001: ", noProxy.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", noProxy.Output, StringComparison.Ordinal);
        home.Environment["HTTPS_PROXY"] = proxy.Address;

        authority.WriteTo(Path.Combine(folder, "ca.crt"));
        var nobody = (await home.TryPublishAsync(Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime), "1"))).EnsureFailure();
        Assert.Contains("error CTZ4001: ", nobody.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.PathOf("registry", "data", "docker")));

        authority.Issue("client", Path.Combine(folder, "client.cert"), Path.Combine(folder, "client.key"));
        var published = (await home.TryPublishAsync(Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime), "1"))).EnsureSuccess();

        var tagged = await File.ReadAllTextAsync(
            workspace.PathOf(
                "registry",
                "data",
                "docker",
                "registry",
                "v2",
                "repositories",
                "team",
                "app",
                "_manifests",
                "tags",
                "1",
                "current",
                "link"));
        Assert.Contains($"HelloConsole -> {host}/team/app:1@{tagged}", published.Output, StringComparison.Ordinal);
        // And from there: its base is the image that was just pushed.
        (await home.TryPublishAsync(Workspace.To(host, "team/next", $"{host}/team/app:1", "1"))).EnsureSuccess();
        Assert.Equal([host], proxy.Asked.Distinct());
    }
}
