namespace Containerize.Tests.Support;

/// <summary>Gives ten bytes and fails then, as a download does that turns out to be damaged.</summary>
internal sealed class HalfStream(Exception? failure = null) : MemoryStream(new byte[10])
{
    public override int Read(Span<byte> buffer) => Checked(base.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Checked(base.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Checked(await base.ReadAsync(buffer, cancellationToken));

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        await destination.WriteAsync(new byte[10], cancellationToken);
        Checked(0);
    }

    private int Checked(int count) => count > 0 ? count : throw failure ?? new InvalidDataException("damaged");
}
