namespace Containerize.Hosting;

/// <summary>Runs other programs. Passed in, so that tests see what would be run.</summary>
public interface IProcessRunner
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="fileName">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="writeInput">Writes its standard input, which is closed afterwards; null for none.</param>
    /// <param name="cancellationToken">Ends the program and all that it started.</param>
    /// <returns>Exit code and output; null where the program does not exist.</returns>
    /// <remarks>
    /// A program may stop reading early; that is no error of <paramref name="writeInput"/>, the exit code tells.
    /// </remarks>
    Task<ProcessOutcome?> RunAsync(
        string fileName,
        IReadOnlyList<string> arguments,
        Func<Stream, CancellationToken, Task>? writeInput,
        CancellationToken cancellationToken);
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success, by convention.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record ProcessOutcome(int ExitCode, string Output, string Error);
