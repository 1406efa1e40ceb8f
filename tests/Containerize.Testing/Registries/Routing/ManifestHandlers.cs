using System.Text.Json;
using System.Text.RegularExpressions;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>
/// HEAD, GET, PUT and DELETE of <c>/v2/&lt;name&gt;/manifests/&lt;reference&gt;</c> (distribution-spec, end-3, end-7 and end-9).
/// </summary>
internal sealed partial class ManifestHandlers(RegistryStorage storage, TestRegistryOptions options)
{
    // The least that a registry has to take (distribution-spec, "Pushing Manifests"), and what docker-registry takes at most.
    private const int MaximumLength = 4 * 1024 * 1024;

    public Task InvokeAsync(HttpContext context, RegistryRoute route)
    {
        if (!ContentDigest.IsValid(route.Reference) && !Tag().IsMatch(route.Reference))
            throw RegistryException.Bad("TAG_INVALID", $"'{route.Reference}' is neither a digest nor a tag.");
        return context.Request.Method switch
        {
            "GET" or "HEAD" => ReadAsync(context, route),
            "PUT" => PutAsync(context, route),
            "DELETE" => DeleteAsync(context, route),
            _ => throw RegistryException.MethodNotAllowed(),
        };
    }

    private async Task ReadAsync(HttpContext context, RegistryRoute route)
    {
        if (storage.Find(route.Repository)?.FindManifest(route.Reference) is not { } manifest)
            throw RegistryException.NotFound("MANIFEST_UNKNOWN", $"manifest unknown: {route.Reference}");
        if (!Accepts(context.Request, manifest.MediaType))
            throw RegistryException.NotFound("MANIFEST_UNKNOWN", $"{manifest.MediaType} found, but accept header does not support it");
        context.Response.ContentType = manifest.MediaType;
        context.Response.ContentLength = manifest.Content.Length;
        context.Response.Headers["Docker-Content-Digest"] = manifest.Digest;
        context.Response.Headers.ETag = $"\"{manifest.Digest}\"";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(manifest.Content, context.RequestAborted);
    }

    private async Task PutAsync(HttpContext context, RegistryRoute route)
    {
        // Exactly: ECR compares the header with the document's mediaType, and parameters such as a charset break that.
        var mediaType = context.Request.ContentType;
        if (mediaType is null || !ManifestMediaTypes.All.Contains(mediaType))
            throw RegistryException.Bad("MANIFEST_INVALID", $"'{mediaType}' is not the type of a manifest.");
        var content = await ReadBodyAsync(context);
        if (ContentDigest.IsValid(route.Reference) && ContentDigest.Of(content) != route.Reference)
            throw RegistryException.Bad("DIGEST_INVALID", "provided digest did not match uploaded content");

        var references = Read(content, mediaType);
        if (options.ImmutableTags is { } immutable && storage.Find(route.Repository)?.FindManifest(route.Reference) is { } there
            && there.Digest != ContentDigest.Of(content))
            throw immutable.Of(route.Repository, route.Reference);
        var repository = storage.GetOrCreate(route.Repository);
        var missing = references.Blobs.Where(digest => !repository.Blobs.ContainsKey(digest))
            .Concat(references.Manifests.Where(digest => repository.FindManifest(digest) is null)).ToList();
        if (missing.Count > 0)
            throw RegistryException.Bad("MANIFEST_BLOB_UNKNOWN", [.. missing.Select(digest => $"blob unknown to registry: {digest}")]);

        var manifest = repository.PutManifest(ContentDigest.IsValid(route.Reference) ? null : route.Reference, mediaType, content);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = $"/v2/{route.Repository}/manifests/{manifest.Digest}";
        context.Response.Headers["Docker-Content-Digest"] = manifest.Digest;
        if (options.ReferrersApi && references.Subject is { } subject)
            context.Response.Headers["OCI-Subject"] = subject;
        if (options.TagsTogether && ContentDigest.IsValid(route.Reference))
            PutTags(context, repository, manifest);
    }

    private static void PutTags(HttpContext context, RepositoryContent repository, StoredManifest manifest)
    {
        foreach (var tag in context.Request.Query["tag"].OfType<string>().Where(tag => Tag().IsMatch(tag)))
        {
            repository.PutManifest(tag, manifest.MediaType, manifest.Content);
            context.Response.Headers.Append("OCI-Tag", tag);
        }
    }

    private Task DeleteAsync(HttpContext context, RegistryRoute route)
    {
        var isDigest = ContentDigest.IsValid(route.Reference);
        if (!isDigest && !options.TagDelete)
            throw RegistryException.Bad("DIGEST_INVALID", "Only a digest can be deleted.");
        var repository = storage.Find(route.Repository);
        var removed = repository is not null
            && (isDigest ? repository.RemoveManifest(route.Reference) : repository.RemoveTag(route.Reference));
        if (!removed)
            throw RegistryException.NotFound("MANIFEST_UNKNOWN", "manifest unknown");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.Length <= MaximumLength
            ? buffer.ToArray()
            : throw new RegistryException(StatusCodes.Status413PayloadTooLarge, "MANIFEST_INVALID", "The manifest is larger than 4 MiB.");
    }

    private static ManifestReferences Read(byte[] content, string mediaType)
    {
        try
        {
            var references = ManifestReferences.Read(content);
            return references.MediaType is null || references.MediaType == mediaType
                ? references
                : throw RegistryException.Bad("MANIFEST_INVALID", $"mediaType is {references.MediaType}, Content-Type {mediaType}.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw RegistryException.Bad("MANIFEST_INVALID", $"manifest invalid: {exception.Message}");
        }
    }

    /// <summary>
    /// docker-registry 2.8 looks for the very name: a wildcard does not accept an OCI manifest there. For Docker's types it is
    /// milder (it converts them to schema 1); here they are asked for by name as well.
    /// </summary>
    private static bool Accepts(HttpRequest request, string mediaType) => request.Headers.Accept
        .SelectMany(value => (value ?? "").Split(','))
        .Any(value => string.Equals(value.Split(';')[0].Trim(), mediaType, StringComparison.OrdinalIgnoreCase));

    // distribution-spec, "Pulling manifests": the grammar of a tag.
    [GeneratedRegex(@"\A[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z")]
    private static partial Regex Tag();
}
