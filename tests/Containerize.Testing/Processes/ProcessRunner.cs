using System.Diagnostics;
using System.Text;

namespace Containerize.Testing;

/// <summary>Starts processes and collects what they write.</summary>
public static class ProcessRunner
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Starts a process and waits for its end.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="cancellation">Kills the process and everything it started.</param>
    public static async Task<ProcessResult> RunAsync(ProcessCommand command, CancellationToken cancellation = default)
    {
        await using var running = Start(command, cancellation);
        return await running.Completion;
    }

    /// <summary>Starts a process and goes on, for tests that interrupt it or wait for what it writes.</summary>
    /// <param name="command">What to start.</param>
    /// <param name="cancellation">Kills the process and everything it started.</param>
    public static RunningProcess Start(ProcessCommand command, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(command.FileName, command.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };

        if (!command.InheritEnvironment)
            start.Environment.Clear();
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{command.FileName}' could not be started.");
        return new RunningProcess(command, process, cancellation);
    }
}
