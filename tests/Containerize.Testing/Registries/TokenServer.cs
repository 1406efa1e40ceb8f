using System.Collections.Concurrent;
using System.Net;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Containerize.Testing.Registries;

/// <summary>
/// A token server in this process for a registry that is none of ours: its tokens are signed, so that a registry which trusts
/// <see cref="CertificatePem"/> takes them. It records what it was asked.
/// </summary>
public sealed class TokenServer : ITokenIssuer, IAsyncDisposable
{
    /// <summary>Who signs the tokens, as a registry's settings have it.</summary>
    public const string Issuer = "test token server";

    /// <summary>For which service the tokens are.</summary>
    public const string Service = "test registry";

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(200);

    private readonly WebApplication _app;
    private readonly JsonWebTokens _tokens = new(Issuer, Service);
    private readonly TokenEndpoint _endpoint;
    private readonly TestRegistryAuth.Bearer _options;
    private readonly ConcurrentQueue<string> _issued = new();
    private ListenOptions? _listener;

    private TokenServer(TestRegistryAuth.Bearer options)
    {
        _options = options;
        _endpoint = new TokenEndpoint(options, this, TimeProvider.System, () => Service);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => _listener = listener));
        _app = builder.Build();
        _app.Run(InvokeAsync);
    }

    /// <summary>Where tokens are asked for.</summary>
    public string Realm => $"http://{_listener!.EndPoint}{TokenEndpoint.Path}";

    /// <summary>The certificate of the key that tokens are signed with.</summary>
    public string CertificatePem => _tokens.CertificatePem;

    /// <summary>Whether a token with these rights has expired an hour before it is given out. Asked once for each token.</summary>
    public Func<IReadOnlyList<AccessScope>, bool> IsExpired { get; set; } = _ => false;

    /// <summary>What it was asked, in the order of arrival.</summary>
    public IReadOnlyList<TokenRequest> Requests => _endpoint.Requests;

    /// <summary>All tokens that it has given out.</summary>
    public IReadOnlyCollection<string> Issued => _issued;

    /// <summary>Starts one.</summary>
    public static async Task<TokenServer> StartAsync(TestRegistryAuth.Bearer options)
    {
        var server = new TokenServer(options);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>A token without asking for one: what an administrator hands out.</summary>
    public string Issue(string user, params IEnumerable<string> scopes) =>
        ((ITokenIssuer)this).Issue(user, [.. scopes.Select(scope => AccessScope.Parse(scope)!)], _options.Lifetime);

    /// <inheritdoc/>
    string ITokenIssuer.Issue(string? user, IReadOnlyList<AccessScope> granted, TimeSpan lifetime)
    {
        var token = _tokens.Issue(user, granted, IsExpired(granted) ? TimeSpan.FromHours(-1) : lifetime);
        _issued.Enqueue(token);
        return token;
    }

    /// <summary>Forgets the requests so far, as after the preparations of a test.</summary>
    public void ClearRequests() => _endpoint.ClearRequests();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(ShutdownTimeout);
        await _app.StopAsync(timeout.Token);
        await _app.DisposeAsync();
        _tokens.Dispose();
    }

    private async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await (
                context.Request.Path == TokenEndpoint.Path
                    ? _endpoint.InvokeAsync(context)
                    : throw RegistryException.NotFound("NOT_FOUND", "Tokens are elsewhere."));
        }
        catch (RegistryException exception)
        {
            await exception.WriteAsync(context);
        }
    }
}
