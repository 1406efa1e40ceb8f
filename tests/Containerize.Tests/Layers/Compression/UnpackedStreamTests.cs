using Containerize.Fuzz.Worst;
using Containerize.Layers.Compression;
using Containerize.Tests.Support;
using CsCheck;
using ZstdSharp;

namespace Containerize.Tests.Layers.Compression;

/// <summary>The one place that unpacks foreign bytes, and how much of them it gives.</summary>
public sealed class UnpackedStreamTests
{
    // Whoever unpacks reads ahead, zstd by 128 KiB.
    private static readonly UnpackLimits Small = new(Free: 10_000, Ratio: 10, Most: 200_000) { Idle = 300_000 };

    public static TheoryData<string> PackingNames => ["gzip", "zstd"];

    /// <summary>
    /// Whatever the bytes are and however they are packed: all of them where they may be, and never more than the limits say.
    /// </summary>
    [Fact]
    public void Nothing_unpacks_to_more_than_its_limits() => Gen.Select(
        Gen.Int[0, 60_000],
        Gen.Bool,
        Gen.OneOf("plain", "gzip", "zstd", "members", "frames"),
        Gen.Int[1, 20_000],
        Gen.Int[1, 300],
        Gen.Int[1, 80_000],
        Gen.Int[1, 5000])
        .Holds(
            given =>
            {
                var (size, isNoise, packing, free, ratio, most, read) = given;
                var content = Content(size, isNoise);
                var packed = Pack(content, packing);
                var limits = new UnpackLimits(free, ratio, most);
                using var source = new MemoryStream(packed);
                using var taken = new MemoryStream();
                var isRefused = false;
                try
                {
                    using var stream = UnpackedStream.OpenAsync(source, limits, "It", default).GetAwaiter().GetResult();
                    var buffer = new byte[read];
                    int count;
                    while ((count = stream.Read(buffer)) > 0)
                        taken.Write(buffer, 0, count);
                }
                catch (InvalidDataException e)
                {
                    isRefused = true;
                    Assert.StartsWith("It unpacks to more than ", e.Message, StringComparison.Ordinal);
                }

                Assert.InRange(taken.Length, 0, Math.Min(most, Math.Max(free, ratio * (packed.Length + 1L))));
                Assert.Equal(content[..(int)taken.Length], taken.ToArray());
                Assert.Equal(isRefused, taken.Length < content.Length);
                if (size <= Math.Min(free, most))
                    Assert.False(isRefused);
                if (size > most)
                    Assert.True(isRefused);
            },
            cases: 400);

    [Theory]
    [MemberData(nameof(PackingNames))]
    public async Task Zeros_unpack_to_what_is_free_and_to_a_few_times_their_size(string packing)
    {
        Assert.Equal(10_000, await CountAsync(Pack(new byte[10_000], packing)));
        await RefusedAsync("more than 10 times its size, beyond 0 MiB", new MemoryStream(Pack(new byte[100_000], packing)));
        await RefusedAsync("more than 0 MiB", new MemoryStream(Pack(Content(300_000, isNoise: true), packing)));
    }

    /// <summary>Whoever unpacks reads on until there is something, and would do so for as long as there are bytes.</summary>
    [Fact]
    public async Task Bytes_that_unpack_to_nothing_end()
    {
        foreach (var unit in new[] { Packings.EmptyMember, Packings.ZstdFrame(10), Packings.SkippableFrame })
        {
            // Endless: today's reader would not come back.
            using var source = new MadeStream(Enumerable.Repeat(unit, int.MaxValue));
            await RefusedAsync("that unpack to nothing", source);
            Assert.InRange(source.Count, 1, 1_000_000);
        }

        using var name = new MadeStream([Packings.GzipWithName, .. Enumerable.Repeat(new byte[] { (byte)'n' }, 1_000_000)]);
        await RefusedAsync("that unpack to nothing", name);
        Assert.InRange(name.Count, 1, 900_000);
    }

    [Fact]
    public async Task Some_bytes_that_unpack_to_nothing_pass()
    {
        byte[] frames = [.. Packings.SkippableFrame, .. Packings.ZstdFrame(
            10), .. Pack(Content(3000, isNoise: true), "zstd"), .. Packings.SkippableFrame];
        Assert.Equal(3000, await CountAsync(frames));
        byte[] members = [.. Packings.EmptyMember, .. Pack(
            Content(3000, isNoise: true), "gzip"), .. Packings.EmptyMember, .. new byte[5000]];
        Assert.Equal(3000, await CountAsync(members));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(23, true)]
    [InlineData(27, true)]
    [InlineData(28, false)]
    [InlineData(31, false)]
    [InlineData(41, false)]
    public async Task A_window_of_zstd_has_128_MiB_at_the_most(int windowLog, bool isRead)
    {
        byte[] frames = [.. Packings.ZstdFrame(windowLog), .. Pack(Content(100, isNoise: true), "zstd")];
        if (isRead)
            Assert.Equal(100, await CountAsync(frames));
        else
            await RefusedAsync("It is damaged: ", new MemoryStream(frames));
    }

    /// <summary>What is wrong with the bytes below is said as it is, not as damage of the format.</summary>
    [Theory]
    [MemberData(nameof(PackingNames))]
    public async Task An_error_of_the_source_stays_what_it_is(string packing)
    {
        var packed = Pack(Content(5000, isNoise: true), packing);
        using var source = new Containerize.Images.VerifyingStream(
            new MemoryStream(packed), Containerize.Images.Digest.Of([]), packed.Length, "The blob");
        await RefusedAsync("The blob has the digest", source);
        // .NET takes the end of the bytes for the end of a gzip; whoever reads one has a digest, or the tar that is cut off.
        packed[^6]++;
        await RefusedAsync("It is damaged: ", new MemoryStream(packing == "gzip" ? packed : packed[..(packed.Length / 2)]));
    }

    /// <summary>Without any limits of a test's own: a gigabyte from a megabyte, which is more than any archive has.</summary>
    [Fact]
    public async Task An_archive_of_zeros_does_not_fill_the_disk()
    {
        using var folder = new TempFolder();
        using (var archive = File.Create(folder["base.tar.gz"]))
            Packings.Repeat(archive, Packings.Gzip(new byte[16 << 20]), 60);
        var failure = await Assert.ThrowsAsync<ContainerizeException>(
            () => Containerize.Stores.Archive.ImageArchive.UnpackAsync(
                "docker-archive:base.tar.gz", folder["base.tar.gz"], folder["image.tar"], default));
        Assert.Equal(ErrorCodes.BaseContentInvalid, failure.Code);
        Assert.Contains("more than 100 times its size, beyond 512 MiB", failure.Message, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(folder["image.tar"]).Length, 1, Limits.OnDisk.Free);
    }

    private static async Task<long> CountAsync(byte[] packed)
    {
        using var source = new MemoryStream(packed);
        await using var stream = await UnpackedStream.OpenAsync(source, Small, "It", default);
        using var content = new MemoryStream();
        await stream.UnpackAsync(content, default);
        await stream.DrainAsync(default);
        Assert.Equal(packed.Length, source.Position);
        return content.Length;
    }

    private static async Task RefusedAsync(string why, Stream packed)
    {
        await using var stream = await UnpackedStream.OpenAsync(packed, Small, "It", default);
        Assert.Contains(
            why,
            (await Assert.ThrowsAsync<InvalidDataException>(() => stream.UnpackAsync(Stream.Null, default))).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Content(int size, bool isNoise)
    {
        var content = new byte[size];
        if (isNoise)
            new Random(size).NextBytes(content);
        // Not the mark of another packing.
        if (size > 0)
            content[0] = 7;
        return content;
    }

    private static byte[] Pack(byte[] content, string packing)
    {
        using var compressor = new Compressor();
        return packing switch
        {
            "gzip" => Packings.Gzip(content),
            "zstd" => compressor.Wrap(content).ToArray(),
            "members" =>
                [.. Packings.Gzip(
                    content.AsSpan(..(content.Length / 3))), .. Packings.EmptyMember, .. Packings.Gzip(
                        content.AsSpan((content.Length / 3)..))],
            "frames" =>
                [.. compressor.Wrap(
                    content.AsSpan(..(content.Length / 3))), .. Packings.SkippableFrame, .. compressor.Wrap(
                        content.AsSpan((content.Length / 3)..))],
            _ => content,
        };
    }
}
