using Containerize.Files;
using Containerize.Fuzz.Worst;

namespace Containerize.Tests.Files;

/// <summary>
/// Layers that are made to fill the memory or to take time, of the generators whose worst cases docs/design/limits.md lists. What is read
/// and allocated before they are refused does not depend on the machine.
/// </summary>
public sealed class WorstLayerTests
{
    // Bytes. Buffers of the reader's own.
    private const long Buffers = 4 << 20;

    [Fact]
    public void Headers_of_one_entry_have_a_limit_whatever_is_in_them()
    {
        foreach (var flood in new[] { Floods.PaxHeaders(20), Floods.EmptyHeaders(100_000), Floods.Holes(100_000) })
        {
            var (message, read, allocated) = Refused(flood);
            Assert.Contains("the headers of one entry have more than 2097152 bytes", message, StringComparison.Ordinal);
            Assert.InRange(read, Limits.HeaderBytesOfEntry, Limits.HeaderBytesOfEntry + (1 << 20));
            Assert.InRange(allocated, 0, Buffers);
        }
    }

    [Fact]
    public void Headers_that_say_nothing_have_a_limit_for_all_entries()
    {
        var (message, read, allocated) = Refused(Floods.LargeNames(200));
        Assert.Contains("its headers have more than 4096 bytes for each entry", message, StringComparison.Ordinal);
        Assert.InRange(read, Limits.HeaderBytesOfTar, Limits.HeaderBytesOfTar + (4 << 20));
        // Each name is a string once: two bytes for each.
        Assert.InRange(allocated, 0, Buffers + (3 * Limits.HeaderBytesOfTar));
    }

    [Fact]
    public void Records_that_nobody_asks_for_take_no_memory()
    {
        const int Entries = 1000;
        long allocated = 0;
        var contents = Measured(Floods.SmallRecords(Entries), out allocated);
        Assert.Equal(Entries, contents.Entries.Count);
        Assert.InRange(allocated, 0, (1 << 20) + (Entries * 2000));
    }

    [Fact]
    public async Task Entries_of_all_types_count()
    {
        foreach (var flood in new[] { Floods.Unknown(101), Floods.SameFile(101), Floods.Files(101), Floods.Directories(101) })
        {
            using var bytes = new MadeStream(flood);
            var tar = new TarInput(bytes, 100);
            for (var entry = 0; entry < 100; entry++)
                Assert.NotNull(await tar.NextAsync(default));
            Assert.Contains(
                "it has more than 100 entries",
                (await Assert.ThrowsAsync<InvalidDataException>(async () => await tar.NextAsync(default))).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_layers_of_an_image_share_what_there_may_be()
    {
        var budget = new FileListBudget(entries: 150, names: 10_000);
        await ReadAsync(Floods.Files(100), budget);
        Assert.Contains(
            "more files than an image can sensibly have",
            (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Floods.Files(100), budget))).Message,
            StringComparison.Ordinal);

        budget = new FileListBudget(entries: 150, names: 10_000);
        await ReadAsync(Floods.LongTargets(1), budget);
        await ReadAsync(Floods.LongPaths(1), budget);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Floods.LongPaths(1), budget));

        // One that was read before counts, too.
        var known = await ReadAsync(Floods.Files(100), new FileListBudget());
        budget = new FileListBudget(entries: 150, names: 10_000);
        budget.Take(known);
        Assert.Throws<InvalidDataException>(() => budget.Take(known));
    }

    [Fact]
    public async Task Links_do_not_make_paths_longer_than_they_can_be_walked()
    {
        foreach (var flood in new[] { Floods.LinksThroughLinks(2000), Floods.PathsOfLongLinks(3), Floods.PathsOfLinks(30_000) })
        {
            var contents = await ReadAsync(flood, new FileListBudget());
            Assert.Contains(
                "lead through more than",
                Assert.Throws<InvalidDataException>(() => ImageTree.Of([contents])).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Links_through_links_are_followed_as_far_as_Linux_does()
    {
        var contents = await ReadAsync(Floods.LinksThroughLinks(10), new FileListBudget());
        Assert.Equal("file", ImageTree.Of([contents]).Find("l38/file")?.Path);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Deep_directories_are_counted_by_what_they_take(int millions)
    {
        var tree = new ImageTree(mostCharacters: millions * 1_000_000);
        var contents = await ReadAsync(Floods.DeepPaths(10), new FileListBudget());
        if (millions == 1)
            Assert.Throws<InvalidDataException>(() => tree.Add(contents));
        else
            Assert.Throws<InvalidDataException>(() => tree.Add(new FileList([.. contents.Entries, .. Renamed(contents)])));

        static IEnumerable<ContentEntry> Renamed(FileList contents) =>
            contents.Entries.Select(entry => entry with { Path = "x" + entry.Path[1..] });
    }

    [Fact]
    public async Task Libraries_are_counted_whether_or_not_they_have_versions()
    {
        var damaged = Enumerable.Repeat(TarBytes.Entry('0', "a/libc.so.6", "no library"u8), Limits.LibrariesOfLayer - 1);
        var library = TarBytes.Entry('0', "b/libc.so.6", SymbolVersionReaderTests.Library(is64: true, isBigEndian: false));
        Assert.Equal(["b/libc.so.6"], (await ReadAsync([.. damaged, library], new FileListBudget())).SymbolVersions.Keys);
        Assert.Empty((await ReadAsync([.. damaged, TarBytes.Entry('0', "a/libc.so.6"), library], new FileListBudget())).SymbolVersions);
    }

    [Fact]
    public void A_name_without_an_end_is_not_looked_for_in_the_whole_library() =>
        Assert.Empty(SymbolVersionReader.Defined(ElfBytes.WithVersions(1 << 20)));

    private static (string Message, long Read, long Allocated) Refused(IEnumerable<byte[]> flood)
    {
        // Made before: what the generator allocates is not the reader's.
        using var bytes = new MadeStream(flood.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = LayerReader.ReadAsync(bytes, default);
        // Nothing is waited for, so all of it was on this thread.
        Assert.True(reading.IsFaulted, "The layer was read.");
        return (
            Assert.IsType<InvalidDataException>(reading.Exception!.InnerException).Message,
            bytes.Count,
            GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static FileList Measured(IEnumerable<byte[]> flood, out long allocated)
    {
        using var bytes = new MadeStream(flood.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = LayerReader.ReadAsync(bytes, default);
        Assert.True(reading.IsCompletedSuccessfully);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return reading.Result;
    }

    private static async Task<FileList> ReadAsync(IEnumerable<byte[]> tar, FileListBudget budget)
    {
        using var bytes = new MadeStream(tar);
        return await LayerReader.ReadAsync(bytes, budget, default);
    }
}
