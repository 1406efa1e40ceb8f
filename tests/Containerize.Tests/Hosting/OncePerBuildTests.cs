using Containerize.Hosting;

namespace Containerize.Tests.Hosting;

public sealed class OncePerBuildTests
{
    private readonly OncePerBuild<string, int> _answers = new();
    private int _asked;

    [Fact]
    public async Task A_question_is_asked_once_however_many_want_to_know()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _answers.GetAsync("x", AskAsync, default)));
        Assert.All(all, answer => Assert.Equal(1, answer));
        Assert.Equal(2, await _answers.GetAsync("y", AskAsync, default));
    }

    [Fact]
    public async Task What_was_asked_ahead_is_known()
    {
        await _answers.PrefetchAsync("x", AskAsync, default);
        await _answers.PrefetchAsync("x", AskAsync, default);
        Assert.Equal(1, await _answers.GetAsync("x", AskAsync, default));
    }

    [Fact]
    public async Task A_failure_ahead_is_told_to_the_first_who_wants_to_know_and_the_second_asks_again()
    {
        await _answers.PrefetchAsync("x", _ => throw new IOException("no"), default);
        Assert.Equal("no", (await Assert.ThrowsAsync<IOException>(() => _answers.GetAsync("x", AskAsync, default))).Message);
        Assert.Equal(1, await _answers.GetAsync("x", AskAsync, default));
    }

    [Fact]
    public async Task A_failure_that_may_be_over_is_not_told()
    {
        var answers = new OncePerBuild<string, int>(isFinal: failure => failure is IOException);
        await answers.PrefetchAsync("lasting", _ => throw new IOException("no"), default);
        await answers.PrefetchAsync("over", _ => throw new InvalidOperationException("no"), default);

        await Assert.ThrowsAsync<IOException>(() => answers.GetAsync("lasting", AskAsync, default));
        Assert.Equal(1, await answers.GetAsync("over", AskAsync, default));
    }

    [Fact]
    public async Task Who_fails_or_is_cancelled_leaves_the_question_to_the_next()
    {
        await Assert.ThrowsAsync<IOException>(() => _answers.GetAsync("x", _ => throw new IOException(), default));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await _answers.PrefetchAsync("x", AskAsync, cancelled.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _answers.GetAsync("x", AskAsync, cancelled.Token));
        Assert.Equal(1, await _answers.GetAsync("x", AskAsync, default));
    }

    [Fact]
    public async Task What_is_told_takes_the_place_of_what_was_heard()
    {
        await _answers.GetAsync("x", AskAsync, default);
        _answers.Set("x", 7);
        Assert.Equal(7, await _answers.GetAsync("x", AskAsync, default));
    }

    private async Task<int> AskAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        return Interlocked.Increment(ref _asked);
    }
}
