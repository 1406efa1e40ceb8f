using Containerize.Hosting;
using Containerize.Testing;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class FileLockTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly WaitingBudget _patience = new(TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_after_the_other_is_in()
    {
        var inside = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, token) =>
        {
            using var turn = await FileLock.EnterAsync(_folder.Path, "aa", _patience, null, token);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        });
        Assert.Equal(["locks", "locks/aa"], _folder.Everything());
    }

    [Fact]
    public async Task Who_waits_can_be_called_off()
    {
        using var held = await FileLock.EnterAsync(_folder.Path, "aa", _patience, null, default);
        using var cancellation = new CancellationTokenSource();
        var waiting = FileLock.EnterAsync(_folder.Path, "aa", _patience, null, cancellation.Token);
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Who_waits_for_long_says_so_once_and_does_not_wait_for_ever()
    {
        using var held = await FileLock.EnterAsync(_folder.Path, "aa", _patience, null, default);
        var clock = new SteppingClock();
        var patience = new WaitingBudget(clock);
        var told = new List<TimeSpan>();
        using var given = await FileLock.EnterAsync(_folder.Path, "aa", patience, () => told.Add(clock.Now), default);
        Assert.InRange(Assert.Single(told), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
        Assert.InRange(clock.Now, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4));

        // A stopped process may hold the locks of thirty layers.
        for (var i = 0; i < 30; i++)
        {
            using var next = await FileLock.EnterAsync(_folder.Path, "aa", patience, null, default);
        }

        Assert.InRange(clock.Now, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4));
        // What is free is had all the same.
        using var free = await FileLock.EnterAsync(_folder.Path, "bb", patience, null, default);
        Assert.ThrowsAny<IOException>(() => File.Open(_folder["locks/bb"], FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose());
    }

    [Fact]
    public void Waits_at_the_same_time_count_once()
    {
        var clock = new FakeClock();
        var patience = new WaitingBudget(clock);
        using (patience.Begin())
        using (patience.Begin())
        using (patience.Begin())
        {
            clock.Advance(TimeSpan.FromMinutes(2));
            Assert.False(patience.IsSpent);
        }

        // Work between two waits does not count.
        clock.Advance(TimeSpan.FromHours(1));
        Assert.False(patience.IsSpent);
        using (patience.Begin())
            clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(patience.IsSpent);
    }

    [Fact]
    public async Task Where_no_file_can_be_everybody_is_in()
    {
        var below = _folder.Write("file");
        using var one = await FileLock.EnterAsync(below, "aa", _patience, null, default);
        using var two = await FileLock.EnterAsync(below, "aa", _patience, null, default);
        using var three = await FileLock.EnterAsync(null, "aa", _patience, null, default);
        Assert.Equal(["file"], _folder.Everything());
    }
}
