using System.Globalization;
using System.Net;
using System.Runtime.ExceptionServices;
using Containerize.Images;

namespace Containerize.Registries.Endpoints;

/// <summary>
/// One blob on its way: POST and one PUT; where the registry does not take so much at once, PATCH by PATCH. A later attempt goes
/// on where the registry says that it stopped, else from the start.
/// </summary>
/// <param name="context">The repository.</param>
/// <param name="locationOf">Reads the session's address from an answer.</param>
/// <param name="blob">What is sent.</param>
/// <param name="open">Opens its bytes, once for every time they are sent.</param>
/// <param name="giveUp">Tells the registry that a session will not go on.</param>
/// <param name="clock">The time.</param>
/// <param name="opened">A session that is open already, for the first attempt; or null.</param>
/// <param name="isDoubted">Whether the registry has said that it holds blobs which it does not hold.</param>
internal sealed class Upload(
    RepositoryContext context,
    Func<HttpResponseMessage, Uri?> locationOf,
    Descriptor blob,
    Func<CancellationToken, Task<Stream>> open,
    Func<Uri, Task> giveUp,
    TimeProvider clock,
    Uri? opened,
    bool isDoubted)
{
    // Bytes. Amazon ECR takes no smaller ones except for the last, and has refused larger ones.
    private const int ChunkSize = 5 * 1024 * 1024;

    // What a registry may ask for at least; more would not be a chunk any more.
    private const int LargestChunk = 64 * 1024 * 1024;

    // Bytes. Asking how far a smaller one has come takes as long as sending it.
    private const long ResumeThreshold = 1024 * 1024;

    private bool _repeated;
    private int? _chunkSize;
    private int _smallestChunk;

    /// <summary>The upload as a whole, for messages.</summary>
    public RegistryCall Call { get; } = context.Call(HttpMethod.Put, $"the upload of the blob {blob.Digest} to '{context.Name}'");

    /// <summary>The session that is open at the registry, if any.</summary>
    public Uri? Session { get; private set; } = opened;

    /// <summary>One attempt; the answer is the last one that came, or that of the request that failed.</summary>
    public async Task<HttpResponseMessage> AttemptAsync(CancellationToken cancellationToken)
    {
        if (_repeated)
        {
            // The answer to the last attempt may have been lost, not the blob: asking is cheaper than sending.
            if (!isDoubted && await ExistsAsync(cancellationToken).ConfigureAwait(false) is { } exists)
                return Ended(exists);
            if (await ResumeAsync(cancellationToken).ConfigureAwait(false) is { } resumed)
                return resumed;
        }
        else
        {
            _repeated = true;
            if (Session is not null)
            {
                var answer = await SendBlobAsync(0, cancellationToken).ConfigureAwait(false);
                // 404: the session that came with a mount's refusal has expired.
                if (answer.StatusCode != HttpStatusCode.NotFound && !await NeedsChunksAsync(answer).ConfigureAwait(false))
                    return answer;
                answer.Dispose();
            }
        }

        while (true)
        {
            if (await StartAsync(cancellationToken).ConfigureAwait(false) is { } refused)
                return refused;
            var answer = await SendBlobAsync(0, cancellationToken).ConfigureAwait(false);
            if (!await NeedsChunksAsync(answer).ConfigureAwait(false))
                return answer;
            answer.Dispose();
        }
    }

    // A proxy in front of a registry often takes less in one request than the registry itself.
    private async Task<bool> NeedsChunksAsync(HttpResponseMessage answer)
    {
        var size = Math.Max(ChunkSize, _smallestChunk);
        if (answer.StatusCode != HttpStatusCode.RequestEntityTooLarge || _chunkSize is not null || blob.Size <= size)
            return false;
        _chunkSize = size;
        if (Session is { } refused)
            await giveUp(refused).ConfigureAwait(false);
        return true;
    }

    /// <summary>Opens a session; the answer where the registry opens none.</summary>
    private async Task<HttpResponseMessage?> StartAsync(CancellationToken cancellationToken)
    {
        // A session whose PUT failed is in an unknown state; there is no going on with it.
        Session = null;
        using var request = context.Request(HttpMethod.Post, "blobs/uploads/", Call.What, retriedByCaller: true);
        request.Content = new ByteArrayContent([]);
        using var opening = new DelayedCancellation(clock, cancellationToken);
        var started = await SendAsync(request, opening.Token).ConfigureAwait(false);
        if (!started.IsSuccessStatusCode)
            return started;
        using (started)
        {
            Session = locationOf(started)
                ?? throw context.Invalid($"The registry '{context.Host}' accepted {Call.What} but gave no address for it.");
            // distribution-spec, "Pushing a blob in chunks".
            _smallestChunk = started.Headers.NonValidated.TryGetValues("OCI-Chunk-Min-Length", out var values)
                && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                ? Math.Min(length, LargestChunk)
                : 0;
            return null;
        }
    }

    private Task<HttpResponseMessage> SendBlobAsync(long from, CancellationToken cancellationToken) => _chunkSize is { } size
        ? SendChunksAsync(from, Math.Max(size, _smallestChunk), cancellationToken)
        : PutAsync(new BlobContent(open, blob.Size, from), from, cancellationToken);

    private async Task<HttpResponseMessage> PutAsync(HttpContent content, long from, CancellationToken cancellationToken)
    {
        var session = Session!;
        var separator = session.Query.Length == 0 ? '?' : '&';
        var address = Transport.Addresses.Exactly($"{session.AbsoluteUri}{separator}digest={Uri.EscapeDataString(blob.Digest.ToString())}");
        using var request = context.Request(HttpMethod.Put, address, Call.What, retriedByCaller: true);
        request.Content = content;
        if (from > 0 && content.Headers.ContentLength > 0)
            AddRange(content, from, blob.Size - from);
        try
        {
            return Ended(await SendAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception) when (content is BlobContent { SourceFailure: { } failure })
        {
            throw new SourceFailedException(failure);
        }
    }

    private async Task<HttpResponseMessage> SendChunksAsync(long from, int size, CancellationToken cancellationToken)
    {
        var source = await FromSourceAsync(() => open(cancellationToken)).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            // Kept, so that it can be sent again after a 401 or a redirect.
            var buffer = new byte[size];
            for (var skipped = 0L; skipped < from;)
            {
                var count = await ReadAsync(
                    source, buffer.AsMemory(0, (int)Math.Min(buffer.Length, from - skipped)), cancellationToken).ConfigureAwait(false);
                skipped += count > 0 ? count : throw Short(skipped);
            }

            while (true)
            {
                // At the end it reads further than that: a source that verifies itself does so there.
                var count = await ReadAsync(source, buffer, cancellationToken).ConfigureAwait(false);
                if (from + count > blob.Size || (count == 0 && from < blob.Size))
                    throw Short(from + count);
                if (count == 0)
                    return await PutAsync(new ByteArrayContent([]), from, cancellationToken).ConfigureAwait(false);
                using var request = context.Request(HttpMethod.Patch, Session!, Call.What, retriedByCaller: true);
                request.Content = new ReadOnlyMemoryContent(buffer.AsMemory(0, count));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
                AddRange(request.Content, from, count);
                var answer = await SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (!answer.IsSuccessStatusCode)
                    return answer;
                using (answer)
                    Session = locationOf(answer) ?? Session;
                from += count;
            }
        }
    }

    /// <summary>Goes on where the registry says that the last attempt has come to; null where it does not say, or does not go on.</summary>
    private async Task<HttpResponseMessage?> ResumeAsync(CancellationToken cancellationToken)
    {
        if (Session is not { } session || blob.Size < ResumeThreshold || !context.Host.Owns(session))
            return null;
        using var request = context.Request(HttpMethod.Get, session, Call.What, retriedByCaller: true);
        long from;
        using (var status = await SendAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (status.StatusCode != HttpStatusCode.NoContent || ReceivedOf(status) is not { } received || received > blob.Size)
                return null;
            Session = locationOf(status) ?? session;
            from = received;
        }

        var answer = await SendBlobAsync(from, cancellationToken).ConfigureAwait(false);
        // Whatever it has against going on, it may take the blob from the start.
        if ((int)answer.StatusCode is < 400 or >= 500
            || answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout)
            return answer;
        answer.Dispose();
        return null;
    }

    /// <summary>
    /// How many bytes a registry has (distribution-spec end-13): <c>0-99</c> is 100. <c>0-0</c> is what they say of none.
    /// </summary>
    private static long? ReceivedOf(HttpResponseMessage status) =>
        status.Headers.NonValidated.TryGetValues("Range", out var values)
        && values.ToString() is var range && range.LastIndexOf('-') is > 0 and var dash
        && long.TryParse(range.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > 0
            ? last + 1
            : null;

    // Not HTTP's own form, "bytes 0-99/100": the specification's is "0-99", and Azure's registry refuses the other.
    private static void AddRange(HttpContent content, long from, long count) =>
        content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{from}-{from + count - 1}"));

    private async Task<HttpResponseMessage?> ExistsAsync(CancellationToken cancellationToken)
    {
        using var request = context.Request(HttpMethod.Head, "blobs/" + blob.Digest, Call.What, retriedByCaller: true);
        var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
            return response;
        response.Dispose();
        return null;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await context.Caller.SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        Call.Authentication = request.Call.Authentication;
        return response;
    }

    // After a success there is no session any more that could be given up.
    private HttpResponseMessage Ended(HttpResponseMessage answer)
    {
        if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.NoContent or HttpStatusCode.OK)
            Session = null;
        return answer;
    }

    private static async Task<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellationToken) =>
        await FromSourceAsync(
            () => source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .AsTask()).ConfigureAwait(false);

    private static async Task<T> FromSourceAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new SourceFailedException(ExceptionDispatchInfo.Capture(e));
        }
    }

    private SourceFailedException Short(long actual) => new(ExceptionDispatchInfo.Capture(BlobContent.WrongLength(actual, blob.Size)));
}

/// <summary>Carries a failure of the source past everything that would take it for one of the connection.</summary>
internal sealed class SourceFailedException(
    ExceptionDispatchInfo failure) : Exception(failure.SourceException.Message, failure.SourceException)
{
    public ExceptionDispatchInfo Failure { get; } = failure;
}
