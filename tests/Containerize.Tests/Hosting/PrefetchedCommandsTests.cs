using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class PrefetchedCommandsTests
{
    private readonly Counting _counting = new();

    [Fact]
    public async Task What_was_begun_is_not_run_again_but_for_the_second_who_wants_it()
    {
        var processes = new PrefetchedCommands(_counting);
        await processes.PrefetchAsync(Runners.Call("docker", "image", "inspect", "a:1"), default);
        await processes.PrefetchAsync(Runners.Call("docker", "image", "inspect", "a:1"), default);
        Assert.Equal(["docker image inspect a:1"], _counting.Runs);

        Assert.Equal("1", (await processes.RunAsync("docker", ["image", "inspect", "a:1"], null, default))!.Output);
        Assert.Equal("2", (await processes.RunAsync("docker", ["image", "inspect", "a:1"], null, default))!.Output);
    }

    [Fact]
    public async Task Other_programs_arguments_and_input_are_other_runs()
    {
        var processes = new PrefetchedCommands(_counting);
        await processes.PrefetchAsync(Runners.Call("docker", "a", "b"), default);

        Assert.Equal("2", (await processes.RunAsync("podman", ["a", "b"], null, default))!.Output);
        Assert.Equal("3", (await processes.RunAsync("docker", ["a b"], null, default))!.Output);
        Assert.Equal("4", (await processes.RunAsync("docker", ["a", "b"], (_, _) => Task.CompletedTask, default))!.Output);
        Assert.Equal("1", (await processes.RunAsync("docker", ["a", "b"], null, default))!.Output);
    }

    [Fact]
    public async Task A_failure_is_told_to_who_wants_the_outcome()
    {
        var processes = new PrefetchedCommands(_counting);
        _counting.Failure = new InvalidOperationException("broken");
        await processes.PrefetchAsync(Runners.Call("docker"), default);
        _counting.Failure = null;

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => processes.RunAsync("docker", [], null, default));
        Assert.Equal("broken", failure.Message);
        Assert.Equal("2", (await processes.RunAsync("docker", [], null, default))!.Output);
    }

    [Fact]
    public async Task A_command_that_hangs_has_ended_when_the_session_has()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var ending = new CancellationTokenSource();
        var runner = new Watching();
        var processes = new PrefetchedCommands(runner);
        _ = processes.PrefetchAsync(Runners.Call("sleep", "600"), ending.Token);
        await ending.CancelAsync();
        processes.WaitForAll(TimeSpan.FromMinutes(1));
        Assert.True(runner.Was!.IsCanceled);
    }

    // Really runs, and remembers how it ended.
    private sealed class Watching : IProcessRunner
    {
        public Task<ProcessOutcome?>? Was { get; private set; }

        public Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken) =>
            Was = Runners.Real().RunAsync(call, cancellationToken);
    }

    private sealed class Counting : IProcessRunner
    {
        public List<string> Runs { get; } = [];

        public Exception? Failure { get; set; }

        public Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
        {
            Runs.Add($"{call.Name} {string.Join(' ', call.Arguments)}");
            return Failure is null
                ? Task.FromResult<ProcessOutcome?>(new ProcessOutcome(0, Runs.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), ""))
                : Task.FromException<ProcessOutcome?>(Failure);
        }
    }
}
