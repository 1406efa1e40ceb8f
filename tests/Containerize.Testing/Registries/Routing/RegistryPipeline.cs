using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Registries.Recording;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>
/// The way of a request: recorded, then struck by a fault if one is due, then authorised, then handled. The token endpoint and
/// the blob host are part of it, told apart by the port (or the path, for a token endpoint on the registry's own host).
/// </summary>
internal sealed class RegistryPipeline(
    RegistryHosts hosts,
    RegistryStorage storage,
    FaultScript faults,
    Authenticator authenticator,
    TokenEndpoint? tokens,
    TestRegistryOptions options)
{
    private readonly BlobHandlers _blobs = new(storage, options, hosts);
    private readonly UploadHandlers _uploads = new(storage, options, hosts);
    private readonly ManifestHandlers _manifests = new(storage, options);
    private readonly TagHandler _tags = new(storage, options);
    private readonly ReferrersHandler _referrers = new(storage, options);
    private readonly BlobHost _blobHost = new(storage, options);

    public RequestLog RegistryLog { get; } = new();

    public RequestLog TokenLog { get; } = new();

    public RequestLog BlobHostLog { get; } = new();

    public Task InvokeAsync(HttpContext context)
    {
        var (log, handler) = Choose(context);
        return log.InvokeAsync(context, recorded => AnswerErrorsAsync(recorded, struck => faults.InvokeAsync(struck, handler)));
    }

    private (RequestLog Log, RequestDelegate Handler) Choose(HttpContext context)
    {
        var host = $"{context.Connection.LocalIpAddress}:{context.Connection.LocalPort}";
        if (tokens is not null && host == hosts.Token && context.Request.Path == TokenEndpoint.Path)
            return (TokenLog, WithErrors(tokens.InvokeAsync));
        if (host == hosts.Registry)
            return (RegistryLog, WithErrors(HandleAsync));
        return (BlobHostLog, WithErrors(_blobHost.InvokeAsync));
    }

    private Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        var route = RegistryRoute.Parse(context.Request.Path.Value ?? "");
        authenticator.Authorize(context.Request, route);
        RequestDelegate handler = authorised => HandleAsync(authorised, route);
        foreach (var quirk in options.Quirks.Reverse())
        {
            var inner = handler;
            handler = passed => quirk(passed, inner);
        }

        return handler(context);
    }

    private Task HandleAsync(HttpContext context, RegistryRoute route) => route.Kind switch
    {
        RouteKind.Ping => JsonResponse.WriteAsync(context, StatusCodes.Status200OK, new System.Text.Json.Nodes.JsonObject()),
        RouteKind.Blob => _blobs.InvokeAsync(context, route),
        RouteKind.UploadStart => _uploads.StartAsync(context, route),
        RouteKind.Upload => _uploads.InvokeAsync(context, route),
        RouteKind.Manifest => _manifests.InvokeAsync(context, route),
        RouteKind.Tags => _tags.InvokeAsync(context, route),
        RouteKind.Referrers => _referrers.InvokeAsync(context, route),
        _ => throw new InvalidOperationException($"No handler for {route.Kind}."),
    };

    /// <summary>Inside the faults, so that a fault that alters the body alters the errors' bodies as well.</summary>
    private static RequestDelegate WithErrors(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (RegistryException exception)
        {
            await exception.WriteAsync(context);
        }
    };

    /// <summary>A lost connection is no news; anything else is a mistake of the test registry's and should be seen in the answer.</summary>
    private static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or BadHttpRequestException)
        {
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await new RegistryException(StatusCodes.Status500InternalServerError, "UNKNOWN", exception.ToString()).WriteAsync(context);
        }
    }
}
