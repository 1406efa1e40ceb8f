using System.Buffers;

namespace Containerize.Registries.Transport;

/// <summary>The beginning of what a server says of an error: a message needs no more.</summary>
internal static class AnswerStart
{
    /// <summary>Bytes.</summary>
    public const int Limit = 64 * 1024;

    /// <summary>Reads it. A body can be read only once, and is closed by that.</summary>
    public static async Task<byte[]> ReadAsync(HttpContent body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Limit);
        try
        {
            var stream = await body.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var count = await stream.ReadAtLeastAsync(
                    buffer.AsMemory(0, Limit), Limit, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                return buffer[..count];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
