using Containerize.Caches;
using Containerize.Files;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Files;

public sealed class FileListCacheTests : IDisposable
{
    private static readonly Digest One = Digest.Of([1]);
    private static readonly Digest Two = Digest.Of([2]);
    private readonly TempFolder _folder = new();
    private readonly FakeClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_kept_is_found_as_it_was()
    {
        var contents = Contents();
        await Cache().AddAsync(One, contents, default);
        var found = Cache().Find(One)!;
        Assert.Equal(contents.Entries, found.Entries);
        Assert.Equal(contents.Texts, found.Texts);
        Assert.Equal(contents.SymbolVersions, found.SymbolVersions);
        Assert.Null(Cache().Find(Two));
        Assert.Equal(["cache", $"cache/{One.Hex}.v2"], _folder.Everything());
    }

    [Fact]
    public async Task Contents_of_nothing_are_contents()
    {
        await Cache().AddAsync(One, new FileList([]), default);
        Assert.Empty(Cache().Find(One)!.Entries);
    }

    [Fact]
    public async Task It_is_small()
    {
        var entries = Enumerable.Range(0, 10_000)
            .Select(i => new ContentEntry($"usr/share/doc/package{i / 10}/file{i % 10}", ContentKind.File, 0b110_100_100, 0, 0, 1000 + i));
        await Cache().AddAsync(One, new FileList([.. entries]), default);
        Assert.InRange(new FileInfo(FileOf(One)).Length, 1, 200_000);
    }

    /// <summary>Each byte on its own: no damage goes unseen, and none is a failure.</summary>
    [Fact]
    public async Task A_damaged_file_is_as_good_as_none()
    {
        await Cache().AddAsync(One, Contents(), default);
        var bytes = File.ReadAllBytes(FileOf(One));
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x20;
            Assert.Null(FileListFormat.Read(One, damaged));
            Assert.Null(FileListFormat.Read(One, bytes[..at]));
        }

        foreach (var foreign in new[] { "", "CTZLAYER", "something else that has nothing to do with layers" })
        {
            File.WriteAllText(FileOf(One), foreign);
            Assert.Null(Cache().Find(One));
        }

        await Cache().AddAsync(One, Contents(), default);
        Assert.NotNull(Cache().Find(One));
    }

    [Fact]
    public async Task The_file_of_another_layer_is_as_good_as_none()
    {
        await Cache().AddAsync(One, Contents(), default);
        File.Move(FileOf(One), FileOf(One).Replace(One.Hex, Two.Hex, StringComparison.Ordinal));
        Assert.Null(Cache().Find(Two));
    }

    [Fact]
    public async Task A_file_of_another_version_is_as_good_as_none()
    {
        await Cache().AddAsync(One, Contents(), default);
        var bytes = File.ReadAllBytes(FileOf(One))[..^8];
        bytes[8] = FileListFormat.Version + 1;
        Assert.Null(FileListFormat.Read(One, [.. bytes, .. BitConverter.GetBytes(System.IO.Hashing.XxHash3.HashToUInt64(bytes))]));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_replaced_by_the_builds_own()
    {
        // A file in the way stops root as well.
        _folder.Write("cache", "a file");
        await Cache().AddAsync(One, Contents(), default);
        Assert.NotNull(Cache().Find(One));
        Assert.Equal(["cache", "own", $"own/{One.Hex}.v2"], _folder.Everything());

        _folder.Write("x", "a file");
        var nowhere = Kept.Contents(Path.Combine(_folder.Path, "cache", "x"), Path.Combine(_folder.Path, "x", "y"), _clock);
        await Assert.ThrowsAnyAsync<IOException>(() => nowhere.AddAsync(Two, Contents(), default));
    }

    [Fact]
    public async Task Without_a_folder_for_all_there_is_the_builds_own()
    {
        var cache = Kept.Contents(null, _folder["own"], _clock);
        await cache.AddAsync(One, Contents(), default);
        Assert.NotNull(cache.Find(One));
        Assert.Equal(["own", $"own/{One.Hex}.v2"], _folder.Everything());
    }

    [Fact]
    public async Task What_nobody_asked_for_in_ninety_days_goes_when_something_comes()
    {
        var (old, used, foreign) = (Digest.Of([3]), Digest.Of([4]), _folder.Write("cache/letter.v2", "dear"));
        foreach (var digest in new[] { old, used })
            await Cache().AddAsync(digest, Contents(), default);
        var lateVersion = _folder.Write($"cache/{old.Hex}.v99");
        var abandoned = _folder.Write("cache/.containerize-x.tmp");
        foreach (var file in Directory.EnumerateFiles(_folder["cache"]))
        {
            File.SetLastAccessTimeUtc(file, _clock.GetUtcNow().AddDays(-91).UtcDateTime);
            File.SetLastWriteTimeUtc(file, _clock.GetUtcNow().AddDays(-91).UtcDateTime);
        }

        // Reading alone removes nothing, and counts as use.
        Assert.NotNull(Cache().Find(used));
        Assert.True(File.Exists(FileOf(old)));
        await Cache().AddAsync(One, Contents(), default);
        Assert.Equal(
            new[] { FileOf(One), FileOf(used), foreign }.Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(_folder["cache"]).Order(StringComparer.Ordinal));
        Assert.False(File.Exists(lateVersion) || File.Exists(abandoned));
    }

    [Fact]
    public async Task What_was_used_within_ninety_days_stays()
    {
        await Cache().AddAsync(One, Contents(), default);
        File.SetLastAccessTimeUtc(FileOf(One), _clock.GetUtcNow().AddDays(-89).UtcDateTime);
        await Cache().AddAsync(Two, Contents(), default);
        Assert.True(File.Exists(FileOf(One)));
    }

    [Fact]
    public async Task Many_may_write_and_read_at_once()
    {
        var contents = Contents();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, token) =>
        {
            var layer = i % 2 == 0 ? One : Two;
            await Cache().AddAsync(layer, contents, token);
            Assert.Equal(contents.Entries, Cache().Find(layer)!.Entries);
        });
        Assert.Equal(2, Directory.GetFiles(_folder["cache"]).Length);
    }

    [Fact]
    public void The_folder_is_where_the_system_keeps_caches()
    {
        var environment = new EmptyEnvironment();
        var expected = OperatingSystem.IsWindows()
            ? @"AppData\Local\containerize"
            : OperatingSystem.IsMacOS() ? "Library/Caches/containerize" : ".cache/containerize";
        Assert.Equal(Path.Combine(environment.HomeDirectory, expected), SharedCache.DefaultFolder(environment));
        environment["XDG_CACHE_HOME"] = "relative";
        Assert.Equal(Path.Combine(environment.HomeDirectory, expected), SharedCache.DefaultFolder(environment));
        environment["XDG_CACHE_HOME"] = _folder.Path;
        Assert.Equal(Path.Combine(_folder.Path, "containerize"), SharedCache.DefaultFolder(environment));
        Assert.Null(SharedCache.DefaultFolder(new Homeless()));
    }

    private static FileList Contents() => new(
    [
        new("", ContentKind.Directory, 0b111_101_101, 0, 0),
        new("bin", ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, "usr/bin"),
        new("tmp", ContentKind.Directory, 0b001_111_111_111, 0, 0),
        new("usr/bin/ä", ContentKind.File, 0b100_111_101_101, 1654, -2, 5_000_000_000),
        new("usr/bin/ö", ContentKind.HardLink, 0b111_101_101, 3_000_000, 1, 0, "usr/bin/ä"),
        new("usr/bin/😀", ContentKind.Other, 0b110_110_110, 0, 0),
        new("usr/bin/😁", ContentKind.Whiteout, 0, 0, 0),
        new("usr/" + new string('x', 1000), ContentKind.OpaqueDirectory, 0, 0, 0),
        new("", ContentKind.OpaqueDirectory, 0, 0, 0),
    ])
    {
        Texts = new Dictionary<string, string> { ["etc/passwd"] = "root:x:0:0:ü\n", ["etc/group"] = "" },
        SymbolVersions = new Dictionary<string, IReadOnlyList<string>> { ["usr/lib/libc.so.6"] = ["GLIBC_2.2.5", "GLIBC_2.36"], ["usr/lib/libm.so.6"] = [] },
    };

    private FileListCache Cache() => Kept.Contents(Path.Combine(_folder.Path, "cache"), Path.Combine(_folder.Path, "own"), _clock);

    private string FileOf(Digest layer) => Path.Combine(_folder.Path, "cache", $"{layer.Hex}.v2");

    private sealed class Homeless : IEnvironment
    {
        public string HomeDirectory => "";

        public string SystemDirectory => "";

        public string? RuntimeDirectory => null;

        public string? GetVariable(string name) => null;
    }
}
