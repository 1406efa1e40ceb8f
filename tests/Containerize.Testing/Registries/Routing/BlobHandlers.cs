using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>HEAD, GET and DELETE of <c>/v2/&lt;name&gt;/blobs/&lt;digest&gt;</c> (distribution-spec, end-2 and end-10).</summary>
internal sealed class BlobHandlers(RegistryStorage storage, TestRegistryOptions options, RegistryHosts hosts)
{
    public Task InvokeAsync(HttpContext context, RegistryRoute route)
    {
        if (!ContentDigest.IsValid(route.Reference))
            throw RegistryException.Bad("DIGEST_INVALID", $"'{route.Reference}' is not a digest.");
        if (storage.FindBlob(route.Repository, route.Reference) is not { } content)
            throw RegistryException.NotFound("BLOB_UNKNOWN", "blob unknown to registry");

        switch (context.Request.Method)
        {
            case "GET" when options.RedirectBlobs:
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = hosts.BlobsAddress + BlobHost.TargetOf(route.Repository, route.Reference);
                context.Response.ContentLength = 0;
                return Task.CompletedTask;
            case "GET" or "HEAD":
                context.Response.Headers["Docker-Content-Digest"] = route.Reference;
                context.Response.Headers.ETag = $"\"{route.Reference}\"";
                return BlobContent.WriteAsync(context, content, options.RangeRequests);
            case "DELETE":
                storage.Find(route.Repository)?.Blobs.TryRemove(route.Reference, out _);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.ContentLength = 0;
                return Task.CompletedTask;
            default:
                throw RegistryException.MethodNotAllowed();
        }
    }
}
