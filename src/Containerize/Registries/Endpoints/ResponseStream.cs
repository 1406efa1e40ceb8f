namespace Containerize.Registries.Endpoints;

/// <summary>
/// A body whose reader knows nothing of HTTP. Where the connection breaks it is taken up again; what cannot be
/// mended becomes a sentence.
/// </summary>
internal sealed class ResponseStream : OnePassStream
{
    // Five attempts in all, as for everything that is asked of a registry.
    private const int Resumptions = 4;

    private readonly Func<long, CancellationToken, Task<BodyPart>> _resume;
    private BodyPart _body;
    private long _position;
    private int _resumed;

    /// <summary>Wraps a body.</summary>
    /// <param name="body">The body from its beginning; disposed with this.</param>
    /// <param name="resume">Asks for it again, from a position on.</param>
    public ResponseStream(BodyPart body, Func<long, CancellationToken, Task<BodyPart>> resume)
    {
        _body = body;
        _resume = resume;
    }

    public override bool CanRead => true;

    // What a server without ranges has sent before.
    private int Known(int wanted) => (int)Math.Min(wanted, _position - _body.Start);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var known = Known(buffer.Length);
                var count = await _body.Content.ReadAsync(known > 0 ? buffer[..known] : buffer, cancellationToken).ConfigureAwait(false);
                if (IsNew(count, known))
                    return count;
                continue;
            }
            catch (Exception e) when (RegistryCaller.Failed(e, _body.Call, cancellationToken) is { } failure)
            {
                if (failure.Failure != RegistryFailure.Unreachable || _resumed++ == Resumptions)
                    throw failure;
            }

            _body.Dispose();
            _body = await _resume(_position, cancellationToken).ConfigureAwait(false);
        }
    }

    // Nothing is resumed here: a synchronous reader cannot wait for another request.
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            try
            {
                var known = Known(buffer.Length);
                var count = _body.Content.Read(known > 0 ? buffer[..known] : buffer);
                if (IsNew(count, known))
                    return count;
            }
            catch (Exception e) when (RegistryCaller.Failed(e, _body.Call, CancellationToken.None) is { } failure)
            {
                throw failure;
            }
        }
    }

    private bool IsNew(int count, int known)
    {
        _body = _body with { Start = _body.Start + count };
        if (known > 0 && count > 0)
            return false;
        _position += count;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A body, or the rest of one.</summary>
/// <param name="Response">The answer that it came with.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Start">Where in the whole the next of its bytes belongs.</param>
internal sealed record BodyPart(HttpResponseMessage Response, Stream Content, long Start) : IDisposable
{
    public RegistryCall Call => Response.RequestMessage!.Call;

    public void Dispose()
    {
        Content.Dispose();
        Response.Dispose();
    }
}
