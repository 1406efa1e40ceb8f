using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>
/// The host that blobs are redirected to, in the manner of an object store: the address carries its own permission, and an
/// Authorization header beside it is an error (S3: "Only one auth mechanism allowed").
/// </summary>
internal sealed class BlobHost(RegistryStorage storage, TestRegistryOptions options)
{
    private const string Prefix = "/objects/";
    private const string Permission = "?X-Signature=c2lnbmVk%2BIQ%3D%3D";

    /// <summary>Path and query of a blob on this host.</summary>
    public static string TargetOf(string repository, string digest) => $"{Prefix}{repository}/{digest}{Permission}";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Authorization.Count > 0)
            throw RegistryException.Bad("InvalidArgument", "Only one auth mechanism allowed.");
        if (request.QueryString.Value != Permission)
            throw new RegistryException(StatusCodes.Status403Forbidden, "AccessDenied", "The address's signature was changed.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            throw RegistryException.MethodNotAllowed();
        var path = request.Path.Value ?? "";
        var slash = path.LastIndexOf('/');
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)
            || slash < Prefix.Length
            || storage.FindBlob(path[Prefix.Length..slash], path[(slash + 1)..]) is not { } content)
            throw RegistryException.NotFound("NoSuchKey", "There is no such object.");
        return BlobContent.WriteAsync(context, content, options.RangeRequests);
    }
}
