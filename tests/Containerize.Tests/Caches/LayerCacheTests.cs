using Containerize.Caches;
using Containerize.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Caches;

public sealed class LayerCacheTests : IDisposable
{
    private const string Codec = "codec-1";
    private readonly TempFolder _folder = new();
    private readonly LayerCache _cache;

    public LayerCacheTests() => _cache = new LayerCache(Path.Combine(_folder.Path, "cache"));

    public void Dispose() => _folder.Dispose();

    private static string? Stamp(CachedBlob blob) => new BlobFolder(Path.GetDirectoryName(blob.Path)!).StampOf(blob.Digest, blob.Size);

    [Fact]
    public void An_empty_one_knows_nothing_and_writes_nothing()
    {
        Assert.False(_cache.MayKnow(Codec));
        Assert.Null(_cache.Find(Digest.Of([]), Codec));
        _cache.KeepOnly([]);
        Assert.Empty(_folder.Everything());
    }

    [Fact]
    public async Task What_was_added_is_found_by_its_diff_id_and_codec()
    {
        var diffId = Digest.Of("tar"u8);
        var blob = await AddAsync(diffId, "blob");
        Assert.True(_cache.MayKnow(Codec));
        Assert.Equal(blob, _cache.Find(diffId, Codec));
        Assert.Equal("blob", File.ReadAllText(blob.Path));
        Assert.False(_cache.MayKnow("codec-2"));
        Assert.Null(_cache.Find(diffId, "codec-2"));
        Assert.Null(_cache.Find(Digest.Of("blob"u8), Codec));
        // The form of an OCI layout's blobs.
        Assert.Contains("cache/sha256/" + Digest.Of("blob"u8).Hex, _folder.Everything());
    }

    /// <summary>Or each build would hash all that the one before it has used.</summary>
    [Fact]
    public async Task Using_a_layer_leaves_a_note_that_fits_its_file()
    {
        var diffId = Digest.Of("tar"u8);
        var blob = await AddAsync(diffId, "blob");
        if (Stamp(blob) is null)
            return;
        Assert.Equal(Stamp(blob), Noted());
        foreach (var lastUse in new[] { TimeSpan.Zero, TimeSpan.FromHours(2), TimeSpan.FromDays(1) })
        {
            if (lastUse > TimeSpan.Zero)
                File.SetLastAccessTimeUtc(blob.Path, DateTime.UtcNow - lastUse);
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal(blob, _cache.Find(diffId, Codec));
                Assert.Equal(Stamp(blob), Noted());
            }

            Assert.InRange(File.GetLastAccessTimeUtc(blob.Path), DateTime.UtcNow - TimeSpan.FromMinutes(31), DateTime.UtcNow);
        }

        string Noted() => File.ReadAllText(Path.Combine(_folder.Path, "cache", "diffids", Codec, diffId.Hex)).Split(' ')[2];
    }

    /// <summary>The same for layers of bases that all projects share.</summary>
    [Fact]
    public async Task Opening_a_blob_leaves_a_mark_that_fits_its_file()
    {
        var blob = await AddAsync(Digest.Of("tar"u8), "blob");
        if (Stamp(blob) is null)
            return;
        var folder = new BlobFolder(Path.GetDirectoryName(blob.Path)!);
        foreach (var lastUse in new[] { TimeSpan.FromMinutes(1), TimeSpan.FromHours(2) })
        {
            File.SetLastAccessTimeUtc(blob.Path, DateTime.UtcNow - lastUse);
            for (var i = 0; i < 2; i++)
            {
                await using (var stream = await folder.OpenAsync(blob.Digest, blob.Size, default))
                    Assert.NotNull(stream);
                Assert.Equal(Stamp(blob), File.ReadAllText(Path.Combine(Path.GetDirectoryName(blob.Path)!, "seen", blob.Digest.Hex)));
            }
        }
    }

    [Fact]
    public async Task It_is_found_by_its_own_digest_too()
    {
        var blob = await AddAsync(Digest.Of("tar"u8), "blob");
        Assert.Equal(blob, _cache.Find(Digest.Of("blob"u8), 4));
        Assert.Null(_cache.Find(Digest.Of("blob"u8), 5));
        Assert.Null(_cache.Find(Digest.Of("tar"u8), 4));
        File.WriteAllText(blob.Path, "Blob");
        Assert.Null(_cache.Find(Digest.Of("blob"u8), 4));
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        var first = await AddAsync(Digest.Of("tar"u8), "blob");
        var before = _folder.Everything();
        Assert.Equal(first, await AddAsync(Digest.Of("tar"u8), "blob"));
        Assert.Equal(before, _folder.Everything());
    }

    [Fact]
    public async Task A_file_that_is_not_added_leaves_nothing()
    {
        await using (var file = _cache.CreateFile())
            await file.Stream.WriteAsync("half"u8.ToArray());
        Assert.Equal(["cache", "cache/sha256"], _folder.Everything());
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_kept()
    {
        var (keep, drop) = (await AddAsync(Digest.Of("1"u8), "keep"), await AddAsync(Digest.Of("2"u8), "drop"));
        // Documents of the image lie beside the layers and are kept by their digests as well.
        var document = _folder.Write("cache/sha256/" + Digest.Of("{}"u8).Hex, "{}");
        _cache.KeepOnly([keep.Digest, Digest.Of("{}"u8), Digest.Of("not here"u8)]);

        Assert.True(File.Exists(keep.Path));
        Assert.True(File.Exists(document));
        Assert.False(File.Exists(drop.Path));
        Assert.Equal(keep, _cache.Find(Digest.Of("1"u8), Codec));
        Assert.Null(_cache.Find(Digest.Of("2"u8), Codec));
        Assert.Single(_folder.Everything(), path => path.StartsWith("cache/diffids/codec-1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_another_build_may_be_using_stays()
    {
        var (old, used) = (await AddAsync(Digest.Of("1"u8), "old"), await AddAsync(Digest.Of("2"u8), "used"));
        foreach (var blob in new[] { old, used })
        {
            File.SetLastWriteTimeUtc(blob.Path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
            File.SetLastAccessTimeUtc(blob.Path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        }

        var unfinished = _folder.Write("cache/sha256/.containerize-abc.tmp", "half");
        Assert.NotNull(_cache.Find(Digest.Of("2"u8), Codec));
        _cache.KeepOnly([], DateTimeOffset.UtcNow.AddHours(-1));

        Assert.False(File.Exists(old.Path));
        Assert.NotNull(_cache.Find(Digest.Of("2"u8), Codec));
        Assert.True(File.Exists(unfinished));
    }

    [Fact]
    public async Task Notes_of_no_blob_go_too()
    {
        var blob = await AddAsync(Digest.Of("1"u8), "keep");
        var damaged = _folder.Write("cache/diffids/old/" + Digest.Of("3"u8).Hex, "");
        _cache.KeepOnly([blob.Digest]);
        Assert.False(File.Exists(damaged));
    }

    private async Task<CachedBlob> AddAsync(Digest diffId, string content)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(content);
        await using var file = _cache.CreateFile();
        await file.Stream.WriteAsync(bytes);
        return await _cache.AddAsync(file, diffId, Codec, Digest.Of(bytes), bytes.Length, default);
    }
}
