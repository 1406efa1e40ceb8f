using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Containerize.Hosting;

/// <summary>Runs programs on this machine, by their full paths (<see cref="ProgramPath"/>), and none without an end.</summary>
/// <param name="environment">Has PATH: this build's, where a process builds several times.</param>
/// <param name="clock">Tells when a program has taken too long.</param>
internal sealed class ProcessRunner(IEnvironment environment, TimeProvider clock) : IProcessRunner
{
    // Of each of its outputs. What programs are asked for here is a thousandth of that.
    private const int MostCharacters = 4 * 1024 * 1024;

    // For what lies in the pipes when a program has ended.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(call.Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return ProgramPath.Find(call.Name, environment) is { } path
                ? await RunAsync(path, call, either.Token).ConfigureAwait(false)
                : null;
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{call.Title} has not ended within {call.Limit.TotalSeconds:0} seconds", e);
        }
    }

    private static async Task<ProcessOutcome?> RunAsync(string path, ProgramCall call, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(path, call.Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                CreateNoWindow = true,
            },
        };
        foreach (var (name, value) in call.Variables)
            process.StartInfo.Environment[name] = value;
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        try
        {
            var (output, error) = (new StringBuilder(), new StringBuilder());
            var reading = Task.WhenAll(
                ReadAsync(process.StandardOutput, output, cancellationToken), ReadAsync(process.StandardError, error, cancellationToken));
            try
            {
                if (call.WriteInput is not null)
                    await call.WriteInput(process.StandardInput.BaseStream, cancellationToken).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException) when (PipeIsClosed(process))
            {
                // The program has read all that it wanted to; its exit code says whether that was success.
            }

            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            // A program that has ended has said all; one that it has left behind (gpg-agent) may hold its outputs for days.
            await Task.WhenAny(reading, Task.Delay(Rest, cancellationToken)).ConfigureAwait(false);
            lock (output)
            {
                lock (error)
                    return new ProcessOutcome(process.ExitCode, output.ToString(), error.ToString());
            }
        }
        catch
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // What comes after the limit goes by unread: the program must not block on a full pipe.
    private static async Task ReadAsync(StreamReader reader, StringBuilder text, CancellationToken cancellationToken)
    {
        var buffer = new char[16 * 1024];
        try
        {
            while (await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                lock (text)
                    text.Append(buffer, 0, Math.Min(count, MostCharacters - text.Length));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException or IOException)
        {
            // The program has ended, and is not waited for any more.
        }
    }

    // Input that cannot be read (a source's failure) must not look like a program that stopped reading.
    private static bool PipeIsClosed(Process process)
    {
        try
        {
            return process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
