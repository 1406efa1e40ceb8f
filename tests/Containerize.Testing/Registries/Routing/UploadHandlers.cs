using System.Globalization;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>
/// Uploads (distribution-spec, "Pushing blobs", end-4 to end-6, end-11, end-13, end-14). The address of an upload carries a state
/// that changes with every chunk; a chunk sent to an old address, or one that does not begin where the last one ended, is 416.
/// </summary>
internal sealed class UploadHandlers(RegistryStorage storage, TestRegistryOptions options, RegistryHosts hosts)
{
    /// <summary>POST: begins an upload, or mounts a blob.</summary>
    public Task StartAsync(HttpContext context, RegistryRoute route)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
            throw RegistryException.MethodNotAllowed();
        if (options.MissingRepository is { } missing && storage.Find(route.Repository) is null)
            throw missing.Of(route.Repository);
        var mount = context.Request.Query["mount"].ToString();
        var from = context.Request.Query["from"].ToString();
        if (mount.Length > 0 && options.Mount == MountBehaviour.Refused)
            throw RegistryException.Bad("UNSUPPORTED", "This registry does not mount.");
        if (mount.Length > 0 && options.Mount == MountBehaviour.Supported && storage.TryMount(mount, from, route.Repository))
            return Created(context, route.Repository, mount);
        if (options.MinimumChunk is { } minimum)
            context.Response.Headers["OCI-Chunk-Min-Length"] = minimum.ToString(CultureInfo.InvariantCulture);
        return Accepted(context, route.Repository, storage.BeginUpload(route.Repository), StatusCodes.Status202Accepted);
    }

    /// <summary>PATCH, PUT, GET and DELETE of an upload.</summary>
    public async Task InvokeAsync(HttpContext context, RegistryRoute route)
    {
        if (storage.Find(route.Repository)?.Uploads.GetValueOrDefault(route.Reference) is not { } upload)
            throw RegistryException.NotFound("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
        if (!upload.Issued(context.Request.Query["_state"].ToString()))
            throw RegistryException.NotFound("BLOB_UPLOAD_INVALID", "The upload's state is not one that this registry gave out.");
        switch (context.Request.Method)
        {
            case "PATCH":
                await AppendAsync(context, route.Repository, upload);
                await Accepted(context, route.Repository, upload, StatusCodes.Status202Accepted);
                break;
            case "PUT":
                await FinishAsync(context, route.Repository, upload);
                break;
            case "GET":
                await Accepted(context, route.Repository, upload, StatusCodes.Status204NoContent);
                break;
            case "DELETE":
                Forget(route.Repository, upload);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                throw RegistryException.MethodNotAllowed();
        }
    }

    private async Task AppendAsync(HttpContext context, string repository, UploadSession upload)
    {
        var request = context.Request;
        if (request.ContentLength > options.MaximumBody)
            throw new RegistryException(StatusCodes.Status413PayloadTooLarge, "SIZE_INVALID", "request entity too large");
        if (HttpMethods.IsPatch(request.Method) && options.MinimumChunk is { } minimum && request.ContentLength < minimum)
            upload.HasShortChunk = upload.HasShortChunk ? throw new RegistryException(StatusCodes.Status416RangeNotSatisfiable, "SIZE_INVALID", "A chunk before the last was too short.") : true;
        if (request.Query["_state"].ToString() != upload.State)
            throw OutOfOrder(repository, upload, "This address belongs to an earlier chunk.");
        if ((string?)request.Headers.ContentRange is { } header)
        {
            if (ByteRange.FromChunk(header) is not { } range)
                throw RegistryException.Bad("BLOB_UPLOAD_INVALID", $"'{header}' is not of the form <start>-<end>.");
            if (range.First != upload.Length)
                throw OutOfOrder(repository, upload, $"The chunk {header} does not follow the last one.");
            if (request.ContentLength is { } length && length != range.Length)
                throw new RegistryException(StatusCodes.Status400BadRequest, "SIZE_INVALID", $"{header} is not {length} bytes.");
        }
        await upload.AppendAsync(request.Body, context.RequestAborted);
    }

    private async Task FinishAsync(HttpContext context, string repository, UploadSession upload)
    {
        var digest = context.Request.Query["digest"].ToString();
        if (!ContentDigest.IsValid(digest))
            throw RegistryException.Bad("DIGEST_INVALID", $"'{digest}' is not a digest.");
        var before = upload.Length;
        try
        {
            await AppendAsync(context, repository, upload);
        }
        catch (Exception exception) when (exception is not RegistryException)
        {
            // The client cannot know how much of a last chunk came through: it may send it again to the same address.
            if (!options.KeepsBrokenUploads)
                upload.TruncateTo(before);
            throw;
        }
        Forget(repository, upload);
        var content = upload.ToArray();
        if (ContentDigest.Of(content) != digest)
            throw RegistryException.Bad("DIGEST_INVALID", $"provided digest {digest} did not match uploaded content");
        storage.PutBlob(repository, content);
        await Created(context, repository, digest);
    }

    private void Forget(string repository, UploadSession upload) => storage.Find(repository)?.Uploads.TryRemove(upload.Id, out _);

    private Task Created(HttpContext context, string repository, string digest)
    {
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = Address($"/v2/{repository}/blobs/{digest}");
        context.Response.Headers["Docker-Content-Digest"] = digest;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private Task Accepted(HttpContext context, string repository, UploadSession upload, int status)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in Position(repository, upload))
            context.Response.Headers[name] = value;
        context.Response.Headers["Docker-Upload-UUID"] = upload.Id;
        if (status != StatusCodes.Status204NoContent)
            context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private RegistryException OutOfOrder(string repository, UploadSession upload, string message) =>
        new(StatusCodes.Status416RangeNotSatisfiable, "BLOB_UPLOAD_INVALID", message, Position(repository, upload));

    private (string Name, string Value)[] Position(string repository, UploadSession upload) =>
    [
        ("Location", Address($"/v2/{repository}/blobs/uploads/{upload.Id}?_state={Uri.EscapeDataString(upload.State)}")),
        // Of an empty upload docker-registry says 0-0 too: the header cannot say "nothing".
        ("Range", string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, upload.Length - 1)}")),
    ];

    private string Address(string path) => options.AbsoluteLocations ? hosts.RegistryAddress + path : path;
}
