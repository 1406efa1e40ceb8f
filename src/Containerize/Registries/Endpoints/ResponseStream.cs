namespace Containerize.Registries.Endpoints;

/// <summary>A body that is read by somebody who knows nothing of HTTP: failures of the connection become sentences.</summary>
internal sealed class ResponseStream(HttpResponseMessage response, Stream inner, RegistryCall call) : OnePassStream
{
    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (RegistryCaller.Failed(e, call, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (Exception e) when (RegistryCaller.Failed(e, call, CancellationToken.None) is { } failure)
        {
            throw failure;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
