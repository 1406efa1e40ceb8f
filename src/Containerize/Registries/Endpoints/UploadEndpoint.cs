using System.Collections.Concurrent;
using System.Net;
using Containerize.Images;
using Containerize.Registries.Authentication;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Endpoints;

/// <summary>
/// <c>/v2/&lt;name&gt;/blobs/uploads/</c> (distribution-spec end-4, end-6, end-11): mount, or POST and one PUT, which is
/// the fewest requests and the one way that every registry accepts (Google Artifact Registry knows no chunks).
/// </summary>
internal sealed class UploadEndpoint(RepositoryContext context, InsecureHosts insecure, TimeProvider clock)
{
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(5);

    // Sessions that a registry opened instead of mounting: the upload that follows continues there.
    private readonly ConcurrentDictionary<Digest, Uri> _opened = new();

    public async Task<bool> TryMountAsync(Digest digest, string fromRepository, CancellationToken cancellationToken)
    {
        // Always with "from": quay answers 400 without, and only repositories of the same registry can be named there.
        using var request = context.Request(
            HttpMethod.Post,
            $"blobs/uploads/?mount={Uri.EscapeDataString(digest.ToString())}&from={Uri.EscapeDataString(fromRepository)}",
            $"a mount of the blob {digest} from '{fromRepository}' into '{context.Name}'",
            alsoNeeded: Scope.Pull(fromRepository));
        request.Content = new ByteArrayContent([]); // Content-Length: 0, which some proxies insist on.
        using var opening = new DelayedCancellation(clock, cancellationToken);
        try
        {
            using var response = await context.Caller.SendAsync(request, opening.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Accepted && LocationOf(response) is { } session)
                _opened[digest] = session;
            if (response.StatusCode == HttpStatusCode.Created)
                context.State.Mounts = true;
            // Whatever else it says (Harbor 401, Docker Hub 400 or 401 for repositories that may not be read), a mount
            // only saves an upload. If the registry is in real trouble, the upload tells.
            return response.StatusCode == HttpStatusCode.Created;
        }
        catch (RegistryException e) when (e.Failure is RegistryFailure.Unauthorized or RegistryFailure.Denied or RegistryFailure.NotFound)
        {
            return false;
        }
    }

    public async Task UploadAsync(
        Descriptor blob, Func<CancellationToken, Task<Stream>> open, bool isDoubted, CancellationToken cancellationToken)
    {
        await context.State.Uploads.WaitAsync(cancellationToken).ConfigureAwait(false);
        var upload = new Upload(
            context, LocationOf, blob, open, CancelAsync, clock, _opened.TryRemove(blob.Digest, out var opened) ? opened : null, isDoubted);
        try
        {
            using var response = await context.Caller.RetryAsync(upload.Call, upload.AttemptAsync, cancellationToken).ConfigureAwait(false);
            // 202 would mean that the blob is not complete.
            if (response.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.NoContent or HttpStatusCode.OK))
                throw await RegistryCaller.RefusedAsync(response, cancellationToken).ConfigureAwait(false);
            if (response.ContentDigest is { } stored && stored != blob.Digest)
                throw context.Invalid($"The registry '{context.Host}' stored the blob {blob.Digest} as {stored}.");
        }
        catch (SourceFailedException e)
        {
            e.Failure.Throw();
        }
        finally
        {
            context.State.Uploads.Release();
            if (upload.Session is { } abandoned)
                await CancelAsync(abandoned).ConfigureAwait(false);
        }
    }

    /// <summary>Gives up the session that came with a refused mount.</summary>
    public Task DiscardAsync(Digest digest) => _opened.TryRemove(digest, out var session) ? CancelAsync(session) : Task.CompletedTask;

    /// <summary>
    /// Where an upload goes on. It is resolved and never rebuilt: its query may hold a state or a signature.
    /// </summary>
    private Uri? LocationOf(HttpResponseMessage response)
    {
        var from = response.RequestMessage!.RequestUri!;
        if (Addresses.Resolve(from, response.Location) is not { } location)
            return null;
        return context.Host.Owns(location) || DestinationGuard.Refuse(context.Host, insecure, from, location) is not { } reason
            ? location
            : throw new RegistryException(
                RegistryFailure.Misdirected,
                $"The registry '{context.Host}' wants an upload to go to '{CanonicalHost.AuthorityOf(location)}', which is not done: "
                    + $"{reason}.",
                context.Host.Name,
                context.Name,
                response.StatusCode);
    }

    /// <summary>Tells the registry that an upload will not go on. The caller does not wait, and a failure is ignored.</summary>
    private async Task CancelAsync(Uri session)
    {
        if (!context.Host.Owns(session))
            return;
        // The caller's token is often the reason for being here.
        using var limit = new CancellationTokenSource(CancelLimit, clock);
        using var request = context.Request(HttpMethod.Delete, session, "the end of an upload", retriedByCaller: true);
        try
        {
            using var response = await context.Caller.SendAsync(request, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RegistryException or OperationCanceledException)
        {
            // The registry discards sessions by itself after a while.
        }
    }
}
