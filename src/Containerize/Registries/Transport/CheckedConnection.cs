using System.Net;
using System.Net.Sockets;

namespace Containerize.Registries.Transport;

/// <summary>
/// Connects to hosts that a server has named. What their names mean is asked once, and the addresses that are looked at are those that are
/// connected to. Where a proxy stands between, it asks in our place, and only what is written can be looked at.
/// </summary>
/// <param name="resolve">Asks what a name means.</param>
/// <param name="proxy">The proxies of the same handler.</param>
internal sealed class CheckedConnection(Func<string, CancellationToken, Task<IPAddress[]>> resolve, IWebProxy proxy)
{
    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="RefusedAddressException">The name means link-local addresses alone, or such where clouds serve secrets.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, cancellationToken).ConfigureAwait(false);
        var allowed = IsProxy(context) ? addresses : [.. addresses.Where(address => !HostNetworks.IsMetadata(address))];
        if (allowed.Length == 0 && addresses.Length > 0)
            throw new RefusedAddressException($"'{host}' is at {addresses[0]}");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // SocketsHttpHandler opens a tunnel with a CONNECT of its own; plain http and SOCKS are begun by the request itself.
    private bool IsProxy(SocketsHttpConnectionContext context)
    {
        var request = context.InitialRequestMessage;
        return request.Method == HttpMethod.Connect
            || (request.RequestUri is { } uri && !proxy.IsBypassed(uri) && proxy.GetProxy(uri) is { } between
                && between.Port == context.DnsEndPoint.Port && CanonicalHost.Of(between) == CanonicalHost.Of(context.DnsEndPoint.Host));
    }
}

/// <summary>A name leads where it may not lead.</summary>
internal sealed class RefusedAddressException(string message) : IOException(message);
