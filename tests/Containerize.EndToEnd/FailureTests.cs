using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>What goes wrong is said in a sentence, leaves nothing half done, and never looks like success.</summary>
public sealed class FailureTests
{
    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Each_failure_has_its_code_and_no_stack_trace()
    {
        using var workspace = await Workspace.CreateAsync("failures");
        var (registry, runtime) = (Testbed.Get(Server.Registry), Testbed.Get(Server.BaseRuntime));
        await workspace.PublishAsUserAsync("HelloConsole", Workspace.To(registry, Workspace.UniqueName("failures"), runtime));
        (await workspace.TryPublishAsUserAsync("HelloConsole", ["--no-build", .. Workspace.To("127.0.0.1:1", "e2e/x", runtime)]))
            .EnsureFailure();
        foreach (var (code, says, properties) in new (string, string, string[])[]
        {
            ("CTZ2001", "no/such:1", Workspace.To(registry, "e2e/x", $"{registry}/no/such:1")),
            ("CTZ2002", "linux/arm64", Workspace.To(registry, "e2e/x", Testbed.Get(Server.BaseAspNetArm64))),
            ("CTZ2002", "linux/amd64", [.. Workspace.To(registry, "e2e/x", runtime), "-p:ContainerRuntimeIdentifier=linux-arm64"]),
            ("CTZ2004", "127.0.0.1:1", Workspace.To(registry, "e2e/x", "127.0.0.1:1/base:1")),
            ("CTZ4001", "127.0.0.1:1", Workspace.To("127.0.0.1:1", "e2e/x", runtime)),
            ("CTZ1001", "not a name", Workspace.To(registry, "e2e/x", "UPPER//CASE:::")),
            ("CTZ1004", "ContainerRepository", Workspace.To(registry, "-%", runtime)),
            ("CTZ1005", "a/b", Workspace.To(registry, "e2e/x", runtime, "a/b")),
            ("CTZ1021", "https://", Workspace.To("https://example.invalid", "e2e/x", runtime)),
            ("CTZ1023", "/proc", [.. Workspace.To(registry, "e2e/x", runtime), "-p:ContainerWorkingDirectory=/proc/app"]),
            ("CTZ1011", "win-x64", [.. Workspace.To(registry, "e2e/x", runtime), "-p:ContainerRuntimeIdentifier=win-x64"]),
        })
        {
            var result = await workspace.TryPublishAsync("HelloConsole", ["--no-build", .. properties]);
            result.EnsureFailure();
            Assert.Contains($"error {code}: ", result.Output, StringComparison.Ordinal);
            if (says != "not a name")
                Assert.Contains(says, result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("MSB4018", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
        }
    }

    [RequiresFact(Server.RegistryAuth, Server.BaseRuntime)]
    public async Task A_push_needs_the_credentials_of_the_docker_config_and_says_so()
    {
        using var workspace = await Workspace.CreateAsync("login");
        var (registry, repository) = (Testbed.Get(Server.RegistryAuth), Workspace.UniqueName("login"));
        var to = Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime));
        var home = Directory.CreateDirectory(workspace.PathOf("home")).FullName;
        workspace.Sandbox.Environment["DOCKER_CONFIG"] = home;

        var refused = (await workspace.TryPublishAsync("HelloConsole", to)).EnsureFailure();
        Assert.Contains("error CTZ4002: ", refused.Output, StringComparison.Ordinal);
        Assert.Contains($"docker login {registry}", refused.Output, StringComparison.Ordinal);

        var password = Testbed.Get(Server.RegistryAuthPassword);
        var login = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{Testbed.Get(Server.RegistryAuthUser)}:{password}"));
        await File.WriteAllTextAsync(Path.Combine(home, "config.json"), "{\"auths\":{\"" + registry + "\":{\"auth\":\"" + login + "\"}}}");
        var published = await workspace.TryPublishAsync("HelloConsole", ["-v:diag", .. to]);
        published.EnsureSuccess();
        Assert.DoesNotContain(password, published.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(login, published.Output, StringComparison.Ordinal);
        Assert.Contains($"{registry}/{repository}:latest@sha256:", published.Output, StringComparison.Ordinal);
    }

    [RequiresFact(Server.BaseRuntime)]
    public async Task Ctrl_C_ends_the_build_fails_it_and_leaves_no_half_written_file()
    {
        using var workspace = await Workspace.CreateAsync("cancel");
        var archive = workspace.PathOf("out", "image.tar");
        workspace.Sandbox.Write("src/out/image.tar", "the old one");
        var project = workspace.PathOf("HelloConsole", "HelloConsole.csproj");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project)).Replace("</Project>", """
            <Target Name="AddLargeFile" AfterTargets="Publish">
              <Exec Command="head -c 800000000 /dev/urandom &gt; &quot;$(PublishDir)large.bin&quot;" />
            </Target>
            <Target Name="SayWhere" BeforeTargets="ContainerizeBuildLayers">
              <Message Importance="high" Text="now building layers" />
            </Target>
            </Project>
            """, StringComparison.Ordinal));

        await using var publish = workspace.Sandbox.StartDotnet(
            ["publish", "HelloConsole", "-p:ContainerPublish=true", $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", $"-p:ContainerArchiveOutputPath={archive}"],
            workingDirectory: workspace.Folder);
        await publish.WaitForLineAsync("now building layers");
        await publish.InterruptAsync();
        var result = await publish.Completion;

        result.EnsureFailure();
        Assert.DoesNotContain("MSB4018", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CTZ9001", result.Output, StringComparison.Ordinal);
        Assert.Equal("the old one", await File.ReadAllTextAsync(archive));
        Assert.Empty(Directory.EnumerateFiles(workspace.Sandbox.Root, ".containerize-*", SearchOption.AllDirectories));
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.BaseAspNet)]
    public async Task A_solution_publishes_its_programs_and_skips_the_rest_quietly()
    {
        using var workspace = await Workspace.CreateAsync("solution");
        var registry = Testbed.Get(Server.Registry);
        workspace.Sandbox.Write("src/Tests/Tests.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><IsTestProject>true</IsTestProject></PropertyGroup>
            </Project>
            """);
        workspace.Sandbox.Write("src/Tests/Program.cs", "System.Console.WriteLine();");
        (await workspace.Sandbox.DotnetAsync(["new", "sln", "-n", "All", "--format", "sln"], null, "src")).EnsureSuccess();
        (await workspace.Sandbox.DotnetAsync(["sln", "add", "HelloConsole", "HelloWeb", "HelloWeb.Greetings", "Tests"], null, "src"))
            .EnsureSuccess();
        var result = (await workspace.Sandbox.DotnetAsync(
            ["publish", "All.sln", "-p:ContainerPublish=true", $"-p:ContainerRegistry={registry}", $"-p:ContainerBaseImage={Testbed.Get(Server.BaseAspNet)}"],
            null,
            "src")).EnsureSuccess();

        Assert.Contains($"HelloConsole -> {registry}/helloconsole:latest@sha256:", result.Output, StringComparison.Ordinal);
        Assert.Contains($"HelloWeb -> {registry}/helloweb:latest@sha256:", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.Output.Split("@sha256:").Length - 1);
        Assert.DoesNotContain("warning", result.Output, StringComparison.OrdinalIgnoreCase);
    }
}
