using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>The whole way: a web application, from its csproj to an answer from inside a container.</summary>
public sealed class WebApplicationTests
{
    [RequiresTheory(
        Server.Registry, Server.Docker, Server.BaseAspNet, Server.BaseAspNetDocker, Server.BaseAspNetMulti, Server.BaseAspNetMultiDocker)]
    [InlineData(Server.BaseAspNet, "OCI", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData(Server.BaseAspNetDocker, "", "application/vnd.oci.image.manifest.v1+json")]
    [InlineData(Server.BaseAspNetMulti, "Docker", "application/vnd.docker.distribution.manifest.v2+json")]
    [InlineData(Server.BaseAspNetMultiDocker, "docker", "application/vnd.docker.distribution.manifest.v2+json")]
    public async Task Is_pushed_pulled_by_docker_and_answers(string baseKey, string format, string mediaType)
    {
        using var workspace = await Workspace.CreateAsync("web");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("web"));
        var published = await workspace.PublishAsUserAsync(
            "HelloWeb", [$"-p:ContainerImageFormat={format}", .. Workspace.To(registry, repository, Testbed.Get(baseKey), "1.2.3")]);

        var image = await RemoteImage.GetAsync(registry, repository, "1.2.3");
        Assert.Equal(published.Digest, image.Digest);
        Assert.Equal(mediaType, (string?)image.Manifest["mediaType"]);
        Assert.Equal($"HelloWeb -> {registry}/{repository}:1.2.3@{image.Digest}", published.ResultLine);
        Assert.Equal([$"{registry}/{repository}:1.2.3@{image.Digest}"], published.References);
        Assert.Equal((string?)image.Manifest["config"]!["digest"], published.ImageId);
        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(registry, repository, "1.2.3"),
            new ImageValidationOptions { OwnLayers = image.OwnLayers.Count, AllowedDirectory = path => path == "app" || path.StartsWith("app/", StringComparison.Ordinal) });

        (await Engine.Docker.RunAsync("pull", $"{registry}/{repository}:1.2.3")).EnsureSuccess();
        var answers = await Engine.Docker.AskAsync(
            $"{registry}/{repository}:1.2.3", "/", "/greet/Zoë?culture=fr", "/notes", "/health", "/.well-known/security.txt");
        Assert.StartsWith("Hello from HelloWeb 1.2.3", answers[0], StringComparison.Ordinal);
        Assert.Contains("as user app", answers[0], StringComparison.Ordinal);
        Assert.Contains("Zoë", answers[1], StringComparison.Ordinal);
        Assert.Contains("SQLite", answers[2], StringComparison.Ordinal);
        Assert.Equal("Healthy", answers[3]);
        Assert.Equal(await File.ReadAllTextAsync(workspace.PathOf("HelloWeb", "wwwroot", ".well-known", "security.txt")), answers[4]);
    }

    [RequiresFact(Server.Registry, Server.Podman, Server.BaseAspNet)]
    public async Task Is_pulled_by_podman_and_answers()
    {
        using var workspace = await Workspace.CreateAsync("podman");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("podman"));
        await workspace.PublishAsync("HelloWeb", Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet)));

        (await Engine.Podman.RunAsync("pull", $"{registry}/{repository}:latest")).EnsureSuccess();
        var answers = await Engine.Podman.AskAsync($"{registry}/{repository}:latest", "/");
        Assert.StartsWith("Hello from HelloWeb 1.2.3", answers[0], StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.Skopeo, Server.BaseAspNet)]
    public async Task Lists_the_base_untouched_then_its_layers_by_how_often_they_change()
    {
        using var workspace = await Workspace.CreateAsync("layers");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("layers"));
        await workspace.PublishAsync("HelloWeb", Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet)));

        var raw = (await workspace.Sandbox.RunAsync(
            Testbed.Get(Server.Skopeo), ["inspect", "--raw", "--tls-verify=false", $"docker://{registry}/{repository}:latest"])).EnsureSuccess();
        var layers = System.Text.Json.Nodes.JsonNode.Parse(raw.StandardOutput)!["layers"]!.AsArray();
        var baseLayers = (await RemoteImage.GetAsync(Testbed.Get(Server.BaseAspNet))).Manifest["layers"]!.AsArray();
        Assert.Equal(
            baseLayers.Select(layer => layer!.ToJsonString()), layers.Take(baseLayers.Count).Select(layer => layer!.ToJsonString()));

        var image = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal(["packages", "projects", "static-assets", "application"], image.OwnLayers.Select(layer => layer.Name));
        Assert.Equal(
            image.OwnLayers.Select(layer => layer.Digest), layers.Skip(baseLayers.Count).Select(layer => (string)layer!["digest"]!));
        await AssertContentsAsync(image);
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.BaseRuntimeDeps)]
    public async Task Brings_its_runtime_in_a_layer_of_its_own_when_it_is_self_contained()
    {
        using var workspace = await Workspace.CreateAsync("contained");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("contained"));
        await workspace.PublishAsync(
            "HelloWeb", ["-r", "linux-x64", "--self-contained", .. Workspace.To(
                registry, repository, Testbed.Get(Server.BaseRuntimeDeps))]);

        var image = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal(["runtime", "packages", "projects", "static-assets", "application"], image.OwnLayers.Select(layer => layer.Name));
        Assert.Equal("""["/app/HelloWeb"]""", image.Config["config"]!["Entrypoint"]!.ToJsonString());
        var answers = await Engine.Docker.AskAsync($"{registry}/{repository}:latest", "/", "/notes");
        Assert.StartsWith("Hello from HelloWeb", answers[0], StringComparison.Ordinal);
    }

    private static async Task AssertContentsAsync(RemoteImage image)
    {
        var layers = new Dictionary<string, HashSet<string>>();
        foreach (var (name, digest) in image.OwnLayers)
            layers[name] = [.. (await image.ReadLayerAsync(digest)).Select(file => file.Path)];

        Assert.Contains("app/Dapper.dll", layers["packages"]);
        Assert.Contains("app/runtimes/linux-x64/native/libe_sqlite3.so", layers["packages"]);
        Assert.DoesNotContain(
            layers["packages"], path => path.Contains("win-", StringComparison.Ordinal) || path.Contains("osx", StringComparison.Ordinal));
        Assert.Contains("app/HelloWeb.Greetings.dll", layers["projects"]);
        Assert.Contains("app/fr/HelloWeb.Greetings.resources.dll", layers["projects"]);
        Assert.Contains("app/wwwroot/.well-known/security.txt", layers["static-assets"]);
        Assert.Contains("app/HelloWeb.dll", layers["application"]);
        Assert.Contains("app/web.config", layers["application"]);
        Assert.Contains("app/appsettings.json", layers["application"]);
        Assert.DoesNotContain(layers.Values.SelectMany(paths => paths), path => path.EndsWith(".xml", StringComparison.Ordinal));

        // Every published path once, and only directories of the application's own.
        var files = layers.Values.SelectMany(paths => paths).Where(path => !path.EndsWith('/')).ToList();
        Assert.Equal(files.Count, files.Distinct().Count());
        Assert.All(layers.Values.SelectMany(paths => paths), path => Assert.StartsWith("app/", path, StringComparison.Ordinal));
    }
}
