using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Support;

namespace Containerize.Tests.Layers.Contents;

public sealed class ReadAlongLayerTests : IDisposable
{
    private static readonly TestLayer Root = TestLayer.Of(BaseImages.SmallRoot);

    // More than lies between two readers at once, also where the first one takes most at a time.
    private static readonly TestLayer Large = TestLayer.Of(TarItem.Directory("etc"), TarItem.File("etc/noise", Noise(4 * 1024 * 1024)));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Buffers => [1, 1000, 128 * 1024, 16 * 1024 * 1024];

    [Theory]
    [MemberData(nameof(Buffers))]
    public async Task The_bytes_pass_as_they_are_and_what_is_in_them_is_known_at_their_end(int buffer)
    {
        var layer = new MemoryLayer(buffer == 1 ? Root : Large);
        var along = new ReadAlongLayer(layer, Cache());
        Assert.Null(along.Contents);

        var bytes = await BytesAsync(along, buffer);

        Assert.Equal(buffer == 1 ? Root.Gzip : Large.Gzip, bytes);
        Assert.Equal(await LayerReader.ReadAsync(await layer.OpenAsync(default), default), along.Contents!, Same);
        Assert.Equal(along.Contents!, Cache().Find(layer.Descriptor.Digest)!, Same);
    }

    [Fact]
    public async Task It_says_what_the_layer_says()
    {
        var layer = new MemoryLayer(Root, source: new BlobSource("r.example", "base"));
        var along = new ReadAlongLayer(layer, Cache());
        Assert.Equal((layer.Descriptor, layer.DiffId, layer.Source), (along.Descriptor, along.DiffId, along.Source));
        await BytesAsync(along);
        Assert.Equal(1, layer.Opened);
    }

    [Fact]
    public async Task What_is_known_is_not_looked_at_again()
    {
        var along = new ReadAlongLayer(new MemoryLayer(Root), Cache());
        await BytesAsync(along);
        var contents = along.Contents;
        Assert.Equal(Root.Gzip, await BytesAsync(along));
        Assert.Same(contents, along.Contents);
    }

    /// <summary>A connection that breaks, or a build that is cancelled.</summary>
    [Theory]
    [InlineData("at once")]
    [InlineData("in the middle")]
    [InlineData("before its end is told")]
    public async Task Who_stops_early_has_learnt_nothing_and_may_begin_again(string when)
    {
        var layer = new MemoryLayer(Large);
        var along = new ReadAlongLayer(layer, Cache());
        await using (var stream = await along.OpenAsync(default))
            await stream.ReadExactlyAsync(new byte[when == "at once" ? 0 : when == "in the middle" ? 100_000 : Large.Gzip.Length]);
        Assert.Null(along.Contents);

        Assert.Equal(Large.Gzip, await BytesAsync(along));
        Assert.NotNull(along.Contents);
    }

    [Fact]
    public async Task Others_bytes_are_refused_as_ever_and_nothing_is_learnt_from_them()
    {
        var promised = new MemoryLayer(Root);
        var other = new MemoryLayer(
            promised.Descriptor, promised.DiffId, () => new VerifyingStream(new MemoryStream(Large.Gzip), promised.Descriptor.Digest, Large.Gzip.Length, "The layer"));
        var along = new ReadAlongLayer(other, Cache());
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => BytesAsync(along));
        Assert.Contains("The layer", e.Message, StringComparison.Ordinal);
        Assert.Null(along.Contents);
    }

    /// <summary>No tar, and a tar that is damaged at its beginning: the rest must not wait for somebody who reads no more.</summary>
    [Theory]
    [InlineData("no tar")]
    [InlineData("a damaged tar")]
    public async Task What_cannot_be_read_passes_all_the_same(string what)
    {
        var bytes = what == "no tar" ? Noise(8 * 1024 * 1024) : [.. Large.Tar[..600], .. Noise(8 * 1024 * 1024)];
        var layer = new MemoryLayer(new Descriptor(MediaTypes.OciLayer, Digest.Of(bytes), bytes.Length), Digest.Of(bytes), () => new MemoryStream(bytes));
        var along = new ReadAlongLayer(layer, Cache());
        Assert.Equal(bytes, await BytesAsync(along));
        Assert.Null(along.Contents);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_in_nobody_s_way()
    {
        File.WriteAllText(_folder["file"], "");
        var along = new ReadAlongLayer(new MemoryLayer(Root), new ContentsCache(_folder["file"], _folder["file"], TimeProvider.System));
        Assert.Equal(Root.Gzip, await BytesAsync(along));
        Assert.NotNull(along.Contents);
    }

    [Fact]
    public async Task It_can_be_cancelled_where_the_other_reader_is_slow()
    {
        using var cancelling = new CancellationTokenSource();
        using var stream = new ForkedStream(new MemoryStream(new byte[64]), _ => Task.Delay(Timeout.Infinite, cancelling.Token));
        var reading = Task.Run(async () =>
        {
            // A piece holds what is read at once.
            while (await stream.ReadAsync(new byte[1], cancelling.Token) > 0)
            {
            }
        });
        await Task.WhenAny(reading, Task.Delay(50));
        Assert.False(reading.IsCompleted);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private ContentsCache Cache() => new(_folder["cache"], _folder["own"], TimeProvider.System);

    private static bool Same(LayerContents one, LayerContents other) => one.Entries.SequenceEqual(other.Entries) && one.Texts.OrderBy(text => text.Key).SequenceEqual(other.Texts.OrderBy(text => text.Key));

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        bytes[0] = 1; // Not the first of any format's.
        return bytes;
    }

    private static async Task<byte[]> BytesAsync(ReadAlongLayer layer, int buffer = 81920)
    {
        await using var stream = await layer.OpenAsync(default);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, buffer);
        return bytes.ToArray();
    }
}
