using System.Text;
using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class ProcessRunnerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ProcessRunner _runner = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Input_output_errors_and_exit_code_are_carried()
    {
        var outcome = await ShellAsync("cat; echo error >&2; exit 3", (input, token) => input.WriteAsync("input"u8.ToArray(), token).AsTask());
        Assert.Equal(new ProcessOutcome(3, "input", "error\n"), outcome);
    }

    [Fact]
    public async Task Arguments_need_no_quotes()
    {
        var outcome = await _runner.RunAsync("/bin/sh", ["-c", "printf '%s|' \"$@\"", "sh", "a b", "\"'$HOME", "", "ü"], null, default);
        Assert.Equal("a b|\"'$HOME||ü|", outcome!.Output);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_no_failure() =>
        Assert.Null(await _runner.RunAsync("containerize-no-such-program", [], null, default));

    [Fact]
    public async Task Without_input_there_is_the_end_of_it() => Assert.Equal("", (await ShellAsync("cat"))!.Output);

    [Fact]
    public async Task A_program_may_stop_reading()
    {
        var outcome = await ShellAsync("echo full >&2; exit 7", async (input, token) =>
        {
            for (var i = 0; i < 100; i++)
                await input.WriteAsync(new byte[100_000], token);
        });
        Assert.Equal((7, "full\n"), (outcome!.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task Much_output_does_not_block_much_input()
    {
        var outcome = await ShellAsync("cat", async (input, token) =>
        {
            for (var i = 0; i < 20; i++)
                await input.WriteAsync(Encoding.ASCII.GetBytes(new string('x', 100_000)), token);
        });
        Assert.Equal(2_000_000, outcome!.Output.Length);
    }

    [Fact]
    public async Task Input_that_fails_ends_the_program_and_is_the_failure()
    {
        var pid = _folder["pid"];
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ShellAsync($"echo $$ > '{pid}'; cat", async (input, token) =>
        {
            await WaitForAsync(pid, token);
            throw new InvalidDataException("damaged");
        }));
        Assert.Equal("damaged", e.Message);
        await GoneAsync(pid);
    }

    [Fact]
    public async Task Cancelling_ends_the_program()
    {
        var pid = _folder["pid"];
        using var cancellation = new CancellationTokenSource();
        var running = _runner.RunAsync("/bin/sh", ["-c", $"echo $$ > '{pid}'; sleep 1000"], null, cancellation.Token);
        await WaitForAsync(pid, default);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await GoneAsync(pid);
    }

    [Fact]
    public async Task What_is_cancelled_before_is_not_started()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _runner.RunAsync("/bin/sh", ["-c", $"touch '{_folder["started"]}'"], null, new CancellationToken(canceled: true)));
        Assert.Empty(_folder.Everything());
    }

    private Task<ProcessOutcome?> ShellAsync(string script, Func<Stream, CancellationToken, Task>? input = null) =>
        _runner.RunAsync("/bin/sh", ["-c", script], input, default);

    private static Task WaitForAsync(string file, CancellationToken cancellationToken) =>
        UntilAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'), cancellationToken);

    // Killed processes are reaped a moment later; /proc tells a zombie by its empty command line.
    private static async Task GoneAsync(string pidFile)
    {
        var commandLine = $"/proc/{File.ReadAllText(pidFile).Trim()}/cmdline";
        await UntilAsync(() => !File.Exists(commandLine) || !IsThere(commandLine), default);
    }

    // The limit is only for the day on which this is broken.
    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); !condition();)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), "It did not come about.");
            await Task.Yield();
        }
    }

    private static bool IsThere(string commandLine)
    {
        try
        {
            return File.ReadAllText(commandLine).Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
