using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>What the checks know of applications that are published as real ones are, on bases that are real ones.</summary>
public sealed class FitTests
{
    [RequiresFact(Server.Registry, Server.BaseRuntimeDeps, Server.BaseBusybox)]
    public async Task A_glibc_application_on_a_musl_base_is_told_apart()
    {
        using var workspace = await Workspace.CreateAsync("fit-musl");
        string[] options = ["-r", "linux-x64", "--self-contained"];
        var name = Workspace.UniqueName("fit-musl");

        // Healthy first: the same application on a base that has what it needs.
        var healthy = await workspace.PublishAsync(
            "HelloConsole", [.. options, .. Workspace.To(Testbed.Get(Server.Registry), name, Testbed.Get(Server.BaseRuntimeDeps), "good")]);
        Assert.DoesNotContain("CTZ6", healthy.Output, StringComparison.Ordinal);

        var warned = await workspace.TryPublishAsync(
            "HelloConsole", [.. options, .. Workspace.To(Testbed.Get(Server.Registry), name, Testbed.Get(Server.BaseBusybox), "warned")]);
        warned.EnsureSuccess();
        Assert.Matches(@"warning CTZ6001: .*glibc.*musl.*--runtime linux-musl-x64", warned.Output);

        var refused = await workspace.TryPublishAsync(
            "HelloConsole",
            [.. options, "-p:ContainerChecks=Error", .. Workspace.To(
                Testbed.Get(Server.Registry), name, Testbed.Get(Server.BaseBusybox), "refused")]);
        refused.EnsureFailure();
        Assert.Contains("error CTZ6001: ", refused.Output, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => RemoteImage.GetAsync(Testbed.Get(Server.Registry), name, "refused"));
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.BaseRuntime, Server.BaseAspNet)]
    public async Task A_base_without_ICU_and_one_with_an_older_framework_have_their_codes()
    {
        using var workspace = await Workspace.CreateAsync("fit-trimmed");
        var registry = Testbed.Get(Server.Registry);
        var (trimmed, older) = (Workspace.UniqueName("no-icu"), Workspace.UniqueName("older"));
        // The bases are made by the tool itself: images from which something was taken away.
        var framework = await InBaseAsync("ls /usr/share/dotnet/shared/Microsoft.NETCore.App");
        var icu = (await InBaseAsync("ls -d /usr/lib/x86_64-linux-gnu/libicu*")).Replace('\n', ';');
        workspace.Sandbox.Write("src/Directory.Build.targets", $"""
            <Project>
              <ItemGroup Condition="'$(Without)' == 'icu'">
                <ContainerRemove Include="{icu}" />
              </ItemGroup>
              <ItemGroup Condition="'$(Without)' == 'framework'">
                <ContainerRemove Include="/usr/share/dotnet/shared/Microsoft.NETCore.App/{framework}" />
                <ContainerDirectory Include="/usr/share/dotnet/shared/Microsoft.NETCore.App/9.0.4" />
              </ItemGroup>
            </Project>
            """);
        await workspace.PublishAsync(
            "HelloConsole",
            ["-p:Without=icu", "-p:ContainerChecks=None", .. Workspace.To(registry, trimmed, Testbed.Get(Server.BaseRuntime))]);
        await workspace.PublishAsync(
            "HelloConsole",
            ["-p:Without=framework", "-p:ContainerChecks=None", .. Workspace.To(registry, older, Testbed.Get(Server.BaseRuntime))]);

        var name = Workspace.UniqueName("fit");
        var noIcu = await workspace.TryPublishAsync("HelloConsole", Workspace.To(registry, name, $"{registry}/{trimmed}:latest"));
        noIcu.EnsureSuccess();
        Assert.Matches("warning CTZ6005: .*ICU.*InvariantGlobalization", noIcu.Output);
        var invariant = await workspace.PublishAsync(
            "HelloConsole", ["-p:InvariantGlobalization=true", .. Workspace.To(registry, name, $"{registry}/{trimmed}:latest")]);
        Assert.DoesNotContain("CTZ6", invariant.Output, StringComparison.Ordinal);

        var old = await workspace.TryPublishAsync("HelloConsole", Workspace.To(registry, name, $"{registry}/{older}:latest"));
        old.EnsureSuccess();
        Assert.Matches(@"warning CTZ6009: .*Microsoft\.NETCore\.App 10\.0.*9\.0\.4", old.Output);
        // It is true: the container does not start.
        var run = await Engine.Docker.RunAsync("run", "--rm", "--network=none", $"{registry}/{name}:latest");
        Assert.NotEqual(0, run.ExitCode);

        var console = await workspace.TryPublishAsync("HelloWeb", Workspace.To(registry, name, Testbed.Get(Server.BaseRuntime)));
        console.EnsureSuccess();
        Assert.Matches(@"warning CTZ6009: .*Microsoft\.AspNetCore\.App", console.Output);
    }

    private static async Task<string> InBaseAsync(string script) =>
        (
            await Engine.Docker.RunAsync(
                "run",
                "--rm",
                "--network=none",
                "--entrypoint=/bin/sh",
                Testbed.Get(Server.BaseRuntime),
                "-c",
                script)).EnsureSuccess().StandardOutput.Trim();

    [Fact]
    public async Task A_single_file_is_read_by_what_it_was_made_from()
    {
        using var workspace = await Workspace.CreateAsync("fit");
        await File.WriteAllTextAsync(
            workspace.PathOf("HelloConsole", "Program.cs"),
            "Console.WriteLine(TimeZoneInfo.FindSystemTimeZoneById(args[0]) + await new HttpClient().GetStringAsync(args[1]));\n");

        var result = await workspace.TryPublishAsync(
            "HelloConsole",
            "-r",
            "linux-x64",
            "--self-contained",
            "false",
            "-p:PublishSingleFile=true",
            "-p:ContainerBaseImage=scratch",
            $"-p:ContainerOciLayoutPath={workspace.PathOf("out")}");

        result.EnsureSuccess();
        Assert.Contains(
            "warning CTZ6003: /app/HelloConsole cannot be started: the loader /lib64/ld-linux-x86-64.so.2 ",
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains("warning CTZ6009: The application needs Microsoft.NETCore.App ", result.Output, StringComparison.Ordinal);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(
            Directory.EnumerateFiles(workspace.PathOf("HelloConsole", "obj"), "plan.json", SearchOption.AllDirectories).Single()))!;
        Assert.DoesNotContain(
            plan["layers"]!.AsArray().SelectMany(layer => layer!["entries"]!.AsArray()),
            entry => ((string)entry!["path"]!).EndsWith(".dll", StringComparison.Ordinal));
        var needs = plan["needs"]!;
        Assert.True((bool)needs["isSingleFile"]!);
        Assert.Equal("Microsoft.NETCore.App", (string?)Assert.Single(needs["frameworks"]!.AsArray())!["name"]);
        foreach (var use in new[] { "openSslUser", "tlsClient", "timeZoneUser" })
            Assert.Equal("HelloConsole.dll", (string?)needs[use]);
    }
}
