using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class AskedProcessesTests
{
    private readonly Counting _counting = new();

    [Fact]
    public async Task What_was_begun_is_not_run_again_but_for_the_second_who_wants_it()
    {
        var processes = new AskedProcesses(_counting);
        await processes.BeginAsync(Runners.Call("docker", "image", "inspect", "a:1"), default);
        await processes.BeginAsync(Runners.Call("docker", "image", "inspect", "a:1"), default);
        Assert.Equal(["docker image inspect a:1"], _counting.Runs);

        Assert.Equal("1", (await processes.RunAsync("docker", ["image", "inspect", "a:1"], null, default))!.Output);
        Assert.Equal("2", (await processes.RunAsync("docker", ["image", "inspect", "a:1"], null, default))!.Output);
    }

    [Fact]
    public async Task Other_programs_arguments_and_input_are_other_runs()
    {
        var processes = new AskedProcesses(_counting);
        await processes.BeginAsync(Runners.Call("docker", "a", "b"), default);

        Assert.Equal("2", (await processes.RunAsync("podman", ["a", "b"], null, default))!.Output);
        Assert.Equal("3", (await processes.RunAsync("docker", ["a b"], null, default))!.Output);
        Assert.Equal("4", (await processes.RunAsync("docker", ["a", "b"], (_, _) => Task.CompletedTask, default))!.Output);
        Assert.Equal("1", (await processes.RunAsync("docker", ["a", "b"], null, default))!.Output);
    }

    [Fact]
    public async Task A_failure_is_told_to_who_wants_the_outcome()
    {
        var processes = new AskedProcesses(_counting);
        _counting.Failure = new InvalidOperationException("broken");
        await processes.BeginAsync(Runners.Call("docker"), default);
        _counting.Failure = null;

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => processes.RunAsync("docker", [], null, default));
        Assert.Equal("broken", failure.Message);
        Assert.Equal("2", (await processes.RunAsync("docker", [], null, default))!.Output);
    }

    [Fact]
    public async Task A_program_that_waits_has_the_beginning_at_once_and_is_told_the_rest()
    {
        var program = new Reading();
        var processes = new AskedProcesses(program);
        var ended = processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), default);
        await processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), default);
        Assert.Equal((1, "begin"), (program.Inputs.Count, program.InputOf(0)));
        Assert.False(ended.IsCompleted);

        // In pieces that do not fit the beginning's end.
        var outcome = await processes.RunAsync("docker", ["load"], (input, _) => WriteAsync(input, "be", "ginning", " and rest"), default);
        Assert.Equal(("beginning and rest", 1), (program.InputOf(0), program.Inputs.Count));
        Assert.Equal("0", outcome!.Output);
        await ended;

        await processes.RunAsync("docker", ["load"], (input, _) => WriteAsync(input, "other"), default);
        Assert.Equal("other", program.InputOf(1));
    }

    [Fact]
    public async Task A_program_that_waited_and_failed_is_run_again()
    {
        var program = new Reading { Fails = 1 };
        var processes = new AskedProcesses(program);
        _ = processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), default);
        var outcome = await processes.RunAsync("docker", ["load"], (input, _) => WriteAsync(input, "beginning"), default);
        Assert.Equal((0, "1"), (outcome!.ExitCode, outcome.Output));
        Assert.Equal(["beginning", "beginning"], [program.InputOf(0), program.InputOf(1)]);
    }

    [Fact]
    public async Task What_nobody_wanted_ends_without_the_rest()
    {
        using var letting = new CancellationTokenSource();
        var program = new Reading();
        var processes = new AskedProcesses(program);
        var ended = processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), letting.Token);
        await letting.CancelAsync();
        await ended;
        Assert.Equal("begin", program.InputOf(0));

        await processes.RunAsync("docker", ["load"], (input, _) => WriteAsync(input, "beginning"), default);
        Assert.Equal("beginning", program.InputOf(1));
    }

    [Fact]
    public async Task Input_that_begins_otherwise_is_not_written()
    {
        var program = new Reading();
        var processes = new AskedProcesses(program);
        _ = processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => processes.RunAsync("docker", ["load"], (input, _) => WriteAsync(input, "be", "hind"), default));
        Assert.Equal("begin", program.InputOf(0));
    }

    [Fact]
    public async Task Who_gives_up_ends_the_program_that_waited()
    {
        using var giving = new CancellationTokenSource();
        var program = new Reading();
        var processes = new AskedProcesses(program);
        var ended = processes.BeginAsync(Runners.Call("docker", "load"), "begin"u8.ToArray(), default);
        var running = processes.RunAsync("docker", ["load"], (_, token) => Task.Delay(Timeout.Infinite, token), giving.Token);
        await giving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await ended;
        Assert.Single(program.Inputs);
    }

    [Theory]
    [InlineData("cat >/dev/null; sleep 600", true)]
    [InlineData("cat >/dev/null", false)]
    public async Task What_nobody_wanted_and_does_not_end_is_killed(string script, bool hangs)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var letting = new CancellationTokenSource();
        var runner = new Watching();
        var processes = new AskedProcesses(runner);
        var ended = processes.BeginAsync(Runners.Call("sh", "-c", script), "begin"u8.ToArray(), letting.Token);
        await letting.CancelAsync();
        processes.EndAll(hangs ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1));
        Assert.True(ended.IsCompleted);
        Assert.Equal(hangs, runner.Was!.IsCanceled);
    }

    [Fact]
    public async Task A_question_that_hangs_is_over_when_all_is()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var ending = new CancellationTokenSource();
        var runner = new Watching();
        var processes = new AskedProcesses(runner);
        _ = processes.BeginAsync(Runners.Call("sleep", "600"), ending.Token);
        await ending.CancelAsync();
        processes.EndAll(TimeSpan.FromMinutes(1));
        Assert.True(runner.Was!.IsCanceled);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_cannot_wait()
    {
        var processes = new AskedProcesses(Runners.Real());
        await processes.BeginAsync(Runners.Call("containerize-no-such-program", "load"), "begin"u8.ToArray(), default);
        Assert.Null(await processes.RunAsync("containerize-no-such-program", ["load"], (input, _) => WriteAsync(input, "beginning"), default));
    }

    [Fact]
    public async Task Real_programs_wait()
    {
        if (OperatingSystem.IsWindows())
            return;
        var processes = new AskedProcesses(Runners.Real());
        var ended = processes.BeginAsync(Runners.Call("cat"), "begin"u8.ToArray(), default);
        Assert.Equal("beginning", (await processes.RunAsync("cat", [], (input, _) => WriteAsync(input, "begin", "ning"), default))!.Output);
        await ended;
    }

    private static async Task WriteAsync(Stream input, params string[] pieces)
    {
        foreach (var piece in pieces)
            await input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(piece));
    }

    // Really runs, and remembers how it ended.
    private sealed class Watching : IProcessRunner
    {
        public Task<ProcessOutcome?>? Was { get; private set; }

        public Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken) =>
            Was = Runners.Real().RunAsync(call, cancellationToken);
    }

    // Notes its input, and tells which run it was.
    private sealed class Reading : IProcessRunner
    {
        public List<MemoryStream> Inputs { get; } = [];

        public int Fails { get; init; }

        public string InputOf(int run) => System.Text.Encoding.UTF8.GetString(Inputs[run].ToArray());

        public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
        {
            var run = Inputs.Count;
            Inputs.Add(new MemoryStream());
            await call.WriteInput!(Inputs[run], cancellationToken);
            return new ProcessOutcome(run < Fails ? 1 : 0, run.ToString(System.Globalization.CultureInfo.InvariantCulture), "");
        }
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
