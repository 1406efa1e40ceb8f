using System.Net;
using System.Net.Sockets;
using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>Docker or podman, as the testbed has them.</summary>
public sealed class Engine
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string _program;

    private Engine(string program) => _program = program;

    public static Engine Docker => new(Testbed.Get(Server.Docker));

    public static Engine Podman => new(Testbed.Get(Server.Podman));

    /// <summary>The folder of the engine's program, for PATH.</summary>
    public string Folder => Path.GetDirectoryName(_program)!;

    public static Engine Named(string name) => name == "docker" ? Docker : Podman;

    public async Task<ProcessResult> RunAsync(params string[] arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        return await ProcessRunner.RunAsync(new ProcessCommand(_program, arguments), limit.Token);
    }

    /// <summary>
    /// Pulls an image on the runtime's base, which stays when the image is removed: the next one takes its own layers only.
    /// </summary>
    public async Task PullAsync(string image)
    {
        (await RunAsync("pull", Testbed.Get(Server.BaseRuntime))).EnsureSuccess();
        (await RunAsync("pull", image)).EnsureSuccess();
    }

    /// <summary>Starts a web application and asks it; the container is gone afterwards.</summary>
    /// <returns>The answers, in order.</returns>
    public async Task<IReadOnlyList<string>> AskAsync(string image, params string[] paths)
    {
        var answers = new List<string>();
        await WithContainerAsync(image, async (_, port) =>
        {
            foreach (var path in paths)
                answers.Add(await Http.GetStringAsync($"http://127.0.0.1:{port}{path}"));
        });
        return answers;
    }

    /// <summary>Starts a web application and does something once it answers; the container is gone afterwards.</summary>
    public Task WithContainerAsync(string image, Func<string, Task> use) => WithContainerAsync(image, (container, _) => use(container));

    /// <summary>Waits until the engine says something of a container, which ends with it otherwise.</summary>
    public async Task WaitUntilAsync(string container, string format, string expected)
    {
        for (var attempt = 0; ; attempt++)
        {
            var told = (await RunAsync("inspect", "--format", format + " {{.State.Running}}", container))
                .EnsureSuccess().StandardOutput.Trim();
            if (told == $"{expected} true")
                return;
            if (attempt == 150 || !told.EndsWith(" true", StringComparison.Ordinal))
                throw new InvalidOperationException($"The container is '{told}': {(await RunAsync("logs", container)).Output}");
            await Task.Delay(200);
        }
    }

    private async Task WithContainerAsync(string image, Func<string, int, Task> use)
    {
        var port = FreePort();
        var started = (await RunAsync("run", "-d", "--network=host", "-e", $"ASPNETCORE_HTTP_PORTS={port}", image)).EnsureSuccess();
        var container = started.StandardOutput.Trim().Split('\n')[^1];
        try
        {
            await WaitUntilAnswersAsync(container, port);
            await use(container, port);
        }
        finally
        {
            await RunAsync("rm", "-f", "-v", container);
        }
    }

    private async Task WaitUntilAnswersAsync(string container, int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var _ = await Http.GetAsync($"http://127.0.0.1:{port}/");
                return;
            }
            catch (HttpRequestException e) when (attempt < 150)
            {
                var running = await RunAsync("inspect", "--format", "{{.State.Running}}", container);
                if (running.StandardOutput.Trim() != "true")
                    throw new InvalidOperationException($"The container ended: {(await RunAsync("logs", container)).Output}", e);
                await Task.Delay(200);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
