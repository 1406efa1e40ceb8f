namespace Containerize.Hosting;

/// <summary>
/// Reads small files that a user or a machine has named: credentials, certificates, lists of registries. What has such a name may be a pipe
/// without a writer, a file of a network that is gone, or a device without an end; so there is a limit on the bytes and one on the time.
/// </summary>
internal static class UserFile
{
    // As long as a credential helper has.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The content; by what comes, and not by its length: a pipe has none, and a device any.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="clock">Tells when it takes too long; the system's if null.</param>
    /// <exception cref="IOException">It is not there, cannot be read, is too large, or does not end within half a minute.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, int limit, TimeProvider? clock = null) =>
        ReadAsync(path, limit, clock, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc cref="Read"/>
    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="clock">Tells when it takes too long; the system's if null.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<byte[]> ReadAsync(string path, int limit, TimeProvider? clock, CancellationToken cancellationToken)
    {
        var content = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Of its own: opening a pipe waits for a writer, which no cancellation ends, and the pool's threads are others' too.
        var thread = new Thread(
            () => Complete(content, path, limit)) { IsBackground = true, Name = "Containerize: " + Path.GetFileName(path) };
        thread.Start();
        try
        {
            return await content.Task.WaitAsync(Limit, clock ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"it has not been read to its end within {Limit.TotalSeconds:0} seconds", e);
        }
    }

    private static void Complete(TaskCompletionSource<byte[]> content, string path, int limit)
    {
        try
        {
            content.TrySetResult(ForeignFile.ReadAnyKind(path, limit) ?? throw new IOException($"it has more than {limit} bytes"));
        }
        catch (Exception e)
        {
            content.TrySetException(e);
        }
    }
}
