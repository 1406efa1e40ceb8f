using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>What items ask for, as engines understand it.</summary>
public sealed class ItemTests
{
    private const string Items = """
        <Project>
          <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloWeb'">
            <ContainerHealthcheck Include="dotnet;/app/HelloWeb.dll;--healthcheck" Interval="1s" Timeout="20s" StartPeriod="30s" Retries="3" />
            <ContainerDirectory Include="/var/lib/hello" Owner="1654" Mode="0750" />
            <ContainerVolume Include="/var/lib/hello" />
            <ContainerFile Include="appsettings.json" Path="/etc/hello/" Owner="0:1654" Mode="0640" />
            <ContainerSymlink Include="/usr/local/bin/hello" LinkTarget="/app/HelloWeb.dll" />
            <ContainerEnvironmentVariable Include="PATH" Value="$PATH:/opt/tools" />
            <ContainerRemove Include="/etc/debian_version" />
          </ItemGroup>
        </Project>
        """;

    // What the container says of itself, to compare with what was asked for.
    private const string Script = """
        stat -c '%n %a %u:%g' /var/lib/hello /etc/hello/appsettings.json
        readlink /usr/local/bin/hello
        touch /var/lib/hello/x && rm /var/lib/hello/x && echo writable
        ls -d /etc/debian_version 2>/dev/null || echo removed
        echo "${PATH##*:}"
        """;

    [RequiresTheory(Server.Registry, Server.Docker, Server.Podman, Server.BaseAspNet)]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task Are_what_the_container_then_has(string name)
    {
        using var workspace = await Workspace.CreateAsync("items");
        workspace.Sandbox.Write("src/Directory.Build.targets", Items);
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("items"));
        await workspace.PublishAsync(
            "HelloWeb", ["-p:ContainerStopSignal=SIGINT", .. Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet))]);
        var (engine, image) = (Engine.Named(name), $"{registry}/{repository}:latest");
        (await engine.RunAsync("pull", image)).EnsureSuccess();

        var health = name == "docker" ? ".Config.Healthcheck" : ".HealthCheck";
        var inspected = (
            await engine.RunAsync(
                "inspect",
                "--format",
                $"{{{{json .Config.Volumes}}}} {{{{.Config.StopSignal}}}} {{{{json {health}}}}}",
                image)).EnsureSuccess().StandardOutput.Trim().Split(' ', 3);
        Assert.Equal(("""{"/var/lib/hello":{}}""", "SIGINT"), (inspected[0], inspected[1]));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""{"Test":["CMD","dotnet","/app/HelloWeb.dll","--healthcheck"],"Interval":1000000000,"Timeout":20000000000,"StartPeriod":30000000000,"Retries":3}"""),
                JsonNode.Parse(inspected[2])),
            inspected[2]);

        var said = (await engine.RunAsync("run", "--rm", "--network=none", "--entrypoint", "/bin/sh", image, "-c", Script)).EnsureSuccess();
        Assert.Equal(
            ["/var/lib/hello 750 1654:1654", "/etc/hello/appsettings.json 640 "
                + "0:1654", "/app/HelloWeb.dll", "writable", "removed", "/opt/tools"],
            said.StandardOutput.Trim().Split('\n'));
        await engine.WithContainerAsync(image, async container =>
        {
            await AssertHealthAsync(engine, name, container);
            (await engine.RunAsync("stop", "-t", "60", container)).EnsureSuccess();
            Assert.Contains("Application is shutting down", (await engine.RunAsync("logs", container)).Output, StringComparison.Ordinal);
            Assert.Equal("0", (await engine.RunAsync("inspect", "--format", "{{.State.ExitCode}}", container)).StandardOutput.Trim());
        });
    }

    // With neither a shell nor curl: the program asks itself.
    private static async Task AssertHealthAsync(Engine engine, string name, string container)
    {
        Assert.Equal(
            1,
            (
                await engine.RunAsync(
                    "exec", "-e", "ASPNETCORE_HTTP_PORTS=1", container, "dotnet", "/app/HelloWeb.dll", "--healthcheck")).ExitCode);
        // Podman leaves the timer to systemd, which is not everywhere, but can be asked for one check.
        if (name == "podman")
            (await engine.RunAsync("healthcheck", "run", container)).EnsureSuccess();
        else
            await engine.WaitUntilAsync(container, "{{.State.Health.Status}}", "healthy");
    }
}
