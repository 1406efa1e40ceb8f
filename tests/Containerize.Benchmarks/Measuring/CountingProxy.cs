using System.Net.Http.Headers;
using Containerize.Testing.Registries.Recording;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Containerize.Benchmarks.Measuring;

/// <summary>
/// Passes everything on to a registry and counts it. Clients keep its name, so the registry's redirections come here as well.
/// </summary>
public sealed class CountingProxy : IAsyncDisposable
{
    // Those that are about a connection, not about a message (RFC 9110, 7.6.1); and the server has its own Server and Date.
    private static readonly HashSet<string> OwnHeaders = new(
        ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Server", "Date"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker _client = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
    private readonly string _registry;
    private readonly WebApplication _server;
    private long _requests;
    private long _up;
    private long _down;

    private CountingProxy(string registry)
    {
        _registry = registry;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        _server = builder.Build();
        _server.Run(PassOnAsync);
    }

    /// <summary>Where it listens, as <c>host:port</c>.</summary>
    public string Host => new Uri(_server.Urls.First()).Authority;

    /// <summary>What was counted since <see cref="Reset"/>.</summary>
    public Traffic Traffic => new(Interlocked.Read(ref _requests), Interlocked.Read(ref _up), Interlocked.Read(ref _down));

    /// <summary>Starts one.</summary>
    /// <param name="registry">The registry, as <c>host:port</c>.</param>
    public static async Task<CountingProxy> StartAsync(string registry)
    {
        var proxy = new CountingProxy(registry);
        await proxy._server.StartAsync();
        return proxy;
    }

    /// <summary>Counts from zero again.</summary>
    public void Reset()
    {
        Interlocked.Exchange(ref _requests, 0);
        Interlocked.Exchange(ref _up, 0);
        Interlocked.Exchange(ref _down, 0);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private async Task PassOnAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        using var request = Request(context.Request);
        using var response = await _client.SendAsync(request, context.RequestAborted);

        context.Response.StatusCode = (int)response.StatusCode;
        Copy(response.Headers, context.Response.Headers);
        Copy(response.Content.Headers, context.Response.Headers);
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await using var body = new CountingStream(
            await response.Content.ReadAsStreamAsync(context.RequestAborted), count => Interlocked.Add(ref _down, count));
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private HttpRequestMessage Request(HttpRequest from)
    {
        var target = $"http://{_registry}{from.PathBase}{from.Path}{from.QueryString}";
        var request = new HttpRequestMessage(new HttpMethod(from.Method), target);
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(new CountingStream(from.Body, count => Interlocked.Add(ref _up, count)));
        else if (from.ContentLength == 0)
            request.Content = new ByteArrayContent([]);
        foreach (var (name, values) in from.Headers)
        {
            // With its Host, the client's name for the proxy, the registry makes the addresses that it sends back.
            if (!OwnHeaders.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return request;
    }

    private static void Copy(HttpHeaders from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (!OwnHeaders.Contains(name))
                to[name] = values.ToArray();
        }
    }
}
