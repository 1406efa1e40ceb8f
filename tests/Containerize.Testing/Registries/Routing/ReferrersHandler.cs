using System.Text.Json.Nodes;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>
/// GET of <c>/v2/&lt;name&gt;/referrers/&lt;digest&gt;</c> (distribution-spec, "Listing Referrers", end-12). An empty list is 200.
/// </summary>
internal sealed class ReferrersHandler(RegistryStorage storage, TestRegistryOptions options)
{
    public Task InvokeAsync(HttpContext context, RegistryRoute route)
    {
        if (!options.ReferrersApi)
            throw RegistryException.NotFound("UNSUPPORTED", "There is no referrers API.");
        if (!HttpMethods.IsGet(context.Request.Method))
            throw RegistryException.MethodNotAllowed();
        if (!ContentDigest.IsValid(route.Reference))
            throw RegistryException.Bad("DIGEST_INVALID", $"'{route.Reference}' is not a digest.");

        var filter = (string?)context.Request.Query["artifactType"];
        if (filter is not null)
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        var referrers = (storage.Find(route.Repository)?.Manifests ?? [])
            .Select(manifest => (Manifest: manifest, References: ManifestReferences.Read(manifest.Content)))
            .Where(pair => pair.References.Subject == route.Reference && (filter is null || pair.References.ArtifactType == filter))
            .Select(pair => Describe(pair.Manifest, pair.References));
        return JsonResponse.WriteAsync(
            context,
            StatusCodes.Status200OK,
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = ManifestMediaTypes.OciIndex,
                ["manifests"] = new JsonArray([.. referrers]),
            },
            ManifestMediaTypes.OciIndex);
    }

    private static JsonObject Describe(StoredManifest manifest, ManifestReferences references)
    {
        var descriptor = new JsonObject
        {
            ["mediaType"] = manifest.MediaType,
            ["digest"] = manifest.Digest,
            ["size"] = manifest.Content.Length,
            ["artifactType"] = references.ArtifactType,
        };
        if (references.Annotations.Count > 0)
            descriptor["annotations"] = new JsonObject(
                references.Annotations.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        return descriptor;
    }
}
