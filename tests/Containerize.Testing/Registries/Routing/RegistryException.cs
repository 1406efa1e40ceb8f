using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>An answer that ends a request: an error of distribution-spec, "Error Codes", with its code and status.</summary>
internal sealed class RegistryException(int status, string code, string message, params IReadOnlyList<(string Name, string Value)> headers)
    : Exception(message)
{
    public static RegistryException NotFound(string code, string message) => new(StatusCodes.Status404NotFound, code, message);

    public static RegistryException Bad(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    /// <summary>What the error is about, where it is about several things: each is told as an error of its own.</summary>
    public IReadOnlyList<string> Messages { get; private init; } = [message];

    public static RegistryException Bad(string code, IReadOnlyList<string> messages) =>
        new(StatusCodes.Status400BadRequest, code, string.Join(' ', messages)) { Messages = messages };

    public static RegistryException MethodNotAllowed() =>
        new(StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", "The operation is unsupported.");

    public Task WriteAsync(HttpContext context)
    {
        foreach (var (name, value) in headers)
            context.Response.Headers.Append(name, value);
        return JsonResponse.WriteAsync(context, status, new JsonObject
        {
            ["errors"] = new JsonArray([.. Messages.Select(each => new JsonObject { ["code"] = code, ["message"] = each })]),
        });
    }
}
