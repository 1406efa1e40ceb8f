using System.Globalization;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>GET of <c>/v2/&lt;name&gt;/tags/list</c>, in pages (distribution-spec, "Listing Tags", end-8).</summary>
internal sealed class TagHandler(RegistryStorage storage, TestRegistryOptions options)
{
    public Task InvokeAsync(HttpContext context, RegistryRoute route)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
            throw RegistryException.MethodNotAllowed();
        if (storage.Find(route.Repository) is not { } repository)
            throw RegistryException.NotFound("NAME_UNKNOWN", "repository name not known to registry");

        var last = (string?)context.Request.Query["last"];
        var tags = repository.Tags.Where(tag => last is null || string.CompareOrdinal(tag, last) > 0).ToList();
        var size = PageSize(context.Request.Query["n"]);
        if (tags.Count > size)
        {
            tags = tags[..size];
            if (size > 0)
            {
                var next = string.Create(
                    CultureInfo.InvariantCulture, $"/v2/{route.Repository}/tags/list?last={Uri.EscapeDataString(tags[^1])}&n={size}");
                context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
            }
        }
        return JsonResponse.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["name"] = route.Repository,
            ["tags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]),
        });
    }

    private int PageSize(string? requested)
    {
        var limit = options.MaximumTagsPage ?? int.MaxValue;
        if (requested is null)
            return limit;
        return int.TryParse(requested, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? Math.Min(size, limit)
            : throw RegistryException.Bad("PAGINATION_NUMBER_INVALID", "n is not a number.");
    }
}
