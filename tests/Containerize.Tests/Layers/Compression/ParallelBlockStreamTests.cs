using System.IO.Compression;
using Containerize.Layers.Compression;
using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace Containerize.Tests.Layers.Compression;

public sealed class ParallelBlockStreamTests
{
    private const int MiB = 1024 * 1024;

    public static TheoryData<int> Sizes => [0, 1, 511, MiB - 1, MiB, MiB + 1, 2 * MiB, (3 * MiB) + (MiB / 2)];

    public static TheoryData<CompressionMethod, int> MethodsAndSizes
    {
        get
        {
            var data = new TheoryData<CompressionMethod, int>();
            foreach (var size in (int[])[0, 1, 511, MiB - 1, MiB, MiB + 1, 2 * MiB, (3 * MiB) + (MiB / 2)])
                data.Add(CompressionMethod.Gzip, size);
            foreach (var size in (int[])[0, 1, 511, (4 * MiB) - 1, 4 * MiB, (4 * MiB) + 1, (9 * MiB) + (MiB / 2)])
                data.Add(CompressionMethod.Zstd, size);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task It_inflates_to_what_was_written(int size)
    {
        var content = Content(size);
        var compressed = await CompressAsync(content, threads: 2, chunk: 100_000);

        using (var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress))
            Assert.Equal(content, ReadAll(gzip));
        // Another implementation, which checks the CRC and the length of the trailer by itself.
        using (var gzip = new GZipInputStream(new MemoryStream(compressed)))
            Assert.Equal(content, ReadAll(gzip));
        Assert.Equal((uint)size, BitConverter.ToUInt32(compressed, compressed.Length - 4));
        Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32(content), BitConverter.ToUInt32(compressed, compressed.Length - 8));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4 * MiB, 1)]
    [InlineData((4 * MiB) + 1, 2)]
    [InlineData((9 * MiB) + (MiB / 2), 3)]
    public async Task Zstd_frames_unpack_to_what_was_written(int size, int frames)
    {
        var content = Content(size);
        var compressed = await CompressAsync(content, threads: 2, chunk: 100_000, CompressionMethod.Zstd);

        using (var zstd = new DecompressionStream(new MemoryStream(compressed)))
            Assert.Equal(content, ReadAll(zstd));
        var starts = Enumerable.Range(0, compressed.Length - 3)
            .Where(at => compressed.AsSpan(at, 4).SequenceEqual((byte[])[0x28, 0xb5, 0x2f, 0xfd])).ToList();
        Assert.Equal(frames, starts.Count);
        // RFC 8878, 3.1.1.1.1: bit 2 of the frame's descriptor is the checksum's.
        Assert.All(starts, start => Assert.NotEqual(0, compressed[start + 4] & 4));
    }

    [Fact]
    public async Task A_damaged_zstd_frame_is_noticed()
    {
        var compressed = await CompressAsync(Content(MiB), 1, MiB, CompressionMethod.Zstd);
        compressed[^1] ^= 1;

        using var zstd = new DecompressionStream(new MemoryStream(compressed));
        Assert.Throws<ZstdException>(() => ReadAll(zstd));
    }

    [Theory]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Zstd)]
    public async Task A_higher_level_gives_fewer_bytes(CompressionMethod method)
    {
        var content = Content(MiB);
        Assert.True((await CompressAsync(content, 2, MiB, method, 9)).Length < (await CompressAsync(content, 2, MiB, method, 1)).Length);
    }

    [Theory]
    [MemberData(nameof(MethodsAndSizes))]
    public async Task Neither_threads_nor_the_size_of_writes_change_a_byte(CompressionMethod method, int size)
    {
        var content = Content(size);
        var expected = await CompressAsync(content, threads: 1, chunk: int.MaxValue, method);
        foreach (var (threads, chunk) in new[] { (1, 4096), (2, 65_536), (4, 1_000_003), (4, MiB), (0, 81_920), (2, MiB + 1) })
        {
            var actual = await CompressAsync(content, threads, chunk, method);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{threads} threads, writes of {chunk} bytes.");
        }
    }

    [Fact]
    public async Task Writing_synchronously_gives_the_same()
    {
        var content = Content(MiB + 12_345);
        using var output = new MemoryStream();
        await using (var gzip = new ParallelBlockStream(output, new GzipBlocks(6), 2, default))
        {
            gzip.Write(content, 0, 10);
            gzip.Write(content.AsSpan(10));
            await gzip.FinishAsync();
        }

        Assert.Equal(await CompressAsync(content, 2, 777_777), output.ToArray());
    }

    [Fact]
    public async Task Its_header_tells_nothing_of_time_or_machine() =>
        Assert.Equal([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], (await CompressAsync(Content(100), 1, 100))[..10]);

    [Fact]
    public async Task Nothing_is_still_a_whole_member() => Assert.Equal(
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        await CompressAsync([], 2, 1));

    [Fact]
    public async Task It_compresses()
    {
        var zeros = await CompressAsync(new byte[3 * MiB], 2, MiB);
        Assert.InRange(zeros.Length, 30, 20_000);
    }

    [Fact]
    public async Task The_output_stays_open()
    {
        using var output = new MemoryStream();
        await using (var gzip = new ParallelBlockStream(output, new GzipBlocks(6), 1, default))
            await gzip.FinishAsync();
        Assert.True(output.CanWrite);
    }

    [Fact]
    public async Task One_that_was_abandoned_is_not_whole()
    {
        using var output = new MemoryStream();
        await using (var gzip = new ParallelBlockStream(output, new GzipBlocks(6), 2, default))
            await gzip.WriteAsync(Content(2 * MiB));
        var length = output.Length;
        using var reader = new GZipInputStream(new MemoryStream(output.ToArray()));
        Assert.ThrowsAny<Exception>(() => ReadAll(reader));
        Assert.Equal(length, output.Length);
    }

    [Fact]
    public async Task The_outputs_failure_is_what_the_writer_sees()
    {
        // The header passes, then the disk is full, while the writer waits for a free place in the queue.
        using var output = new FullDisk(room: 10);
        await using var gzip = new ParallelBlockStream(output, new GzipBlocks(6), 1, default);
        var e = await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                var writing = gzip.WriteAsync(Content(MiB));
                if (i == 2)
                    output.Release(); // One block is being written, one is in the queue, and this one waits.
                await writing;
            }

            await gzip.FinishAsync();
        });
        Assert.Equal("The disk is full.", e.Message);
    }

    [Fact]
    public async Task The_outputs_failure_at_the_very_end_is_seen_too()
    {
        using var output = new FullDisk(room: 10);
        output.Release();
        await using var gzip = new ParallelBlockStream(output, new GzipBlocks(6), 1, default);
        var e = await Assert.ThrowsAsync<IOException>(async () =>
        {
            await gzip.WriteAsync(Content(100));
            await gzip.FinishAsync();
        });
        Assert.Equal("The disk is full.", e.Message);
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await using var gzip = new ParallelBlockStream(new MemoryStream(), new GzipBlocks(6), 1, cancelled.Token);
        await gzip.WriteAsync(Content(MiB / 2));
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            for (var i = 0; i < 20; i++)
                await gzip.WriteAsync(Content(MiB));
            await gzip.FinishAsync();
        });
    }

    internal static byte[] Content(int size)
    {
        // Half text, half noise: deflate has something to decide.
        var content = new byte[size];
        var random = new Random(size);
        for (var at = 0; at < size; at += 64)
        {
            var part = content.AsSpan(at, Math.Min(64, size - at));
            if (random.Next(2) == 0)
                random.NextBytes(part);
            else
                "the quick brown fox jumps over the lazy dog; the quick brown fox"u8[..part.Length].CopyTo(part);
        }

        return content;
    }

    private static async Task<byte[]> CompressAsync(
        byte[] content, int threads, int chunk, CompressionMethod method = CompressionMethod.Gzip, int? level = null)
    {
        var usual = LayerCompression.Of(method);
        var blocks = (usual with { Level = level ?? usual.Level }).Blocks()!;
        using var output = new MemoryStream();
        await using (var gzip = new ParallelBlockStream(output, blocks, threads, default))
        {
            for (var at = 0; at < content.Length; at += Math.Min(chunk, content.Length - at))
                await gzip.WriteAsync(content.AsMemory(at, Math.Min(chunk, content.Length - at)));
            await gzip.FinishAsync();
        }

        return output.ToArray();
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    /// <summary>A disk that takes so many bytes, and refuses the next when the test says so.</summary>
    private sealed class FullDisk(int room) : MemoryStream
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Length + buffer.Length > room)
            {
                await _released.Task;
                throw new IOException("The disk is full.");
            }

            Write(buffer.Span);
        }
    }
}
