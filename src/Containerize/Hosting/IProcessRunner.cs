namespace Containerize.Hosting;

/// <summary>Runs other programs. Passed in, so that tests see what would be run.</summary>
internal interface IProcessRunner
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="call">The program.</param>
    /// <param name="cancellationToken">Ends the program and all that it started.</param>
    /// <returns>Exit code and output; null where the program does not exist.</returns>
    /// <exception cref="TimeoutException">It took too long. The message is the beginning of a sentence, without its full stop.</exception>
    /// <remarks>
    /// A program may stop reading early; that is no error of <see cref="ProgramCall.WriteInput"/>, the exit code tells.
    /// </remarks>
    Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken);
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">0 for success, by convention.</param>
/// <param name="Output">Its standard output, of which what is more than a few megabytes is cut off.</param>
/// <param name="Error">Its standard error, likewise.</param>
internal sealed record ProcessOutcome(int ExitCode, string Output, string Error);
