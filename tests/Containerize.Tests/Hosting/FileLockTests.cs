using Containerize.Hosting;
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
            using var turn = await FileLock.EnterAsync(_folder["locks/aa"], TimeProvider.System, token);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        });
        Assert.Equal(["locks", "locks/aa"], _folder.Everything());
    }

    [Fact]
    public async Task Who_waits_can_be_called_off()
    {
        using var held = await FileLock.EnterAsync(_folder["aa"], TimeProvider.System, default);
        using var cancellation = new CancellationTokenSource();
        var waiting = FileLock.EnterAsync(_folder["aa"], TimeProvider.System, cancellation.Token);
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Where_no_file_can_be_everybody_is_in()
    {
        var below = Path.Combine(_folder.Write("file"), "aa");
        using var one = await FileLock.EnterAsync(below, TimeProvider.System, default);
        using var two = await FileLock.EnterAsync(below, TimeProvider.System, default);
        using var three = await FileLock.EnterAsync(null, TimeProvider.System, default);
        Assert.Equal(["file"], _folder.Everything());
    }
}
