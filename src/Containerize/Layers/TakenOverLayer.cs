using Containerize.Images;

namespace Containerize.Layers;

/// <summary>
/// A layer that the destination has, and that is nowhere else: its bytes are wanted only where the destination has lost them. They are made
/// again then from the files, as long as the same compression makes the same bytes of them.
/// </summary>
/// <param name="there">The layer as the destination has it.</param>
/// <param name="rebuild">Makes its bytes; null where other ones come out.</param>
internal sealed class TakenOverLayer(ILayer there, Func<CancellationToken, Task<ILayer?>> rebuild) : ILayer
{
    public Descriptor Descriptor => there.Descriptor;

    public Digest DiffId => there.DiffId;

    public BlobSource? Source => there.Source;

    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await there.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (await rebuild(cancellationToken).ConfigureAwait(false) is not { } own)
                throw;
            return await own.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
