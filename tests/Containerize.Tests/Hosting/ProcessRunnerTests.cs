using System.Text;
using Containerize.Hosting;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class ProcessRunnerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ProcessRunner _runner = Runners.Real();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Input_output_errors_and_exit_code_are_carried()
    {
        var outcome = await ShellAsync(
            "cat; echo error >&2; exit 3", (input, token) => input.WriteAsync("input"u8.ToArray(), token).AsTask());
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

    [Fact]
    public async Task A_limit_ends_the_program_and_what_it_has_started()
    {
        var pid = _folder["pid"];
        var clock = new FakeClock();
        var running = new ProcessRunner(new HostEnvironment(), clock)
            .RunAsync(new ProgramCall("/bin/sh", ["-c", $"sleep 1000 & echo $! > '{pid}'; wait"], TimeSpan.FromSeconds(7)), default);
        await WaitForAsync(pid, default);
        clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("'/bin/sh -c' has not ended within 7 seconds", (await Assert.ThrowsAsync<TimeoutException>(() => running)).Message);
        await GoneAsync(pid);
    }

    // Helpers leave agents behind, which may hold their outputs for days.
    [Fact]
    public async Task A_program_that_has_ended_is_not_kept_by_what_it_has_left_behind()
    {
        var pid = _folder["pid"];
        var outcome = await _runner.RunAsync(
            new ProgramCall("/bin/sh", ["-c", $"sleep 1000 & echo $! > '{pid}'; echo answer; echo error >&2"], TimeSpan.FromSeconds(100)),
            default);
        Assert.Equal(new ProcessOutcome(0, "answer\n", "error\n"), outcome);
        // It was not ended either: it may be an agent that others use.
        Shell.Run(_folder.Path, $"kill -9 $(cat '{pid}')");
    }

    [Fact]
    public async Task What_a_program_prints_beyond_the_limit_goes_by()
    {
        var outcome = await ShellAsync("head -c 30000000 /dev/zero | tr '\\0' x; head -c 30000000 /dev/zero | tr '\\0' y >&2; exit 5");
        Assert.Equal((5, 4 << 20, 4 << 20), (outcome!.ExitCode, outcome.Output.Length, outcome.Error.Length));
    }

    [Fact]
    public async Task Variables_are_the_program_s_alone()
    {
        var outcome = await _runner.RunAsync(
            Runners.Call(
                "/bin/sh", "-c", "echo $CONTAINERIZE_X $HOME") with { Variables = [("CONTAINERIZE_X", "1"), ("HOME", "2")] }, default);
        Assert.Equal("1 2\n", outcome!.Output);
        Assert.Null(Environment.GetEnvironmentVariable("CONTAINERIZE_X"));
    }

    // Where .NET and CreateProcess look besides: the current folder, and that of the host.
    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("HERE", false)]
    [InlineData("./HERE", false)]
    [InlineData(":/usr/bin:", false)]
    [InlineData("FOLDER/bin", true)]
    [InlineData("/usr/bin:FOLDER/bin", true)]
    [InlineData("FOLDER/plain:FOLDER/bin", true)]
    [InlineData("FOLDER/folder:FOLDER/bin", true)]
    public async Task Programs_are_those_of_the_absolute_folders_of_PATH(string path, bool isFound)
    {
        var name = $"containerize-planted-{Guid.NewGuid():N}";
        Shell.Run(
            _folder.Path,
            $"mkdir -p bin plain folder/{name}; printf '#!/bin/sh\necho run' | tee bin/{name} > plain/{name}; chmod +x bin/{name}");
        // The current folder is the host's own here, too.
        var here = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, name + ".d")).FullName;
        try
        {
            File.Copy(_folder["bin/" + name], Path.Combine(Environment.CurrentDirectory, name));
            File.Copy(_folder["bin/" + name], Path.Combine(here, name));
            var value = path.Replace("FOLDER", _folder.Path, StringComparison.Ordinal)
                .Replace("HERE", name + ".d", StringComparison.Ordinal);
            var runner = new ProcessRunner(new EmptyEnvironment { ["PATH"] = value }, TimeProvider.System);

            Assert.Equal(isFound ? "run\n" : null, (await runner.RunAsync(Runners.Call(name), default))?.Output);
            Assert.Null(await runner.RunAsync(Runners.Call("./" + name), default));
            Assert.Null(await runner.RunAsync(Runners.Call($"{name}.d/{name}"), default));
        }
        finally
        {
            Directory.Delete(here, recursive: true);
            File.Delete(Path.Combine(Environment.CurrentDirectory, name));
        }
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
