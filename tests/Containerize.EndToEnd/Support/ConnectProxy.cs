using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Containerize.EndToEnd.Support;

/// <summary>
/// A proxy that knows CONNECT (RFC 9110, 9.3.6), for which every host is this machine: so names that nobody has can be talked to.
/// </summary>
public sealed class ConnectProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public ConnectProxy()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>The hosts that it was asked for, each with its port.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = ServeAsync(client, _end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var _ = client;
        try
        {
            var near = client.GetStream();
            var head = await HeadAsync(near, cancellationToken);
            var host = head.Split(' ')[1];
            _asked.Enqueue(host);
            using var server = new TcpClient();
            await server.ConnectAsync(
                IPAddress.Loopback, int.Parse(host.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
            var far = server.GetStream();
            await near.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), cancellationToken);
            await Task.WhenAny(near.CopyToAsync(far, cancellationToken), far.CopyToAsync(near, cancellationToken));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }

    private static async Task<string> HeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, cancellationToken) > 0)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
