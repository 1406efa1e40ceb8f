using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    public static TheoryData<bool, int> Ways =>
        new() { { false, 1 }, { false, 7 }, { false, 999 }, { false, 1000 }, { false, 5000 }, { true, 7 }, { true, 1000 }, { true, 5000 } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Right_bytes_pass(bool synchronously, int chunk)
    {
        using var stream = Verifying(Content, Content);
        Assert.Equal(Content, await ReadAsync(stream, synchronously, chunk));
        Assert.Equal(1000, stream.Position);
        Assert.Equal(1000, stream.Length);
        Assert.Equal(0, stream.Read(new byte[1]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Fewer_bytes_fail(bool synchronously, int chunk)
    {
        using var stream = Verifying(Content[..^1], Content);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream, synchronously, chunk));
        Assert.Equal("The blob ended after 999 of 1000 bytes.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task More_bytes_fail(bool synchronously, int chunk)
    {
        using var stream = Verifying([.. Content, 1], Content);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream, synchronously, chunk));
        Assert.Equal("The blob is longer than the 1000 bytes that its descriptor promises.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Other_bytes_fail(bool synchronously, int chunk)
    {
        byte[] other = [.. Content[..^1], 99];
        using var stream = Verifying(other, Content);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream, synchronously, chunk));
        Assert.Equal($"The blob has the digest {Digest.Of(other)} instead of {Digest.Of(Content)}.", e.Message);
    }

    [Fact]
    public void Who_reads_exactly_the_promised_number_gets_only_verified_bytes()
    {
        byte[] other = [.. Content[..^1], 99];
        using var stream = Verifying(other, Content);
        Assert.Throws<InvalidDataException>(() => stream.ReadExactly(new byte[1000]));
    }

    [Fact]
    public void What_comes_behind_an_exact_read_is_found_as_well()
    {
        using var stream = Verifying([.. Content, 1], Content);
        stream.ReadExactly(new byte[1000]);
        Assert.Throws<InvalidDataException>(() => stream.ReadByte());
    }

    [Fact]
    public void A_failure_is_found_again_by_who_tries_again()
    {
        using var stream = Verifying([], Content);
        Assert.Throws<InvalidDataException>(() => stream.ReadByte());
        Assert.Throws<InvalidDataException>(() => stream.ReadByte());
    }

    [Fact]
    public void Nothing_is_verified_too()
    {
        using (var right = Verifying([], []))
            Assert.Equal(-1, right.ReadByte());
        using (var wrong = new VerifyingStream(new MemoryStream(), Digest.Of(Content), 0, "The blob"))
            Assert.Throws<InvalidDataException>(() => wrong.ReadByte());
    }

    [Fact]
    public void A_read_of_nothing_is_not_the_end()
    {
        using var stream = Verifying(Content, Content);
        Assert.Equal(0, stream.Read([]));
        Assert.Equal(Content[0], stream.ReadByte());
    }

    [Fact]
    public void The_source_is_closed_with_it()
    {
        var source = new MemoryStream(Content);
        new VerifyingStream(source, Digest.Of(Content), Content.Length, "The blob").Dispose();
        Assert.False(source.CanRead);
    }

    private static VerifyingStream Verifying(byte[] sent, byte[] promised) =>
        new(new MemoryStream(sent), Digest.Of(promised), promised.Length, "The blob");

    private static async Task<byte[]> ReadAsync(VerifyingStream stream, bool synchronously, int chunk)
    {
        using var all = new MemoryStream();
        var buffer = new byte[chunk];
        int count;
        while ((count = synchronously ? stream.Read(buffer, 0, chunk) : await stream.ReadAsync(buffer)) > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }
}
