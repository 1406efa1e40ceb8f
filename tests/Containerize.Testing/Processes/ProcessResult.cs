using Xunit.Sdk;

namespace Containerize.Testing;

/// <summary>What a process left behind.</summary>
/// <param name="Command">The command as one would type it.</param>
/// <param name="ExitCode">The exit code; 128 and more after a signal.</param>
/// <param name="StandardOutput">All of the standard output, lines ending in <c>\n</c>.</param>
/// <param name="StandardError">All of the standard error, lines ending in <c>\n</c>.</param>
public sealed record ProcessResult(string Command, int ExitCode, string StandardOutput, string StandardError)
{
    /// <summary>Both outputs, the standard one first.</summary>
    public string Output => StandardOutput + StandardError;

    /// <summary>Fails the test, showing both outputs, unless the exit code is zero.</summary>
    /// <returns>This result.</returns>
    public ProcessResult EnsureSuccess() =>
        ExitCode == 0 ? this : throw new XunitException($"Exit code {ExitCode}, expected 0.\n{this}");

    /// <summary>Fails the test, showing both outputs, if the exit code is zero.</summary>
    /// <returns>This result.</returns>
    public ProcessResult EnsureFailure() =>
        ExitCode != 0 ? this : throw new XunitException($"Exit code 0, expected a failure.\n{this}");

    /// <inheritdoc/>
    public override string ToString() => $"$ {Command}\n{StandardOutput}{StandardError}[exit code {ExitCode}]";
}
