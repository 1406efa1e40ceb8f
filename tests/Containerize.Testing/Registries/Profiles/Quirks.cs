using Containerize.Testing.Registries.Faults;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Profiles;

/// <summary>Habits of registries that nothing in the specification tells, each as a step that every authorised request passes.</summary>
internal static class Quirks
{
    /// <summary>No uploads in chunks (Google). One PATCH without a range, as docker and skopeo send it, is none.</summary>
    public static FaultAction WithoutChunks { get; } = (context, next) =>
        HttpMethods.IsPatch(context.Request.Method) && context.Request.Headers.ContentRange.Count > 0
        ? RefuseAsync(context, 400, "UNSUPPORTED", "chunked upload is not supported")
        : next(context);

    /// <summary>PATCH is answered with 201 (Amazon ECR).</summary>
    public static FaultAction PatchIsCreated { get; } = async (context, next) =>
    {
        if (HttpMethods.IsPatch(context.Request.Method))
        {
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode == StatusCodes.Status202Accepted)
                    context.Response.StatusCode = StatusCodes.Status201Created;
                return Task.CompletedTask;
            });
        }

        await next(context);
    };

    /// <summary>Who sends a session's cookie back is taken for a browser, and needs more than the cookie to write (Harbor).</summary>
    public static FaultAction CookiesNeedMore { get; } = (context, next) =>
    {
        context.Response.Headers.Append("Set-Cookie", "sid=3f0ae2; Path=/; HttpOnly");
        return context.Request.Headers.Cookie.Count > 0 && !HttpMethods.IsGet(context.Request.Method)
            && !HttpMethods.IsHead(context.Request.Method)
            ? RefuseAsync(context, 403, "FORBIDDEN", "CSRF token not found in request")
            : next(context);
    };

    /// <summary>A push that says what it accepts is refused (Artifactory).</summary>
    public static FaultAction PushesWithoutAccept { get; } = (context, next) =>
        context.Request.Headers.Accept.Count > 0 && !HttpMethods.IsGet(context.Request.Method)
            && !HttpMethods.IsHead(context.Request.Method)
            ? RefuseAsync(context, 406, "UNSUPPORTED", "Not Acceptable")
            : next(context);

    /// <summary>HEAD of a manifest is 403 (Artifactory's RTFACT-13797).</summary>
    public static FaultAction ManifestsWithoutHead { get; } = (context, next) =>
        HttpMethods.IsHead(context.Request.Method) && context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal)
            ? RefuseAsync(context, 403, "DENIED", "")
            : next(context);

    /// <summary>A mount that does not say where from is refused (Quay).</summary>
    public static FaultAction MountsOnlyFrom { get; } = (context, next) =>
        context.Request.Query.ContainsKey("mount") && !context.Request.Query.ContainsKey("from")
            ? RefuseAsync(context, 400, "NAME_INVALID", "from parameter is missing")
            : next(context);

    /// <summary>A mount from a project that is not there is 401, and never an upload session (Harbor).</summary>
    public static FaultAction MountsFromProjects(Func<string, bool> exists) => (context, next) =>
        (string?)context.Request.Query["from"] is { } from && !exists(from)
            ? RefuseAsync(context, 401, "UNAUTHORIZED", $"project {from.Split('/')[0]} not found")
            : next(context);

    private static Task RefuseAsync(HttpContext context, int status, string code, string message) =>
        new Routing.RegistryException(status, code, message).WriteAsync(context);
}
