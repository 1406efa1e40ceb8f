using Containerize.Caches;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Caches;

public sealed class SharedLayersTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_many_need_at_once_is_fetched_once()
    {
        var layer = Layer("x");
        // Who waits for the lock waits by the clock.
        var shared = new SharedLayers(Path.Combine(_folder.Path, "layers"), TimeProvider.System);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 8),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (_, _) => Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(shared.Share(layer, keep: true))));
        Assert.Equal(1, layer.Opened);
        // Whoever does not keep takes what is kept.
        await BytesAsync(Shared().Share(layer, keep: false));
        Assert.Equal(1, layer.Opened);
    }

    [Fact]
    public async Task What_nobody_else_needs_does_not_touch_the_disk()
    {
        var layer = Layer("x");
        await BytesAsync(Shared().Share(layer, keep: false));
        await BytesAsync(Shared().Share(layer, keep: false));
        Assert.Equal(2, layer.Opened);
        Assert.Empty(_folder.Everything());
    }

    [Fact]
    public async Task Looking_into_it_may_keep_what_sending_it_does_not()
    {
        var layer = Layer("x");
        var shared = Shared().Share(layer, keep: false, keepRead: true);
        await BytesAsync(shared);
        Assert.Empty(_folder.Everything());
        await (await SharedLayers.OpenToReadAsync(shared, default)).DisposeAsync();
        Assert.True(File.Exists(FileOf(layer)));
        await BytesAsync(shared);
        Assert.Equal(2, layer.Opened);

        // One that is not shared is opened as it is.
        await (await SharedLayers.OpenToReadAsync(layer, default)).DisposeAsync();
        Assert.Equal(3, layer.Opened);
    }

    [Fact]
    public async Task It_says_what_the_layer_says()
    {
        var layer = new MemoryLayer(MemoryImages.Layer("x"), source: new BlobSource("r.example", "base"));
        var shared = Shared().Share(layer, keep: true);
        await BytesAsync(shared);
        Assert.Equal((layer.Descriptor, layer.DiffId, layer.Source), (shared.Descriptor, shared.DiffId, shared.Source));
        var foreign = new MemoryLayer(MemoryImages.Layer("y"), "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
        Assert.Same(foreign, Shared().Share(foreign, keep: true));
    }

    [Fact]
    public async Task A_damaged_file_is_fetched_again()
    {
        var layer = Layer("x");
        await BytesAsync(Shared().Share(layer, keep: true));
        var file = FileOf(layer);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[5] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(Shared().Share(layer, keep: true)));
        Assert.Equal(2, layer.Opened);
        Assert.Equal(MemoryImages.Layer("x").Gzip, await File.ReadAllBytesAsync(file));
    }

    // What a copying tool, a decaying disk and an attacker have in common: size and time say that nothing has happened.
    [Fact]
    public async Task A_file_that_was_changed_with_its_size_and_time_kept_is_fetched_again()
    {
        var layer = Layer("x");
        await BytesAsync(Shared().Share(layer, keep: true));
        await BytesAsync(Shared().Share(layer, keep: true));
        Assert.True(File.Exists(_folder[$"layers/seen/{layer.Descriptor.Digest.Hex}"]));

        Damage(FileOf(layer));

        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(Shared().Share(layer, keep: true)));
        Assert.Equal(2, layer.Opened);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_found_out_and_removed()
    {
        var layer = Layer("x");
        await BytesAsync(Shared().Share(layer, keep: true));
        var stream = await Shared().Share(layer, keep: true).OpenAsync(default);
        await using (stream)
        {
            Damage(FileOf(layer));
            await Assert.ThrowsAsync<InvalidDataException>(() => stream.CopyToAsync(Stream.Null));
        }

        Assert.False(File.Exists(FileOf(layer)));
        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(Shared().Share(layer, keep: true)));
    }

    [Fact]
    public async Task A_mark_that_others_may_have_written_says_nothing()
    {
        if (OperatingSystem.IsWindows())
            return;
        var layer = Layer("x");
        await BytesAsync(Shared().Share(layer, keep: true));
        await BytesAsync(Shared().Share(layer, keep: true));
        Damage(FileOf(layer));
        var stamp = new BlobFolder(_folder["layers"]).StampOf(layer.Descriptor.Digest, layer.Descriptor.Size);
        await File.WriteAllTextAsync(_folder[$"layers/seen/{layer.Descriptor.Digest.Hex}"], stamp);

        // By this user the mark is believed, and the bytes are found out while they are read.
        await Assert.ThrowsAsync<InvalidDataException>(() => BytesAsync(Shared().Share(layer, keep: true)));
        await BytesAsync(Shared().Share(layer, keep: true));
        Damage(FileOf(layer));
        stamp = new BlobFolder(_folder["layers"]).StampOf(layer.Descriptor.Digest, layer.Descriptor.Size);
        await File.WriteAllTextAsync(_folder[$"layers/seen/{layer.Descriptor.Digest.Hex}"], stamp);
        File.SetUnixFileMode(_folder["layers/seen"], (UnixFileMode)0b111_111_111);

        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(Shared().Share(layer, keep: true)));
    }

    private static void Damage(string file)
    {
        var time = File.GetLastWriteTimeUtc(file);
        var bytes = File.ReadAllBytes(file);
        bytes[5] ^= 1;
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            stream.Write(bytes);
        File.SetLastWriteTimeUtc(file, time);
    }

    [Fact]
    public async Task What_arrives_damaged_or_not_at_all_leaves_nothing_and_is_told()
    {
        var wrong = MemoryImages.Layer("x");
        var damaged = new MemoryLayer(
            Layer("x").Descriptor, Digest.Of("x"u8), () =>
                new VerifyingStream(new MemoryStream(MemoryImages.Layer("y").Gzip), Digest.Parse(wrong.Digest), wrong.Gzip.Length, "It"));
        await Assert.ThrowsAsync<InvalidDataException>(() => BytesAsync(Shared().Share(damaged, keep: true)));
        var broken = new MemoryLayer(
            Layer("x").Descriptor,
            Digest.Of("x"u8),
            () => throw new RegistryException(RegistryFailure.Unreachable, "The connection broke.", "r.example", "base"));
        await Assert.ThrowsAsync<RegistryException>(() => BytesAsync(Shared().Share(broken, keep: true)));
        Assert.Equal((1, 1), (damaged.Opened, broken.Opened));
        Assert.DoesNotContain(_folder.Everything(), path => !path.StartsWith("layers/locks", StringComparison.Ordinal) && path != "layers");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_done_without()
    {
        var layer = Layer("x");
        var shared = new SharedLayers(Path.Combine(_folder.Write("file"), "layers"), _clock).Share(layer, keep: true);
        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(shared));
        Assert.Equal(MemoryImages.Layer("x").Gzip, await BytesAsync(new SharedLayers(null, _clock).Share(layer, keep: true)));
        Assert.Equal(["file"], _folder.Everything());
    }

    [Fact]
    public async Task Beyond_its_limit_what_was_not_used_for_longest_goes()
    {
        MemoryLayer[] layers = [Layer("a"), Layer("b"), Layer("c"), Layer("d")];
        var now = _clock.GetUtcNow().UtcDateTime;
        foreach (var layer in layers[..3])
            await BytesAsync(Shared().Share(layer, keep: true));
        File.SetLastAccessTimeUtc(FileOf(layers[0]), now.AddHours(-3));
        File.SetLastAccessTimeUtc(FileOf(layers[1]), now.AddDays(-2));
        // Another build may be at it.
        File.SetLastAccessTimeUtc(FileOf(layers[2]), now.AddMinutes(-10));
        _folder.Write("layers/mine.txt");

        await BytesAsync(Shared(largestTotal: layers[..3].Sum(layer => layer.Descriptor.Size)).Share(layers[3], keep: true));

        Assert.Equal([true, false, true, true], layers.Select(layer => File.Exists(FileOf(layer))));
        Assert.True(File.Exists(_folder["layers/mine.txt"]));
    }

    [Fact]
    public async Task What_was_not_used_for_a_month_goes()
    {
        var (old, current) = (Layer("a"), Layer("b"));
        await BytesAsync(Shared().Share(old, keep: true));
        File.SetLastAccessTimeUtc(FileOf(old), _clock.GetUtcNow().UtcDateTime.AddDays(-31));
        await BytesAsync(Shared().Share(current, keep: true));
        Assert.Equal((false, true), (File.Exists(FileOf(old)), File.Exists(FileOf(current))));
    }

    private static MemoryLayer Layer(string content) => new(MemoryImages.Layer(content));

    private SharedLayers Shared(long largestTotal = SharedLayers.LargestTotal) =>
        new(Path.Combine(_folder.Path, "layers"), _clock, null, largestTotal: largestTotal);

    private string FileOf(MemoryLayer layer) => Path.Combine(_folder.Path, "layers", layer.Descriptor.Digest.Hex);

    private static async Task<byte[]> BytesAsync(ILayer layer)
    {
        using var bytes = new MemoryStream();
        await using var content = await layer.OpenAsync(default);
        await content.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
