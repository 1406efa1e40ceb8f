using Containerize.Hosting;
using Containerize.Testing;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class FileLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_after_the_other_is_in()
    {
        var inside = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, token) =>
        {
            using var turn = await FileLock.EnterAsync(_folder.Path, "aa", TimeProvider.System, null, token);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        });
        Assert.Equal(["locks", "locks/aa"], _folder.Everything());
    }

    [Fact]
    public async Task Who_waits_can_be_called_off()
    {
        using var held = await FileLock.EnterAsync(_folder.Path, "aa", TimeProvider.System, null, default);
        using var cancellation = new CancellationTokenSource();
        var waiting = FileLock.EnterAsync(_folder.Path, "aa", TimeProvider.System, null, cancellation.Token);
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Who_waits_for_long_says_so_once_and_does_not_wait_for_ever()
    {
        using var held = await FileLock.EnterAsync(_folder.Path, "aa", TimeProvider.System, null, default);
        var clock = new SteppingClock();
        var told = new List<TimeSpan>();
        using var given = await FileLock.EnterAsync(_folder.Path, "aa", clock, () => told.Add(clock.Now), default);
        Assert.InRange(Assert.Single(told), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
        Assert.InRange(clock.Now, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11));
    }

    [Fact]
    public async Task Where_no_file_can_be_everybody_is_in()
    {
        var below = _folder.Write("file");
        using var one = await FileLock.EnterAsync(below, "aa", TimeProvider.System, null, default);
        using var two = await FileLock.EnterAsync(below, "aa", TimeProvider.System, null, default);
        using var three = await FileLock.EnterAsync(null, "aa", TimeProvider.System, null, default);
        Assert.Equal(["file"], _folder.Everything());
    }
}
