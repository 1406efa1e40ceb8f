using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_appears_whole_under_its_name()
    {
        await using (var file = new AtomicFile(_folder.Path))
        {
            await file.Stream.WriteAsync("new"u8.ToArray());
            Assert.DoesNotContain("x", _folder.Everything());
            file.Commit(Path.Combine(_folder.Path, "x"));
        }

        Assert.Equal(["x"], _folder.Everything());
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder.Path, "x")));
    }

    [Fact]
    public void What_killed_builds_left_goes_after_a_day_and_nothing_else()
    {
        var now = new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);
        foreach (var (name, day) in new[] { (".containerize-old.tmp", 8), (".containerize-new.tmp", 10), ("image.tar", 1), (".containerize-x.tar", 1) })
            File.SetLastWriteTimeUtc(_folder.Write(name), new DateTime(2026, 1, day, 0, 0, 0, DateTimeKind.Utc));
        AtomicFile.RemoveAbandoned(_folder.Path, now);
        Assert.Equal([".containerize-new.tmp", ".containerize-x.tar", "image.tar"], _folder.Everything().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_old_one_stays_until_the_new_one_is_whole()
    {
        var path = _folder.Write("x", "old");
        await using (var file = new AtomicFile(_folder.Path))
            await file.Stream.WriteAsync("half"u8.ToArray());
        Assert.Equal(["x"], _folder.Everything());
        Assert.Equal("old", File.ReadAllText(path));

        await AtomicFile.WriteAsync(path, "new"u8.ToArray(), default);
        Assert.Equal(["x"], _folder.Everything());
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public async Task Its_folder_is_made()
    {
        await AtomicFile.WriteAsync(Path.Combine(_folder.Path, "a/b/x"), "1"u8.ToArray(), default);
        Assert.Equal(["a", "a/b", "a/b/x"], _folder.Everything());
    }

    [Fact]
    public async Task A_name_that_cannot_be_had_leaves_nothing()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "x"));
        await Assert.ThrowsAnyAsync<SystemException>(
            () => AtomicFile.WriteAsync(Path.Combine(_folder.Path, "x"), "1"u8.ToArray(), default));
        Assert.Equal(["x"], _folder.Everything());
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => AtomicFile.WriteAsync(Path.Combine(_folder.Path, "x"), new byte[10], new CancellationToken(canceled: true)));
        Assert.Empty(_folder.Everything());
    }
}
