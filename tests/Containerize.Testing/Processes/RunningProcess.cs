using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Containerize.Testing;

/// <summary>A process that was started and is being listened to. Disposing it kills what is left of its tree.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    // A grandchild that outlives the process (a build server) holds the pipes open: its silence is not worth waiting for.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly ProcessCommand command;
    private readonly Process process;
    private readonly StringBuilder standardOutput = new();
    private readonly StringBuilder standardError = new();
    private readonly ConcurrentDictionary<TaskCompletionSource<string>, Func<string, bool>> waiters = new();
    private readonly List<string> lines = [];
    private readonly Lock gate = new();

    internal RunningProcess(ProcessCommand command, Process process, CancellationToken cancellation)
    {
        this.command = command;
        this.process = process;
        Completion = RunAsync(cancellation);
    }

    /// <summary>The id of the process.</summary>
    public int Id => process.Id;

    /// <summary>Ends with the process; is cancelled when the process had to be killed because of the token.</summary>
    public Task<ProcessResult> Completion { get; }

    /// <summary>Waits for the first line, past or to come and of either output, that contains the text.</summary>
    /// <exception cref="InvalidOperationException">The process ended without such a line.</exception>
    public async Task<string> WaitForLineAsync(string text, CancellationToken cancellation = default)
    {
        Func<string, bool> matches = line => line.Contains(text, StringComparison.Ordinal);
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (lines.Find(line => matches(line)) is { } past)
                return past;
            waiters[found] = matches;
        }

        if (await Task.WhenAny(found.Task, Completion).WaitAsync(cancellation) == found.Task)
            return await found.Task;
        var result = await Completion;
        return found.Task.IsCompletedSuccessfully
            ? await found.Task
            : throw new InvalidOperationException($"The process ended before it wrote '{text}'.\n{result}");
    }

    /// <summary>Does what Ctrl+C does in a terminal, to this process alone: sends SIGINT.</summary>
    /// <exception cref="PlatformNotSupportedException">On Windows, where it would reach the test host as well.</exception>
    public async Task InterruptAsync()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("An interrupt reaches every process of a console on Windows.");
        var id = process.Id.ToString(CultureInfo.InvariantCulture);
        (await ProcessRunner.RunAsync(new ProcessCommand("kill", "-INT", id))).EnsureSuccess();
    }

    /// <summary>Kills the process and everything it started.</summary>
    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or AggregateException)
        {
            // It ended by itself in the meantime.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Completion.ContinueWith(static _ => { }, TaskScheduler.Default);
        process.Dispose();
    }

    private async Task<ProcessResult> RunAsync(CancellationToken cancellation)
    {
        using var reading = new CancellationTokenSource();
        var outputs = Task.WhenAll(
            ReadAsync(process.StandardOutput, standardOutput, reading.Token),
            ReadAsync(process.StandardError, standardError, reading.Token));
        var input = WriteInputAsync();

        try
        {
            await ExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await DrainAsync();
            throw new OperationCanceledException($"Killed before its end.\n{Result(exitCode: 137)}", cancellation);
        }

        await DrainAsync();
        return Result(process.ExitCode);

        Task DrainAsync()
        {
            reading.CancelAfter(DrainTime);
            return Task.WhenAll(outputs, input);
        }
    }

    private ProcessResult Result(int exitCode)
    {
        lock (gate)
            return new ProcessResult(command.ToString(), exitCode, standardOutput.ToString(), standardError.ToString());
    }

    // Process.WaitForExitAsync waits for the end of both pipes as well, hence for every grandchild.
    private async Task ExitAsync(CancellationToken cancellation)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult();
        process.EnableRaisingEvents = true;
        await exited.Task.WaitAsync(cancellation);
    }

    private async Task WriteInputAsync()
    {
        try
        {
            await using var input = process.StandardInput;
            await input.WriteAsync(command.StandardInput);
        }
        catch (IOException)
        {
            // The process ended, or closed its input, without reading all of it.
        }
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder text, CancellationToken cancellation)
    {
        try
        {
            while (await reader.ReadLineAsync(cancellation) is { } line)
                Add(line, text);
        }
        catch (OperationCanceledException)
        {
            // What came so far is the output.
        }
    }

    private void Add(string line, StringBuilder text)
    {
        lock (gate)
        {
            text.Append(line).Append('\n');
            lines.Add(line);
            foreach (var (waiter, matches) in waiters)
            {
                if (matches(line))
                    waiter.TrySetResult(line);
            }
        }

        command.OnLine?.Invoke(line);
    }
}
