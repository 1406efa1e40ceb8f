using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Containerize.Testing;

/// <summary>A docker-registry of a test's own, configured as it needs it, which it may kill and start again on the same data.</summary>
public sealed class OwnRegistry : IDisposable
{
    private readonly string _config;
    private Process? _process;
    private volatile TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _answers;

    /// <summary>Prepares one; it does not run yet.</summary>
    /// <param name="folder">Where its data and its config lie.</param>
    /// <param name="http">What else stands below <c>http</c> in the config, as a line of YAML.</param>
    /// <param name="storage">What else stands below <c>storage</c>.</param>
    /// <param name="root">What else stands in the config.</param>
    public OwnRegistry(string folder, string http = "", string storage = "", string root = "")
    {
        Directory.CreateDirectory(folder);
        Host = $"127.0.0.1:{FreePort()}";
        _config = Path.Combine(folder, "config.yml");
        File.WriteAllText(_config, $$"""
            version: 0.1
            storage:
              filesystem: {rootdirectory: "{{Path.Combine(folder, "data")}}"}
              {{storage}}
            http:
              addr: "{{Host}}"
              {{http}}
            {{root}}
            """);
    }

    /// <summary>Where it listens, as <c>host:port</c>.</summary>
    public string Host { get; }

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(
            "docker-registry", ["serve", _config]) { RedirectStandardError = true, RedirectStandardOutput = true };
        _answers = 0;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Count(line.Data);
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPEndPoint.Parse(Host));
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"docker-registry does not listen on {Host}.");
    }

    /// <summary>Waits until it has given so many answers since it was started.</summary>
    public async Task WaitForAnswersAsync(int count)
    {
        while (true)
        {
            var next = _answered.Task;
            if (Volatile.Read(ref _answers) >= count)
                return;
            await next;
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();

    // A line for each answer, as Apache writes them; what else it says goes to the standard error.
    private void Count(string? line)
    {
        if (line?.Contains(" HTTP/1.1\" ", StringComparison.Ordinal) != true)
            return;
        Interlocked.Increment(ref _answers);
        Interlocked.Exchange(ref _answered, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
