using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>The registry that most others are made of, as it is set up in the world, and as it fails there.</summary>
public sealed class RegistryVariantTests
{
    private const int Kills = 20;

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task A_registry_that_is_killed_in_mid_push_has_the_image_whole_or_not_at_all()
    {
        using var workspace = await Workspace.CreateAsync("killed");
        using var registry = new OwnRegistry(workspace.PathOf("registry"));
        // Large enough to be met in its middle, and another one each time.
        workspace.Sandbox.Write("src/Directory.Build.targets", """
            <Project>
              <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloConsole'">
                <ContainerFile Include="../large.bin" Path="/srv/" />
              </ItemGroup>
            </Project>
            """);
        var (arrived, failed) = (0, 0);
        for (var round = 0; round < Kills; round++)
        {
            await File.WriteAllBytesAsync(workspace.PathOf("large.bin"), RandomNumberGenerator.GetBytes(20_000_000));
            await registry.StartAsync();
            var publishing = workspace.TryPublishAsync(
                "HelloConsole",
                ["--no-build", "-v:detailed", .. Workspace.To(registry.Host, "team/killed", Testbed.Get(Server.BaseRuntime), $"{round}")]);
            // Anywhere from before the first answer to after the last.
            await Task.WhenAny(publishing, registry.WaitForAnswersAsync(round * 2));
            registry.Kill();
            // Every other time it is back at once, as under a supervisor.
            if (round % 2 == 0)
                await registry.StartAsync();
            var result = await publishing;
            if (round % 2 != 0)
                await registry.StartAsync();

            var tags = await TagsAsync(registry.Host, "team/killed");
            if (result.ExitCode == 0)
                Assert.Contains($"{round}", tags);
            else
                Assert.Matches("error CTZ[24]00[0-9]: ", result.Output);
            foreach (var tag in tags.Where(tag => tag == $"{round}"))
            {
                var image = await RemoteImage.GetAsync(registry.Host, "team/killed", tag);
                await ImageValidator.AssertValidAsync(
                    await ImageUnderTest.FromRemoteAsync(registry.Host, "team/killed", tag),
                    new ImageValidationOptions { OwnLayers = image.OwnLayers.Count, AllowedDirectory = path => path is "app" or "srv" });
            }

            _ = result.ExitCode == 0 ? arrived++ : failed++;
            registry.Kill();
        }

        Assert.True(arrived > 0 && failed > 0, $"{arrived} arrived and {failed} failed: the kills met nothing.");
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Relative_addresses_and_TLS_are_no_matter()
    {
        using var workspace = await Workspace.CreateAsync("variants");
        foreach (var http in new[] { "relativeurls: true", $"tls: {{certificate: \"{SelfSigned(workspace)}\", key: \"{workspace.PathOf("tls.key")}\"}}" })
        {
            using var registry = new OwnRegistry(workspace.PathOf(Guid.NewGuid().ToString("N")), http);
            await registry.StartAsync();
            var published = await workspace.PublishAsync(
                "HelloConsole", ["--no-build", .. Workspace.To(registry.Host, "team/app", Testbed.Get(Server.BaseRuntime), "1")]);
            var again = await workspace.PublishAsync(
                "HelloConsole", ["--no-build", .. Workspace.To(registry.Host, "team/app", Testbed.Get(Server.BaseRuntime), "1")]);
            Assert.Equal(published.Digest, again.Digest);
            Assert.Equal($"HelloConsole -> {registry.Host}/team/app:1@{published.Digest}", published.ResultLine);
        }
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task A_registry_that_is_read_only_is_called_that()
    {
        using var workspace = await Workspace.CreateAsync("readonly");
        using var registry = new OwnRegistry(workspace.PathOf("registry"), storage: "maintenance: {readonly: {enabled: true}}");
        await registry.StartAsync();

        var result = (
            await workspace.TryPublishAsync(
                "HelloConsole",
                ["--no-build", .. Workspace.To(registry.Host, "team/app", Testbed.Get(Server.BaseRuntime))])).EnsureFailure();

        Assert.Contains("error CTZ4003: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("The registry is read-only at the moment", result.Output, StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task A_pull_through_cache_is_a_mirror_and_takes_no_push()
    {
        using var workspace = await Workspace.CreateAsync("proxy");
        var origin = Testbed.Get(Server.Registry);
        using var cache = new OwnRegistry(workspace.PathOf("registry"), root: $"proxy: {{remoteurl: \"http://{origin}\"}}");
        await cache.StartAsync();
        workspace.Sandbox.Write("src/Directory.Build.targets", $"""
            <Project>
              <ItemGroup>
                <ContainerRegistryMirror Include="{origin}" Location="{cache.Host}" />
              </ItemGroup>
            </Project>
            """);
        var repository = Workspace.UniqueName("mirrored");
        var direct = await workspace.PublishAsync(
            "HelloConsole", ["--no-build", "-v:detailed", .. Workspace.To(origin, repository, Testbed.Get(Server.BaseRuntime))]);
        Assert.Contains($"GET http://{cache.Host}/v2/dotnet/runtime/manifests/10.0: 200", direct.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"GET http://{origin}/v2/dotnet/runtime/manifests/10.0", direct.Output, StringComparison.Ordinal);
        Assert.Equal(
            Testbed.Get(Server.BaseRuntime),
            (string?)(
                await RemoteImage.GetAsync(
                    origin, repository, "latest")).Config["config"]!["Labels"]!["org.opencontainers.image.base.name"]);

        // A mirror that is gone is passed over.
        cache.Kill();
        var without = await workspace.PublishAsync(
            "HelloConsole", ["--no-build", .. Workspace.To(origin, repository, Testbed.Get(Server.BaseRuntime))]);
        Assert.Equal(direct.Digest, without.Digest);
        Assert.Contains($"The mirror did not serve '{Testbed.Get(Server.BaseRuntime)}'", without.Output, StringComparison.Ordinal);

        await cache.StartAsync();
        var refused = (
            await workspace.TryPublishAsync(
                "HelloConsole", ["--no-build", .. Workspace.To(cache.Host, "team/app", Testbed.Get(Server.BaseRuntime))])).EnsureFailure();
        Assert.Contains("error CTZ4003: ", refused.Output, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> TagsAsync(string host, string repository)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync($"http://{host}/v2/{repository}/tags/list");
        return answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<JsonNode>())!["tags"] is JsonArray tags
            ? [.. tags.Select(tag => (string)tag!)]
            : [];
    }

    private static string SelfSigned(Workspace workspace)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(workspace.PathOf("tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(workspace.PathOf("tls.crt"), certificate.ExportCertificatePem());
        return workspace.PathOf("tls.crt");
    }
}
